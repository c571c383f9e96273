#include "tests/unit/exporters/k8s_state/captures.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/k8s_state/registry.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace pifleet::k8s {

std::string conformance_file(const std::string& name) {
    auto text = read_file(std::string(PIFLEET_SOURCE_DIR) + "/tests/conformance/k8s/" + name, 64 << 20);
    REQUIRE(text);
    return *text;
}

std::vector<std::string> captured_objects(const ResourceKind& kind) {
    const bool table = kind.form == Form::table;
    const auto list = boost::json::parse(conformance_file(
        "captures/" + std::string(table ? "table-list-" : "list-") + std::string(kind.name) + ".json"));
    std::vector<std::string> out;
    for (const auto& object : list.at(table ? "rows" : "items").as_array())
        out.push_back(boost::json::serialize(object));
    return out;
}

RenderOptions everything(const ResourceKind& kind) {
    RenderOptions options;
    for (const auto& family : kind.families) options.families.push_back(&family);
    options.labels = options.annotations = LabelAllowList({"*"});
    return options;
}

RenderOptions defaults(const ResourceKind& kind) {
    RenderOptions options;
    for (const auto& family : kind.families)
        if (!family.opt_in) options.families.push_back(&family);
    return options;
}

std::vector<std::string> lines_of(std::string_view kind, std::string_view family, std::string_view json) {
    const auto* found = find_kind(kind);
    REQUIRE(found != nullptr);
    auto options = everything(*found);
    std::erase_if(options.families, [&](const FamilyRow* row) { return row->name != family; });
    REQUIRE(options.families.size() == 1);
    std::string text(json);
    std::replace(text.begin(), text.end(), '\'', '"');
    Renderer renderer(*found, options);
    const auto name = renderer.read(text);
    REQUIRE(name.has_value());
    std::string identity = std::string(family) + '{';
    for (const auto label : found->identity)
        identity += std::string(label) + "=\"" +
                    (label == "namespace" ? name->ns
                     : label == "uid"     ? name->uid
                                          : name->name) +
                    "\",";
    identity.back() = '}';  // of a sample that has no other label
    std::vector<std::string> out;
    for (const auto line : split(renderer.render().family(0), '\n')) {
        if (line.empty()) continue;
        const auto beginning = line.substr(0, identity.size());
        REQUIRE(beginning.substr(0, identity.size() - 1) == identity.substr(0, identity.size() - 1));
        REQUIRE((beginning.back() == '}' || beginning.back() == ','));
        const auto rest = line.substr(identity.size());
        out.emplace_back(beginning.back() == '}' ? trim(rest) : rest);
    }
    return out;
}

}  // namespace pifleet::k8s
