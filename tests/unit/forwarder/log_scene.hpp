// A log over a folder in memory, in a time of its own, fed with scrapes of a few series whose values count
// on: so a reader sees by the values alone whether samples are lost, repeated or out of order.
#pragma once

#include "forwarder/sample_log/sample_log.hpp"
#include "tests/catch.hpp"
#include "tests/unit/forwarder/memory_folder.hpp"

#include <bit>

namespace pifleet::forwarder {

struct LogScene {
    static constexpr std::size_t width = 5;  // samples a scrape
    MemoryFolder& folder;
    SampleLog::Clock::time_point now{};
    SeriesTable series;
    SampleLog log;
    std::vector<SeriesId> ids;
    std::uint64_t& counter;

    LogScene(MemoryFolder& f, std::uint64_t& count, StoreOptions options = {}, std::size_t cap = 1 << 20)
        : folder(f), log(cap, &series, [this] { return now; }), counter(count) {
        const auto at_once = [](const Work& work, const std::function<void(const Result<void>&)>& done) {
            done(work());
        };
        log.keep_in(std::make_unique<Store>(folder, series, options, at_once));
        for (std::size_t i = 0; i < width; ++i) {
            const auto name = "series" + std::to_string(i);
            const metrics::Label labels[] = {{"__name__", name}, {"instance", "pi"}};
            ids.push_back(series.acquire(labels));
        }
    }
    void scrape() {
        Record record;
        record.time_ms = 1000;
        for (const auto id : ids)
            record.readings.push_back({std::bit_cast<std::uint64_t>(static_cast<double>(counter++)), id});
        log.append(std::move(record));
        series.sweep(log.begin());
        now += std::chrono::seconds(1);
        log.tick();
    }
    void scrape(int times) {
        for (int i = 0; i < times; ++i) scrape();
    }
    /// Reads and acknowledges up to so many samples; their values. Labels are checked against the value's
    /// series.
    std::vector<std::uint64_t> take(SampleLog::ReaderId reader, std::size_t most = 1'000'000) {
        std::vector<Sample> samples;
        const auto behind = log.read(reader, most, samples);
        std::vector<std::uint64_t> values;
        for (const auto& sample : samples) {
            values.push_back(static_cast<std::uint64_t>(std::bit_cast<double>(sample.value_bits)));
            metrics::Label label;
            series.labels(sample.series).next(label);
            CHECK(label.value == "series" + std::to_string(values.back() % width));
        }
        log.advance(reader, behind);
        return values;
    }
};

inline std::vector<std::uint64_t> numbers(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> out;
    for (; from < to; ++from) out.push_back(from);
    return out;
}

}  // namespace pifleet::forwarder
