#include "forwarder/discovery/target_list.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::vector<TargetGroup> good(std::string_view text, ListFormat format) {
    const auto groups = read_target_list(text, format, "f");
    INFO(text);
    INFO((groups ? "" : groups.error().message));
    REQUIRE(groups.has_value());
    return *groups;
}

std::string fault(std::string_view text, ListFormat format) {
    const auto groups = read_target_list(text, format, "f");
    INFO(text);
    REQUIRE_FALSE(groups.has_value());
    return groups.error().message;
}

}  // namespace

TEST_CASE("both formats give the same lists") {
    const std::vector<TargetGroup> wanted{{{"a:1", "b:2"}, {{"room", "attic"}, {"x", ""}}}, {{"c:3"}, {}}};
    CHECK(good(R"([{"targets": ["a:1", "b:2"], "labels": {"x": "", "room": "attic"}}, {"targets": ["c:3"]}])",
               ListFormat::json) == wanted);
    CHECK(good("- targets: ['a:1', b:2]\n  labels:\n    room: attic\n    x: ''\n- targets:\n  - c:3\n",
               ListFormat::yaml) == wanted);
    for (const auto none : {"[]", "null"}) {
        CHECK(good(none, ListFormat::json).empty());
        CHECK(good(none, ListFormat::yaml).empty());
    }
    CHECK(good("# only a remark\n", ListFormat::yaml).empty());
    CHECK(good(R"([{"targets": null, "labels": null}])", ListFormat::json) == std::vector<TargetGroup>(1));
    CHECK(good(R"([{"targets": ["\u00e4\"\n"]}])", ListFormat::json)[0].targets[0] == "ä\"\n");
}

TEST_CASE("what Prometheus refuses is refused, with the place") {
    CHECK(fault("[{\"targets\": [\"a\"]},\n {\"targets\": [\"b", ListFormat::json) ==
          "f:2:16: the JSON ends too early here");
    CHECK(fault("<html>", ListFormat::json) == "f:1:1: this is no JSON");
    CHECK(fault("", ListFormat::json) == "f:1:1: the JSON ends too early here");
    CHECK(fault("[] []", ListFormat::json).find("no JSON") != std::string::npos);
    CHECK(fault(R"([{"targets": [1]}])", ListFormat::json) ==
          "f: 'targets': expected text, not a number (put it in quotes)");
    CHECK(fault(R"([{"labels": {"a": true}}])", ListFormat::json) ==
          "f: 'a': expected text, not true or false");
    CHECK(fault(R"([{"targetz": []}])", ListFormat::json).find("did you mean 'targets'") !=
          std::string::npos);
    CHECK(fault(R"([{"labels": {"a": "1", "a": "2"}}])", ListFormat::json).find("twice") !=
          std::string::npos);
    CHECK(fault("[null]", ListFormat::json).find("a group is missing here") != std::string::npos);
    CHECK(fault("\xff", ListFormat::json).find("no JSON") != std::string::npos);
    CHECK(fault("- targets: [a:1]\n  label: {a: b}\n", ListFormat::yaml).starts_with("f:2:3: "));
    CHECK(fault("targets: [a:1]\n", ListFormat::yaml).starts_with("f:1:"));
    CHECK(fault("- targets: [a:1\n", ListFormat::yaml).starts_with("f:"));
    CHECK(fault("- labels: {a b: c, d e: f}\n", ListFormat::yaml).ends_with("(and 1 more)"));
}

TEST_CASE("a hostile list is bounded") {
    CHECK(fault(std::string(100'000, '['), ListFormat::json).find("nested too deeply") != std::string::npos);
    std::string many = "[null";
    for (int i = 0; i < 200'001; ++i) many += ",\"\"";
    CHECK(fault(many + "]", ListFormat::json).find("more than 200000") != std::string::npos);
    TargetGroup group{std::vector<std::string>(1000, "a:1"), {{"x", std::string(100'000, 'x')}}};
    const auto sets = label_sets({group}, {});
    REQUIRE_FALSE(sets.has_value());
    CHECK(sets.error().message.find("32 MiB") != std::string::npos);
}

TEST_CASE("a label set has the group's labels, the discovery's and the address") {
    const TargetGroup group{{"a:1"}, {{"__address__", "other"}, {"__meta_url", "mine"}, {"room", "attic"}}};
    const auto sets = label_sets({group}, {{"__meta_url", "theirs"}});
    REQUIRE(sets.has_value());
    CHECK(*sets == std::vector<Pairs>{{{"__address__", "a:1"}, {"__meta_url", "theirs"}, {"room", "attic"}}});
}
