// Configurations of tests/conformance/k8s/custom, each against the lines that belong to it.
#include "common/base/files.hpp"
#include "exporters/k8s_state/custom/kind.hpp"
#include "tests/unit/exporters/k8s_state/lines_of.hpp"

#include <string>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

std::string file(const std::string& name) {
    const auto text = read_file(std::string(PIFLEET_SOURCE_DIR) + "/tests/conformance/k8s/custom/" + name);
    REQUIRE(text.has_value());
    return *text;
}

void check(const std::string& name) {
    INFO(name);
    config::Faults faults(name);
    const auto configs = parse_custom_config(file(name + ".yaml"), faults);
    INFO(faults.text());
    REQUIRE(configs.has_value());
    const ApiResource foos{"myteam.io", "v1", "Foo", "foos", true};
    const auto made = make_custom_kinds(*configs, {&foos, 1});
    REQUIRE(made.kinds.size() == 1);
    CHECK(lines_of(made.kinds[0]->kind(), file("foo.json")) == file(name + ".prom"));
}

}  // namespace

TEST_CASE("k8s custom: golden configurations") {
    for (const auto* name : {"gauges", "kitchen_sink", "lists", "infos", "states"}) check(name);
}
