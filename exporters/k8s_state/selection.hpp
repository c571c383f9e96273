// From the options to what is done: which kinds are watched, by which lists, and what is shown of them.
#pragma once

#include "common/kubernetes/watcher.hpp"
#include "exporters/k8s_state/options.hpp"
#include "exporters/k8s_state/renderer.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pifleet::k8s {

struct KindPlan {
    const ResourceKind* kind;
    std::shared_ptr<const void> owner;  // of a kind that is made at run time
    RenderOptions render;
    std::vector<kubernetes::WatcherOptions> watches;  // one, or one a namespace or node
};

struct Plan {
    std::vector<KindPlan> kinds;        // in the page's order
    std::vector<std::string> warnings;  // what is most likely not meant as it stands
};

/// Of the kinds that --resources may name. Errors name the flag, and for a misspelt name the nearest one.
Result<Plan> make_plan(const Options& options, std::span<const ResourceKind* const> known);

/// Of kinds of the user's own, all of which are shown; `owner` is what they belong to.
Result<Plan> make_custom_plan(const Options& options,
                              std::span<const ResourceKind* const> kinds,
                              std::shared_ptr<const void> owner);

}  // namespace pifleet::k8s
