// From the configuration and the server's own lists of resources to kinds.
#include "exporters/k8s_state/custom/kind.hpp"

#include "tests/unit/exporters/k8s_state/lines_of.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <vector>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

std::vector<CustomResourceConfig> configs_of(const std::string& entries) {
    config::Faults faults("c.yml");
    auto configs = parse_custom_config("spec: {resources: [" + entries + "]}", faults);
    INFO(faults.text());
    REQUIRE(configs.has_value());
    return *configs;
}

std::string entry(const std::string& group,
                  const std::string& version,
                  const std::string& kind,
                  const std::string& name) {
    return "{groupVersionKind: {group: \"" + group + "\", version: \"" + version + "\", kind: \"" + kind +
           "\"}, metrics: [{name: " + name +
           ", help: H, each: {type: Info, info: {path: [metadata], labelsFromPath: {name: [name]}}}}]}";
}

std::vector<std::string> names(const CustomKinds& made) {
    std::vector<std::string> out;
    for (const auto& kind : made.kinds) {
        auto text = std::string(kind->kind().group) + '/' + std::string(kind->kind().name);
        for (const auto& family : kind->kind().families) text += ' ' + std::string(family.name);
        out.push_back(text);
    }
    return out;
}

const std::vector<ApiResource> server{{"g.io", "v1", "Foo", "foos", true},
                                      {"g.io", "v1", "Bar", "bars", false},
                                      {"g.io", "v2", "Foo", "foos", true},
                                      {"other.io", "v1", "Foo", "foos", true},
                                      {"", "v1", "Secret", "secrets", true},
                                      {"", "v1", "ConfigMap", "configmaps", true}};

}  // namespace

TEST_CASE("k8s custom kinds: exact, by star, and what the server lacks") {
    const auto made = make_custom_kinds(configs_of(entry("g.io", "v1", "Foo", "a")), server);
    CHECK(names(made) == std::vector<std::string>{"/apis/g.io/v1/foos kube_customresource_a"});
    CHECK(made.kinds[0]->kind().namespaced);
    CHECK(made.missing.empty());
    CHECK(names(make_custom_kinds(configs_of(entry("g.io", "*", "Foo", "a")), server)) ==
          std::vector<std::string>{"/apis/g.io/v1/foos kube_customresource_a",
                                   "/apis/g.io/v2/foos kube_customresource_a"});
    CHECK(names(make_custom_kinds(configs_of(entry("g.io", "v1", "*", "a")), server)).size() == 2);
    CHECK(names(make_custom_kinds(configs_of(entry("", "v1", "*", "a")), server)) ==
          std::vector<std::string>{"/api/v1/configmaps kube_customresource_a"});
    const auto none = make_custom_kinds(configs_of(entry("g.io", "v1", "Baz", "a")), server);
    CHECK(none.kinds.empty());
    CHECK(none.missing == std::vector<std::string>{"Baz of g.io/v1"});
}

TEST_CASE("k8s custom kinds: entries that meet in one resource share it, and its families") {
    const auto made =
        make_custom_kinds(configs_of(entry("g.io", "v1", "Foo", "a") + "," + entry("g.io", "*", "*", "a") +
                                     "," + entry("g.io", "v1", "*", "b")),
                          server);
    CHECK(names(made) ==
          std::vector<std::string>{"/apis/g.io/v1/foos kube_customresource_a kube_customresource_b",
                                   "/apis/g.io/v1/bars kube_customresource_a kube_customresource_b",
                                   "/apis/g.io/v2/foos kube_customresource_a"});
    // Two metrics give the same series: it stands there once.
    CHECK(lines_of(made.kinds[0]->kind(), R"({"metadata":{"name":"x"}})") ==
          "kube_customresource_a{customresource_group=\"g.io\",customresource_kind=\"Foo\",customresource_"
          "version="
          "\"v1\",name=\"x\"} 1\n"
          "kube_customresource_b{customresource_group=\"g.io\",customresource_kind=\"Foo\",customresource_"
          "version="
          "\"v1\",name=\"x\"} 1\n");
}

TEST_CASE("k8s custom kinds: a row has the name, type and help of its metric") {
    const auto made = make_custom_kinds(configs_of(entry("g.io", "v1", "Foo", "a")), server);
    const auto& row = made.kinds[0]->kind().families[0];
    CHECK(row.name == "kube_customresource_a");
    CHECK(row.help == "H");
    CHECK(row.type == metrics::Type::info);
    CHECK_FALSE(row.opt_in);
}

TEST_CASE("k8s custom kinds: objects of any shape") {
    const auto made = make_custom_kinds(configs_of(entry("g.io", "v1", "Foo", "a")), server);
    Renderer renderer(made.kinds[0]->kind(), {});
    CHECK(renderer.read("[]").has_error());
    CHECK(renderer.read(R"({"metadata":{"name":""}})").has_error());
    CHECK(lines_of(made.kinds[0]->kind(), R"({"metadata":{"name":"x","labels":[1]},"spec":"text"})").size() >
          1);
}

TEST_CASE("k8s custom discovery: what to ask") {
    const auto configs = configs_of(entry("g.io", "v1", "Foo", "a") + "," + entry("g.io", "*", "Bar", "b") +
                                    "," + entry("", "v1", "ConfigMap", "c"));
    CHECK(needs_groups(configs));
    const auto groups = boost::json::parse(
        R"({"groups":[{"name":"other.io","versions":[{"version":"v9"}]},
            {"name":"g.io","versions":[{"version":"v2"},{"version":"v1"},{"version":"../x"},7]},null]})");
    CHECK(resource_paths(configs, Json(groups)) ==
          std::vector<std::string>{"/apis/g.io/v1", "/apis/g.io/v2", "/api/v1"});
    CHECK(resource_paths(configs, Json()) == std::vector<std::string>{"/apis/g.io/v1", "/api/v1"});
    CHECK_FALSE(needs_groups(configs_of(entry("g.io", "v1", "Foo", "a"))));
}

TEST_CASE("k8s custom discovery: what the server answers") {
    const auto answer = boost::json::parse(
        R"({"groupVersion":"g.io/v1","resources":[
            {"name":"foos","kind":"Foo","namespaced":true,"verbs":["get","list","watch"]},
            {"name":"foos/status","kind":"Foo","namespaced":true,"verbs":["get","list","watch"]},
            {"name":"bars","kind":"Bar","verbs":["list","watch"]},
            {"name":"reviews","kind":"Review","verbs":["create"]},
            {"name":"../x","kind":"X","verbs":["list","watch"]},
            {"name":"nokind","verbs":["list","watch"]}, 7, null]})");
    CHECK(read_resources(Json(answer)) == std::vector<ApiResource>{{"g.io", "v1", "Foo", "foos", true},
                                                                   {"g.io", "v1", "Bar", "bars", false}});
    const auto core = boost::json::parse(
        R"({"groupVersion":"v1","resources":[{"name":"pods","kind":"Pod","namespaced":true,"verbs":["list","watch"]}]})");
    CHECK(read_resources(Json(core)) == std::vector<ApiResource>{{"", "v1", "Pod", "pods", true}});
    CHECK(read_resources(Json()).empty());
}
