// From an object's JSON to its lines. One renderer a kind; its buffers are kept from object to object.
#pragma once

#include "common/base/result.hpp"
#include "exporters/k8s_state/allow_list.hpp"
#include "exporters/k8s_state/kind.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

struct RenderOptions {
    std::vector<const FamilyRow*> families;  // those that are on, in the page's order
    LabelAllowList labels, annotations;
};

/// What the store knows an object by.
struct ObjectName {
    std::string ns, name, uid;
};

class Renderer {
  public:
    Renderer(const ResourceKind& kind, RenderOptions options);
    ~Renderer();

    /// The names of an object; an error when the text is no JSON object with a name.
    Result<ObjectName> read(std::string_view json);
    /// The lines of the object that was read last, by family of the options. Valid until the next read().
    const Rendered& render();

    /// Gives back the room that the last object took; for one that was large.
    void forget();

    const ResourceKind& kind() const { return kind_; }
    const RenderOptions& options() const { return options_; }

  private:
    struct Document;
    const ResourceKind& kind_;
    RenderOptions options_;
    std::unique_ptr<Document> document_;
    Rendered rendered_;
    Samples samples_{rendered_};
};

}  // namespace pifleet::k8s
