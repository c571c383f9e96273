// What pages say of their families: by target and by family.
#include "common/base/text.hpp"
#include "forwarder/status/api.hpp"
#include "forwarder/status/api_answer.hpp"
#include "forwarder/status/selector.hpp"

#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace pifleet::forwarder::status::api {

namespace {

// A limit that is absent or negative is none.
Result<std::size_t> limit(const http::Request& request, std::string_view name) {
    constexpr auto none = std::numeric_limits<std::size_t>::max();
    const auto text = parameter(request, name);
    if (text.empty()) return none;
    const auto number = to_int(text);
    if (!number) return failure(std::string(name) + " must be a number");
    return *number < 0 ? none : static_cast<std::size_t>(*number);
}

}  // namespace

http::Response targets_metadata(const http::Request& request, const std::vector<TargetFamilies>& targets) {
    const auto most = limit(request, "limit");
    if (!most) return bad_data(most.error().message);
    std::optional<Selector> selector;
    if (const auto text = parameter(request, "match_target"); !text.empty()) {
        auto parsed = Selector::parse(text);
        if (!parsed) return bad_data("invalid parameter \"match_target\": " + parsed.error().message);
        selector = std::move(*parsed);
    }
    const auto metric = parameter(request, "metric");
    Json found = Json::array();
    std::size_t count = 0;
    for (const auto& target : targets) {
        if (selector && !selector->matches(target.labels)) continue;
        if (count++ >= *most) break;
        for (const auto& family : target.families) {
            if (!metric.empty() && family.name != metric) continue;
            Json row{{"target", object(target.labels)}};
            if (metric.empty()) row["metric"] = family.name;
            row["type"] = family.type;
            row["help"] = family.help;
            row["unit"] = family.unit;
            found.push_back(std::move(row));
        }
    }
    return success(std::move(found));
}

http::Response metadata(const http::Request& request, const std::vector<TargetFamilies>& targets) {
    const auto most = limit(request, "limit");
    if (!most) return bad_data(most.error().message);
    // What is known of a family is one: no limit of that can be felt.
    if (const auto each = limit(request, "limit_per_metric"); !each) return bad_data(each.error().message);
    const auto metric = parameter(request, "metric");
    std::map<std::string_view, const FamilyRow*> families;
    for (const auto& target : targets)
        for (const auto& family : target.families)
            if (metric.empty() || family.name == metric) families.emplace(family.name, &family);
    Json::object_t found;  // filled from behind: a Json object looks every name up
    for (const auto& [name, family] : families) {
        if (found.size() >= *most) break;
        found.emplace_back(
            std::string(name),
            Json::array({Json{{"type", family->type}, {"unit", family->unit}, {"help", family->help}}}));
    }
    return success(Json(std::move(found)));
}

}  // namespace pifleet::forwarder::status::api
