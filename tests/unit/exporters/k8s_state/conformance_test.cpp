// Every object that a real API server listed, rendered, against the page that belongs to it
// (tests/conformance/k8s): each family has the same samples, in any order. Families of kinds that the
// registry lacks are its fault.
#include "common/base/text.hpp"
#include "exporters/k8s_state/registry.hpp"
#include "exporters/k8s_state/renderer.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

using Lines = std::map<std::string, std::multiset<std::string>>;  // of a family, values in one spelling

void add_line(Lines& lines, std::string_view family, std::string_view line) {
    const auto blank = line.rfind(' ');
    const auto value = to_double(line.substr(blank + 1));
    REQUIRE(value);
    lines[std::string(family)].insert(std::string(line.substr(0, blank + 1)) + number_text(*value));
}

Lines expected(const std::string& page) {
    Lines lines;
    const auto text = conformance_file(page);
    std::string_view family;
    for (const auto line : split(text, '\n')) {
        if (line.starts_with("# TYPE "))
            family = fields(line)[2], lines[std::string(family)];
        else if (!line.empty() && line.front() != '#')
            add_line(lines, family, line);
    }
    return lines;
}

// The three that are wrong there: see the folder's README.
bool excepted(const std::string& line) {
    return line.starts_with("kube_volumeattachment_labels{") ||
           (line.starts_with("kube_cronjob_next_schedule_time{") &&
            (line.find("\"dow-dom\"") != std::string::npos || line.find("\"step-60\"") != std::string::npos));
}

std::multiset<std::string> without_exceptions(const std::multiset<std::string>& lines) {
    std::multiset<std::string> out;
    for (const auto& line : lines)
        if (!excepted(line)) out.insert(line);
    return out;
}

// What some flags make of a kind: nothing when it is not asked for.
using Selection = std::optional<RenderOptions> (*)(const ResourceKind& kind);

bool in_namespaces(const ResourceKind& kind,
                   const ObjectName& name,
                   const std::set<std::string>& namespaces) {
    return !kind.namespaced || namespaces.empty() || namespaces.contains(name.ns);
}

Lines rendered(const ResourceKind& kind, RenderOptions options, const std::set<std::string>& namespaces) {
    Lines lines;
    for (const auto* family : options.families) lines[std::string(family->name)];
    Renderer renderer(kind, std::move(options));
    for (const auto& object : captured_objects(kind)) {
        const auto name = renderer.read(object);
        REQUIRE(name.has_value());
        if (!in_namespaces(kind, *name, namespaces)) continue;
        const auto& text = renderer.render();
        for (std::size_t i = 0; i < renderer.options().families.size(); ++i)
            for (const auto line : split(text.family(i), '\n'))
                if (!line.empty()) add_line(lines, renderer.options().families[i]->name, line);
    }
    return lines;
}

void compare(const std::string& page, Selection selection, const std::set<std::string>& namespaces = {}) {
    setenv("TZ", "UTC", 1);  // that cluster's: schedules without a zone are read in it
    auto theirs = expected(page);
    for (const auto* kind : registry()) {
        const auto options = selection(*kind);
        if (!options) continue;
        for (const auto& [family, lines] : rendered(*kind, *options, namespaces)) {
            INFO(family);
            REQUIRE(theirs.contains(family));
            CHECK(without_exceptions(lines) == without_exceptions(theirs[family]));
            theirs.erase(family);
        }
    }
    std::string missing;
    for (const auto& [family, lines] : theirs) missing += family + ' ';
    CHECK(missing == "");
}

}  // namespace

TEST_CASE("k8s: the page of the default flags") {
    compare("expected.prom", [](const ResourceKind& kind) {
        return kind.enabled ? std::optional(defaults(kind)) : std::nullopt;
    });
}

TEST_CASE("k8s: the page of everything that can be switched on") {
    compare("expected-all.prom", [](const ResourceKind& kind) { return std::optional(everything(kind)); });
}

TEST_CASE("k8s: the page of some kinds, namespaces, labels and families") {
    const auto selection = [](const ResourceKind& kind) -> std::optional<RenderOptions> {
        if (kind.name != "pods" && kind.name != "nodes" && kind.name != "services") return std::nullopt;
        auto options = defaults(kind);
        std::erase_if(options.families, [](const FamilyRow* family) {
            return family->name.starts_with("kube_pod_container_") ||
                   family->name.find("_created") != std::string_view::npos;
        });
        if (kind.name == "pods") options.labels = LabelAllowList({"app", "app.kubernetes.io/*"});
        if (kind.name == "nodes") options.labels = LabelAllowList({"pi.example.org/model"});
        return options;
    };
    compare("expected-filtered.prom", selection, {"media", "ci"});
}

TEST_CASE("k8s: families stand in the page's order, each once") {
    const auto page = conformance_file("expected-all.prom");
    std::vector<std::string> theirs, ours;
    for (const auto line : split(page, '\n'))
        if (line.starts_with("# TYPE ")) theirs.emplace_back(fields(line)[2]);
    for (const auto* kind : registry())
        for (const auto& family : kind->families) ours.emplace_back(family.name);
    CHECK(ours == theirs);
}
