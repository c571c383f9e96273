// What a kind makes of an object: all its families' lines, for the tests.
#pragma once

#include "exporters/k8s_state/registry.hpp"
#include "exporters/k8s_state/renderer.hpp"
#include "tests/catch.hpp"

#include <string>
#include <string_view>

namespace pifleet::k8s {

inline std::string lines_of(const ResourceKind& kind, std::string_view json, RenderOptions options = {}) {
    for (const auto& family : kind.families) options.families.push_back(&family);
    Renderer renderer(kind, std::move(options));
    REQUIRE(renderer.read(json).has_value());
    return renderer.render().text;
}

inline std::string lines_of(std::string_view kind, std::string_view json, RenderOptions options = {}) {
    REQUIRE(find_kind(kind) != nullptr);
    return lines_of(*find_kind(kind), json, std::move(options));
}

}  // namespace pifleet::k8s
