// Series and samples for the tests of encoders: what a body looks like, what is left out.
#pragma once

#include "forwarder/backends/encoder.hpp"
#include "forwarder/backends/values.hpp"
#include "tests/catch.hpp"

#include <bit>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::forwarder::encoded {

constexpr std::int64_t noon = 1763812800123;
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

inline http::Response answer(unsigned status, std::string body = {}, std::string_view type = "") {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    if (!type.empty()) response.headers.push_back({"Content-Type", std::string(type)});
    return response;
}

struct Scene {
    using Labels = std::vector<std::pair<std::string, std::string>>;

    SeriesTable table;
    MetadataTable metadata;
    OwnedLabels external;
    WriteRelabeling relabeling{{}, {}};
    std::unique_ptr<LegacyNames> names;
    std::optional<Deltas> deltas;
    std::vector<Sample> batch;

    SeriesId series(const std::string& name, const Labels& labels = {}) {
        std::vector<metrics::Label> row{{"__name__", name}};
        for (const auto& [key, value] : labels) row.push_back({key, value});
        std::sort(row.begin(), row.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        return table.acquire(row);
    }
    void add(SeriesId id, double value, std::int64_t time_ms = noon) {
        batch.push_back({std::bit_cast<std::uint64_t>(value), time_ms, id});
    }
    void add_stale(SeriesId id, std::int64_t time_ms = noon) {
        batch.push_back({metrics::stale_marker_bits, time_ms, id});
    }
    void add(const std::string& name, const Labels& labels, double value, std::int64_t time_ms = noon) {
        add(series(name, labels), value, time_ms);
    }
    SentSeries sent() const {
        return {table, relabeling, external, metadata, names.get(), deltas ? &*deltas : nullptr};
    }

    // As HttpBackend does it.
    LeftOutCounts leave_out(const Encoder& encoder) {
        LeftOutCounts out;
        if (encoder.names() != nullptr) {
            if (!names) names = std::make_unique<LegacyNames>(external, *encoder.names());
            names->look_at(batch, table, relabeling);
            out[LeftOut::collision] = names->leave_out_collisions(batch, table, relabeling);
        }
        if (!deltas) deltas = encoder.counters();
        const auto all = sent();
        out += encoder.leave_out(batch, all);
        if (deltas)
            out += deltas->take(batch, table, [&](SeriesId id) { return is_cumulative(all.part(id)); });
        out += leave_out_values(batch, encoder.values());
        return out;
    }
    std::string body(const Encoder& encoder) {
        leave_out(encoder);
        std::string out;
        encoder.encode(batch, sent(), out);
        return out;
    }
};

/// A file of tests/conformance/backends. With PIFLEET_WRITE_GOLDEN in the environment the text becomes it.
inline std::string golden(const std::string& name, const std::string& text) {
    const auto path = PIFLEET_SOURCE_DIR "/tests/conformance/backends/" + name;
    if (std::getenv("PIFLEET_WRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What a node's page is like: a gauge, a counter, names and values with everything in them.
inline void fill_usual(Scene& scene) {
    scene.metadata.note_type("node_load1", metrics::Type::gauge);
    scene.metadata.note_type("node_cpu_seconds_total", metrics::Type::counter);
    scene.metadata.note_help("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.");
    const Scene::Labels node{{"job", "node"}, {"instance", "pi1:9100"}};
    scene.add("node_load1", node, 0.42);
    auto cpu = node;
    cpu.insert(cpu.end(), {{"cpu", "0"}, {"mode", "idle"}});
    const auto id = scene.series("node_cpu_seconds_total", cpu);
    scene.add(id, 1234.5);
    scene.add(id, 1249.25, noon + 15'000);
    auto odd = node;
    odd.insert(odd.end(), {{"path", "C:\\a b,c=d\"e\""}, {"text", "two\nlines \xc3\xa4"}, {"time", "x"}});
    scene.add("odd.name", odd, -1e-7);
    scene.add("gone", node, no_number);
    scene.add("endless", node, infinite);
    scene.add_stale(scene.series("stale", node));
}

}  // namespace pifleet::forwarder::encoded
