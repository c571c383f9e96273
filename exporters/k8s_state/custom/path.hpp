// Where in an object a value stands: a list of steps, each a member's name, an index, or a search in a list.
#pragma once

#include "common/base/result.hpp"
#include "exporters/k8s_state/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

class Path {
  public:
    /// Adds a step: "name" (or, in a list, "0", "-1" from its end), "[2]", "[name=value]" for the first item
    /// of a list whose member has this value, "name=value" for a member that has it. The error says what a
    /// step may be.
    Result<void> add(std::string_view step);

    /// What stands there; nothing when any step leads nowhere. An empty path is the value itself.
    Json get(Json from) const;

    bool empty() const { return steps_.empty(); }
    /// The name, when the path is one step.
    std::string_view only() const { return steps_.size() == 1 ? std::string_view(steps_[0].text) : ""; }

  private:
    struct Step {
        std::string text;
        std::optional<std::int64_t> index;
        bool search = false;
        // Of a search, or of a member that must have a value.
        std::optional<std::string> key;
        std::string value;
        std::optional<double> number;  // the value as one

        bool fits(Json candidate) const;
        Json found_in(Json list) const;
        Json in(Json from) const;
    };
    std::vector<Step> steps_;
};

}  // namespace pifleet::k8s
