// Objects of the API: a first line that names the kind, then any bytes. Whatever an object holds, its lines
// are lines of a page, and they are the same whatever was rendered before.
#include "common/metrics/parser.hpp"
#include "exporters/k8s_state/registry.hpp"
#include "exporters/k8s_state/renderer.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

struct Checker final : metrics::PageHandler {
    Result<void> on_sample(const metrics::SampleLine& sample) override {
        expect(metrics::parse_series(sample.series).has_value());
        return {};
    }
};

RenderOptions everything(const ResourceKind& kind) {
    RenderOptions options;
    for (const auto& family : kind.families) options.families.push_back(&family);
    options.labels = options.annotations = LabelAllowList({"*"});
    return options;
}

// Another byte than a kind's name picks one too.
const ResourceKind& kind_of(std::string_view first_line) {
    if (const auto* kind = find_kind(first_line)) return *kind;
    const auto byte = first_line.empty() ? 0u : static_cast<unsigned char>(first_line.front());
    return *registry()[byte % registry().size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(input.find('\n'), input.size());
    const auto json = input.substr(std::min(end + 1, input.size()));
    const auto& kind = kind_of(input.substr(0, end));
    Renderer renderer(kind, everything(kind));
    if (!renderer.read(json)) return 0;
    const auto text = renderer.render().text;
    Checker checker;
    metrics::PageParser parser(metrics::Format::text_0_0_4, checker, text.size() + 1);
    expect(parser.feed(text).has_value() && parser.finish(false).has_value());
    expect(!renderer.read("{"));
    expect(renderer.read(json) && renderer.render().text == text);
    return 0;
}
