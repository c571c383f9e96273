#include "exporters/k8s_state/selection.hpp"

#include "common/base/text.hpp"
#include "exporters/k8s_state/family_filter.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::k8s {

namespace {

using Kinds = std::span<const ResourceKind* const>;

bool has(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Error unknown_resource(std::string_view flag, std::string_view name, Kinds known) {
    std::vector<std::string_view> candidates;
    for (const auto* kind : known) candidates.push_back(kind->name);
    auto text = std::string(flag) + ": there is no resource '" + std::string(name) + '\'';
    const auto meant = did_you_mean(name, candidates);
    if (!meant.empty()) return failure(text + meant);
    text += "; there are";
    for (const auto candidate : candidates) (text += ' ') += candidate;
    return failure(text);
}

bool is_known(std::string_view name, Kinds known) {
    return std::any_of(known.begin(), known.end(), [name](const auto* kind) { return kind->name == name; });
}

Result<std::vector<const ResourceKind*>> chosen(const Options& options, Kinds known) {
    for (const auto& name : options.resources)
        if (!is_known(name, known)) return unknown_resource("--resources", name, known);
    const bool by_node = !options.nodes.empty() || options.track_unscheduled_pods;
    for (const auto& name : options.resources)
        if (by_node && name != "pods")
            return failure("--node: only pods belong to a node, '" + name +
                           "' does not; leave it to another exporter without --node");
    std::vector<const ResourceKind*> out;
    for (const auto* kind : known) {
        const bool on = options.resources.empty() ? (by_node ? kind->name == "pods" : kind->enabled)
                                                  : has(options.resources, kind->name);
        if (on && !options.custom_only) out.push_back(kind);
    }
    return out;
}

Result<void> check(std::string_view flag, const AllowLists& lists, Kinds known) {
    for (const auto& [resource, keys] : lists) {
        if (resource != "*" && !is_known(resource, known)) return unknown_resource(flag, resource, known);
        for (const auto& key : keys)
            if (std::count(key.begin(), key.end(), '*') > 1)
                return failure(std::string(flag) + ": '" + key + "': a key has one '*' at most");
    }
    return {};
}

LabelAllowList allowed(const AllowLists& lists, std::string_view resource) {
    Names keys;
    for (const auto name : {std::string_view("*"), resource})
        if (const auto found = lists.find(name); found != lists.end())
            keys.insert(keys.end(), found->second.begin(), found->second.end());
    return LabelAllowList(keys);
}

struct Filters {
    FamilyFilter allow, deny, opt_in;
    bool shows(const FamilyRow& family) const {
        if (family.opt_in && !opt_in.fits(family.name)) return false;
        return allow.empty() ? !deny.fits(family.name) : allow.fits(family.name);
    }
};

Result<Filters> filters(const Options& options) {
    if (!options.metric_allowlist.empty() && !options.metric_denylist.empty())
        return failure("--metric-allowlist and --metric-denylist: only one of them may be given");
    auto allow = FamilyFilter::make(options.metric_allowlist);
    if (!allow) return failure("--metric-allowlist: " + allow.error().message);
    auto deny = FamilyFilter::make(options.metric_denylist);
    if (!deny) return failure("--metric-denylist: " + deny.error().message);
    auto opt_in = FamilyFilter::make(options.metric_opt_in_list);
    if (!opt_in) return failure("--metric-opt-in-list: " + opt_in.error().message);
    return Filters{std::move(*allow), std::move(*deny), std::move(*opt_in)};
}

void add_warnings(const Filters& filters, Kinds known, std::vector<std::string>& out) {
    std::vector<std::string_view> names;
    for (const auto* kind : known)
        for (const auto& family : kind->families) names.push_back(family.name);
    const std::pair<std::string_view, const FamilyFilter*> all[] = {
        {"--metric-allowlist", &filters.allow},
        {"--metric-denylist", &filters.deny},
        {"--metric-opt-in-list", &filters.opt_in}};
    for (const auto& [flag, filter] : all)
        for (const auto& entry : filter->idle(names))
            out.push_back(std::string(flag) + ": no family is called '" + entry + '\'' +
                          did_you_mean(entry, names));
}

// Namespaces to watch one by one; none: all of them at once.
Result<Names> namespaces(const Options& options) {
    Names out;
    for (const auto& name : options.namespaces)
        if (!has(options.namespaces_denylist, name) && !has(out, name)) out.push_back(name);
    if (out.empty() && !options.namespaces.empty())
        return failure("--namespaces: --namespaces-denylist leaves none of them");
    for (const auto& name : out)
        if (name.find_first_of("/?#% ") != name.npos)
            return failure("--namespaces: '" + name + "' is no namespace's name");
    return out;
}

// The selectors by which a kind is watched, one a list.
Names selectors(const ResourceKind& kind, const Options& options, bool all_namespaces) {
    std::string excluded;
    if (kind.namespaced && all_namespaces)
        for (const auto& name : options.namespaces_denylist)
            excluded += (excluded.empty() ? "metadata.namespace!=" : ",metadata.namespace!=") + name;
    if (kind.name != "pods") return {excluded};
    const std::string comma = excluded.empty() ? "" : ",";
    if (options.track_unscheduled_pods) return {excluded + comma + "spec.nodeName="};
    Names out;
    for (const auto& node : options.nodes) out.push_back(excluded + comma + "spec.nodeName=" + node);
    if (out.empty()) out.push_back(excluded);
    return out;
}

std::vector<kubernetes::WatcherOptions> watches(const ResourceKind& kind,
                                                const Options& options,
                                                const Names& namespaces) {
    kubernetes::WatcherOptions base;
    base.as_table = kind.form == Form::table;
    base.from_cache = options.use_apiserver_cache;
    base.most_objects = options.object_limit;
    const bool apart = kind.namespaced && !namespaces.empty();
    const std::string group(kind.group), resource = '/' + std::string(kind.name);
    std::vector<kubernetes::WatcherOptions> out;
    for (const auto& selector : selectors(kind, options, !apart)) {
        base.field_selector = selector;
        base.path = group + resource;
        if (!apart) out.push_back(base);
        for (const auto& name : apart ? namespaces : Names{}) {
            base.path = group + "/namespaces/" + name + resource;
            out.push_back(base);
        }
    }
    return out;
}

Result<Plan> plan_of(const Options& options,
                     Kinds kinds,
                     const Filters& shown,
                     const std::shared_ptr<const void>& owner = nullptr) {
    const auto only = namespaces(options);
    if (!only) return only.error();
    Plan out;
    for (const auto* kind : kinds) {
        KindPlan plan{kind, owner, {}, watches(*kind, options, *only)};
        for (const auto& family : kind->families)
            if (shown.shows(family)) plan.render.families.push_back(&family);
        plan.render.labels = allowed(options.labels_allowlist, kind->name);
        plan.render.annotations = allowed(options.annotations_allowlist, kind->name);
        if (!plan.render.families.empty()) out.kinds.push_back(std::move(plan));
    }
    return out;
}

}  // namespace

Result<Plan> make_plan(const Options& options, Kinds known) {
    const auto kinds = chosen(options, known);
    if (!kinds) return kinds.error();
    const auto shown = filters(options);
    if (!shown) return shown.error();
    if (auto good = check("--metric-labels-allowlist", options.labels_allowlist, known); !good)
        return good.error();
    if (auto good = check("--metric-annotations-allowlist", options.annotations_allowlist, known); !good)
        return good.error();
    auto out = plan_of(options, *kinds, *shown);
    if (!out) return out.error();
    const bool custom = !options.custom_config.empty() || !options.custom_config_file.empty();
    if (custom) return out;  // there may be families of other names
    add_warnings(*shown, known, out->warnings);
    if (out->kinds.empty()) return failure("nothing is left to show: no resource, or no family of any");
    return out;
}

Result<Plan> make_custom_plan(const Options& options, Kinds kinds, std::shared_ptr<const void> owner) {
    const auto shown = filters(options);
    if (!shown) return shown.error();
    return plan_of(options, kinds, *shown, owner);
}

}  // namespace pifleet::k8s
