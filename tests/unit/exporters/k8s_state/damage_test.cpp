// Objects that are not as they should be: in every captured object each value in turn is replaced by one of
// another shape. Whatever comes of it, the lines are lines of a page.
#include "common/metrics/parser.hpp"
#include "exporters/k8s_state/registry.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

class Lines final : public metrics::PageHandler {
  public:
    Result<void> on_sample(const metrics::SampleLine& sample) override {
        const auto labels = metrics::parse_series(sample.series);
        return labels ? Result<void>() : Result<void>(labels.error());
    }
};

// Every value within, however deep.
void collect(boost::json::value& value, std::vector<boost::json::value*>& out) {
    out.push_back(&value);
    if (auto* list = value.if_array())
        for (auto& item : *list) collect(item, out);
    if (auto* object = value.if_object())
        for (auto& member : *object) collect(member.value(), out);
}

const std::vector<std::string>& shapes() {
    static const std::vector<std::string> all{"null",
                                              "{}",
                                              "[]",
                                              R"("")",
                                              '"' + std::string(70'000, 'x') + '"',
                                              "-1e308",
                                              "18446744073709551615",
                                              "0.5",
                                              "true",
                                              "[null]",
                                              R"([[], {}, "a", 1])",
                                              R"({"name": 3, "": null})",
                                              R"("\u0000\n\"\\\ud83d\ude00}")",
                                              R"("-99999999999Ei")"};
    return all;
}

void renders(Renderer& renderer, const std::string& json) {
    if (!renderer.read(json)) return;
    const auto& rendered = renderer.render();
    REQUIRE(rendered.ends.size() == renderer.options().families.size());
    REQUIRE(rendered.ends.back() == rendered.text.size());
    Lines lines;
    metrics::PageParser parser(metrics::Format::text_0_0_4, lines);
    const auto read = parser.feed(rendered.text);
    INFO(json.substr(0, 5000));
    if (!read) FAIL(read.error().message);
    if (!parser.finish()) FAIL("a line without end");
}

}  // namespace

TEST_CASE("k8s: an object with any value replaced harms nothing") {
    std::size_t turn = 0;
    for (const auto* kind : registry()) {
        Renderer renderer(*kind, everything(*kind));
        // Kinds with many objects have each value looked at in some of them, and each shape in turn.
        const auto objects = captured_objects(*kind);
        for (const auto& json : objects) {
            auto object = boost::json::parse(json);
            std::vector<boost::json::value*> values;
            collect(object, values);
            for (auto* value : values) {
                for (std::size_t i = 0; i < 3; ++i, turn += 5) {
                    auto kept = std::exchange(*value, boost::json::parse(shapes()[turn % shapes().size()]));
                    renders(renderer, boost::json::serialize(object));
                    *value = std::move(kept);
                }
                ++turn;
            }
        }
    }
}

TEST_CASE("k8s: an object that ends too early, or is none, is an error") {
    for (const auto* kind : registry()) {
        Renderer renderer(*kind, everything(*kind));
        const auto json = captured_objects(*kind).front();
        for (std::size_t length = 0; length < json.size(); length += 1 + json.size() / 200)
            CHECK_FALSE(renderer.read(json.substr(0, length)).has_value());
        for (const auto* none : {"null", "[]", "3", "{}", R"({"metadata": {"name": ""}})", "<html>"})
            CHECK_FALSE(renderer.read(none).has_value());
        CHECK(renderer.read(json).has_value());
    }
}
