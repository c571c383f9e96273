// The paths that every sample takes: written to a page, read from it, encoded. Run:
// build/release/bin/pifleet_bench
#include "common/metrics/page.hpp"
#include "forwarder/backends/influx_line.hpp"
#include "forwarder/backends/json_table.hpp"
#include "forwarder/backends/otlp.hpp"
#include "forwarder/backends/values.hpp"
#include "forwarder/backends/write_request.hpp"
#include "forwarder/backends/write_request_v2.hpp"
#include "forwarder/sample_log/pack.hpp"
#include "forwarder/scrape/target_state.hpp"

#include <benchmark/benchmark.h>
#include <snappy.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

constexpr metrics::Family cpu{
    "node_cpu_seconds_total", metrics::Type::counter, "Seconds spent in each mode."};
constexpr int series_count = 1000;

// A page as a node exporter's: a counter with four labels, a thousand series.
void fill(metrics::Page& page, double offset) {
    std::array<std::string, 8> cpus;
    for (std::size_t i = 0; i < cpus.size(); ++i) cpus[i] = std::to_string(i);
    for (int i = 0; i < series_count; ++i) {
        const auto& index = cpus[static_cast<std::size_t>(i) % cpus.size()];
        const std::string device = "device" + std::to_string(i);
        page.add(
            cpu, {{"cpu", index}, {"mode", "idle"}, {"device", device}, {"core", index}}, offset + i * 1.25);
    }
}

std::string page_text(double offset) {
    metrics::Page page;
    fill(page, offset);
    std::string text;
    page.write(metrics::Format::text_0_0_4, text);
    return text;
}

void count(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * series_count));
}

void writer(benchmark::State& state) {
    metrics::Page page;
    std::string text;
    for (auto _ : state) {
        page.clear();
        text.clear();
        fill(page, 123456.5);
        page.write(metrics::Format::text_0_0_4, text);
        benchmark::DoNotOptimize(text);
    }
    count(state, text.size());
}
BENCHMARK(writer);

// The writer without the making of label values: a row of samples whose labels stand ready.
void writer_lines(benchmark::State& state) {
    metrics::Page page;
    const std::array<metrics::Label, 4> labels{
        {{"cpu", "0"}, {"mode", "idle"}, {"device", "device17"}, {"core", "3"}}};
    std::string text;
    for (auto _ : state) {
        page.clear();
        text.clear();
        for (int i = 0; i < series_count; ++i) page.add(cpu, labels, 123456.5 + i * 1.25);
        page.write(metrics::Format::text_0_0_4, text);
        benchmark::DoNotOptimize(text);
    }
    count(state, text.size());
}
BENCHMARK(writer_lines);

struct Scene {
    ScrapeConfig job;
    SeriesTable series;
    Target target{&job, {}, {{"instance", "pi:9100"}, {"job", "node"}}, Duration(5000), Duration(1000)};
    MetadataTable metadata;
    TargetState state{target, series, metadata};
    std::uint64_t mark = 0;

    Record scrape(std::string_view text) {
        state.begin(1700000000000);
        metrics::PageParser parser(metrics::Format::text_0_0_4, state);
        if (!parser.feed(text) || !parser.finish()) std::abort();
        return state.succeed({}, ++mark);
    }
};

// The second scrape of an unchanged page, down to the record that enters the log.
void parser(benchmark::State& state) {
    Scene scene;
    const auto text = page_text(123456.5);
    scene.scrape(text);
    for (auto _ : state) {
        auto record = scene.scrape(text);
        benchmark::DoNotOptimize(record);
    }
    count(state, text.size());
}
BENCHMARK(parser);

void encoder(benchmark::State& state) {
    Scene scene;
    const auto samples = scene.scrape(page_text(123456.5)).samples();
    std::string body;
    for (auto _ : state) {
        body.clear();
        append_write_request(samples, scene.series, {{"cluster", "home"}}, body);
        benchmark::DoNotOptimize(body);
    }
    count(state, body.size());
}
BENCHMARK(encoder);

// What remote_write 1.0 does for names of UTF-8 where there are none.
void encoder_names(benchmark::State& state) {
    Scene scene;
    auto samples = scene.scrape(page_text(123456.5)).samples();
    const WriteRelabeling rules({}, {});
    LegacyNames names({});
    for (auto _ : state) {
        names.look_at(samples, scene.series, rules);
        benchmark::DoNotOptimize(names.leave_out_collisions(samples, scene.series, rules));
    }
    count(state, samples.size());
}
BENCHMARK(encoder_names);

void encoder_v2(benchmark::State& state) {
    Scene scene;
    const auto samples = scene.scrape(page_text(123456.5)).samples();
    std::string body;
    for (auto _ : state) {
        body.clear();
        append_write_request_v2(samples, scene.series, scene.metadata, {{"cluster", "home"}}, body);
        benchmark::DoNotOptimize(body);
    }
    count(state, body.size());
}
BENCHMARK(encoder_v2);

// The encoders of what goes over HTTP, with what comes before them: counters, names, values.
void encode_by(benchmark::State& state, const Encoder& encoder) {
    Scene scene;
    auto samples = scene.scrape(page_text(123456.5)).samples();
    const WriteRelabeling rules({}, {});
    const OwnedLabels external{{"cluster", "home"}};
    std::optional<LegacyNames> names;
    if (encoder.names() != nullptr) names.emplace(external, *encoder.names());
    auto deltas = encoder.counters();
    const SentSeries sent(scene.series,
                          rules,
                          external,
                          scene.metadata,
                          names ? &*names : nullptr,
                          deltas ? &*deltas : nullptr);
    std::string body;
    std::int64_t time = 0;
    std::vector<Sample> batch;
    for (auto _ : state) {
        body.clear();
        batch = samples;
        for (auto& sample : batch) sample.time_ms += time;
        time += 1000;
        if (names) {
            names->look_at(batch, scene.series, rules);
            names->leave_out_collisions(batch, scene.series, rules);
        }
        encoder.leave_out(batch, sent);
        if (deltas)
            deltas->take(batch, scene.series, [&](SeriesId id) { return is_cumulative(sent.part(id)); });
        leave_out_values(batch, encoder.values());
        encoder.encode(batch, sent, body);
        if (deltas) deltas->batch_done();
        benchmark::DoNotOptimize(body);
    }
    count(state, body.size());
}

void encoder_influx(benchmark::State& state) {
    encode_by(state, InfluxEncoder({}));
}
BENCHMARK(encoder_influx);

void encoder_influx_job(benchmark::State& state) {
    encode_by(state, InfluxEncoder({InfluxLayout::job}));
}
BENCHMARK(encoder_influx_job);

void encoder_otlp(benchmark::State& state) {
    encode_by(state, OtlpEncoder({}));
}
BENCHMARK(encoder_otlp);

void encoder_otlp_delta(benchmark::State& state) {
    OtlpOptions options;
    options.request.delta = true;
    encode_by(state, OtlpEncoder(options));
}
BENCHMARK(encoder_otlp_delta);

void encoder_json(benchmark::State& state) {
    const auto& system = json_systems()[static_cast<std::size_t>(state.range(0))];
    state.SetLabel(std::string(system.name));
    encode_by(state, JsonEncoder(system));
}
BENCHMARK(encoder_json)->DenseRange(0, static_cast<int>(json_systems().size()) - 1);

// What waits in an outage: a scrape as it is written to the disk, and as it is read back.
void pack(benchmark::State& state) {
    Scene scene;
    const auto samples = scene.scrape(page_text(123456.5)).samples();
    Compressor compressor;
    std::string columns, packed;
    for (auto _ : state) {
        columns.clear();
        packed.clear();
        append_columns(columns, samples);
        compressor.compress(columns, packed);
        benchmark::DoNotOptimize(packed);
    }
    count(state, packed.size());
}
BENCHMARK(pack);

void unpack(benchmark::State& state) {
    Scene scene;
    const auto samples = scene.scrape(page_text(123456.5)).samples();
    Compressor compressor;
    std::string columns, packed, unpacked;
    append_columns(columns, samples);
    compressor.compress(columns, packed);
    std::vector<Sample> back;
    for (auto _ : state) {
        back.clear();
        if (!compressor.decompress(packed, columns.size(), unpacked)) std::abort();
        ByteReader reader(unpacked);
        if (!read_columns(reader, samples.size(), back)) std::abort();
        benchmark::DoNotOptimize(back);
    }
    count(state, packed.size());
}
BENCHMARK(unpack);

void encoder_with_snappy(benchmark::State& state) {
    Scene scene;
    const auto samples = scene.scrape(page_text(123456.5)).samples();
    std::string body, packed;
    for (auto _ : state) {
        body.clear();
        append_write_request(samples, scene.series, {}, body);
        snappy::Compress(body.data(), body.size(), &packed);
        benchmark::DoNotOptimize(packed);
    }
    count(state, body.size());
}
BENCHMARK(encoder_with_snappy);

}  // namespace

BENCHMARK_MAIN();
