// Faults of a configuration: where they stand and what was meant.
#include "exporters/k8s_state/custom/config.hpp"

#include "tests/catch.hpp"

#include <string>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

std::string faults_of(const std::string& text) {
    config::Faults faults("c.yml");
    const auto configs = parse_custom_config(text, faults);
    CHECK(configs.has_value() == faults.empty());
    return faults.text();
}

// A configuration whose only metric is this; its first line is line 5.
std::string metric(const std::string& text) {
    return "kind: CustomResourceStateMetrics\nspec:\n  resources:\n"
           "    - groupVersionKind: {group: g.io, version: v1, kind: Foo}\n      metrics: [" +
           text + "]\n";
}

std::string gvk(const std::string& text) {
    return "spec:\n  resources:\n    - groupVersionKind: " + text + "\n";
}

}  // namespace

TEST_CASE("k8s custom config: keys that are misspelt") {
    CHECK(faults_of("kind: CustomResourceStateMetrics\nspecs: {}\n") ==
          "c.yml:2:1: unknown key 'specs' (did you mean 'spec'?)");
    CHECK(faults_of("spec: {resource: []}\n") ==
          "c.yml:1:8: unknown key 'resource' (did you mean 'resources'?)");
    CHECK(faults_of(metric("{name: a, each: {type: Gauge, gauge: {pth: [a]}}}")) ==
          "c.yml:5:55: unknown key 'pth' (did you mean 'path'?)");
    CHECK(faults_of(metric("{name: a, each: {type: Gauge, guage: {}}}")) ==
          "c.yml:5:40: expected a section 'gauge' beside the type\nc.yml:5:47: unknown key 'guage' (did you "
          "mean 'gauge'?)");
    CHECK(faults_of("kind: CustomResource\n") ==
          "c.yml:1:7: expected CustomResourceStateMetrics, not 'CustomResource'");
}

TEST_CASE("k8s custom config: types and what they need") {
    CHECK(faults_of(metric("{name: a, each: {type: Gauge, gauge: {path: [a]}}}")) == "");
    CHECK(faults_of(metric("{name: a, each: {type: gAUGE, gauge: {}}, errorLogV: 3, help: x}")) == "");
    CHECK(faults_of(metric("{name: a, each: {type: Guage, gauge: {}}}")) ==
          "c.yml:5:40: expected Gauge, StateSet or Info, not 'Guage' (did you mean 'Gauge'?)");
    CHECK(faults_of(metric("{name: a, each: {type: Info, gauge: {}}}")) ==
          "c.yml:5:40: expected a section 'info' beside the type");
    CHECK(faults_of(metric("{name: a, each: {gauge: {}}}")) ==
          "c.yml:5:33: expected a type: Gauge, StateSet or Info");
    CHECK(faults_of(metric("{name: a}")) == "c.yml:5:17: a metric needs 'each': what becomes a sample");
    CHECK(faults_of(metric("{each: {type: Gauge, gauge: {}}}")) == "c.yml:5:17: a metric needs a name");
    CHECK(faults_of(metric("{name: a, each: {type: StateSet, stateSet: {list: [x]}}}")) ==
          "c.yml:5:60: expected a labelName: the label for the states");
}

TEST_CASE("k8s custom config: steps, names and labels that are none") {
    CHECK(faults_of(metric("{name: a, each: {type: Gauge, gauge: {path: [a, \"[b]\"]}}}")) ==
          "c.yml:5:65: '[b]' is no step: expected [name=value] or an index");
    CHECK(faults_of(metric("{name: a-b, each: {type: Gauge, gauge: {path: [a]}}}")) ==
          "c.yml:5:17: 'kube_customresource_a-b' is no name of a metric");
    CHECK(faults_of(metric("{name: a, commonLabels: {a-b: x}, each: {type: Gauge, gauge: {}}}")) ==
          "c.yml:5:42: 'a-b' is no name of a label");
    CHECK(faults_of(metric("{name: a, each: {type: Gauge, gauge: {labelFromKey: 1x}}}")) ==
          "c.yml:5:69: '1x' is no name of a label");
    CHECK(faults_of(metric("{name: a, each: {type: Gauge, gauge: {path: a}}}")) ==
          "c.yml:5:61: expected a list, not text");
}

TEST_CASE("k8s custom config: a family has one type, a resource one entry") {
    CHECK(faults_of(
              metric("{name: a, each: {type: Gauge, gauge: {}}}, {name: a, each: {type: Info, info: {}}}")) ==
          "c.yml:5:60: 'kube_customresource_a' has another type above: a family has one");
    const std::string entry = "    - groupVersionKind: {group: g.io, version: v1, kind: Foo}\n";
    CHECK(faults_of("spec:\n  resources:\n" + entry + entry) ==
          "c.yml:4:7: Foo of g.io/v1 stands here twice: put its metrics below one");
}

TEST_CASE("k8s custom config: which resource") {
    CHECK(faults_of(gvk("{group: g.io, version: \"*\", kind: \"*\"}")) == "");
    CHECK(faults_of(gvk("{group: \"\", version: v1, kind: ConfigMap}")) == "");
    CHECK(faults_of(gvk("{group: g.io}")) ==
          "c.yml:3:25: expected a version: its name, or \"*\" for every one\n"
          "c.yml:3:25: expected a kind: its name, or \"*\" for every one");
    CHECK(faults_of(gvk("{group: \"*\", version: v1, kind: Foo}")) ==
          "c.yml:3:25: a group is one group: only version and kind may be \"*\"");
    CHECK(faults_of(gvk("{group: g.io/../x, version: v1, kind: Foo}")) ==
          "c.yml:3:25: 'g.io/../x' is no name of an API group or version");
    CHECK(faults_of(gvk("{version: v1, kind: Secret}")) ==
          "c.yml:3:25: secrets are never read whole: see the families of --resources=secrets");
    CHECK(faults_of("spec: {resources: [{metrics: []}]}\n") ==
          "c.yml:1:20: a resource needs 'groupVersionKind'");
    CHECK(faults_of("") == "c.yml: the file is empty: expected spec.resources");
}
