// The page parser: any bytes, in both formats. However the page is cut into chunks and whatever is guessed,
// the same must come out; a series that is taken apart is taken apart the same way again.
#include "common/metrics/parser.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace pifleet;
using namespace pifleet::metrics;

namespace {

struct Recorder final : PageHandler {
    std::vector<std::string> events;
    const std::vector<std::string>* guesses = nullptr;
    std::vector<std::string> series;

    std::string_view expected() override {
        return guesses != nullptr && series.size() < guesses->size() ? (*guesses)[series.size()]
                                                                     : std::string_view{};
    }
    Result<void> on_sample(const SampleLine& sample) override {
        series.emplace_back(sample.series);
        events.push_back(series.back() + "|" + std::to_string(sample.value_bits) + "|" +
                         std::to_string(sample.timestamp_ms.value_or(-1)) + "|" +
                         std::string(sample.exemplar));
        return {};
    }
    void on_type(std::string_view family, Type type) override {
        events.push_back("T" + std::string(family) + std::string(type_name(type)));
    }
    void on_help(std::string_view family, std::string_view text) override {
        events.push_back("H" + std::string(family) + std::string(text));
    }
    void on_unit(std::string_view family, std::string_view unit) override {
        events.push_back("U" + std::string(family) + std::string(unit));
    }
};

Recorder read(std::string_view page,
              Format format,
              std::size_t chunk,
              const std::vector<std::string>* guesses) {
    Recorder recorder;
    recorder.guesses = guesses;
    PageParser parser(format, recorder, 4096);
    Result<void> state{};
    for (std::size_t at = 0; at < page.size() && state; at += chunk)
        state = parser.feed(page.substr(at, chunk));
    if (state) state = parser.finish();
    recorder.events.push_back(state ? "whole" : state.error().message);
    return recorder;
}

void expect(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view page(reinterpret_cast<const char*>(data), size);
    for (const auto format : {Format::text_0_0_4, Format::openmetrics_1_0}) {
        const auto whole = read(page, format, page.size() + 1, nullptr);
        expect(read(page, format, 1, nullptr).events == whole.events);
        expect(read(page, format, 7, &whole.series).events == whole.events);
        for (const auto& series : whole.series) {
            const auto labels = parse_series(series);
            if (labels)
                expect(!labels->empty() && labels->front().name == "__name__" &&
                       !labels->front().value.empty());
        }
    }
    return 0;
}
