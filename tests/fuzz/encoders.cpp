// The encoders: any names, labels and values, as series of one batch. What comes out is read back by somebody
// else's parser (nlohmann's for JSON, protobuf's for OTLP) or a plain one (line protocol), and has a point
// for every sample that was not left out.
#include "common/base/utf8.hpp"
#include "forwarder/backends/influx_line.hpp"
#include "forwarder/backends/json_table.hpp"
#include "forwarder/backends/kafka_records.hpp"
#include "forwarder/backends/otlp.hpp"
#include "forwarder/backends/values.hpp"
#include "otlp.pb.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

void demand(bool good) {
    if (!good) std::abort();
}

// Texts end at a NUL: name, then names and values of labels, an empty one, then a type or a time in a byte
// and eight bytes of a value.
struct Input {
    std::string_view rest;
    std::string_view text() {
        const auto end = std::min(rest.find('\0'), rest.size());
        const auto text = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return text;
    }
    unsigned byte() {
        if (rest.empty()) return 0;
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        return byte;
    }
    std::uint64_t eight() {
        std::uint64_t value = 0;
        const auto size = std::min<std::size_t>(8, rest.size());
        std::memcpy(&value, rest.data(), size);
        rest.remove_prefix(size);
        return value;
    }
};

struct Scene {
    SeriesTable table;
    MetadataTable metadata;
    WriteRelabeling relabeling{{}, {}};
    OwnedLabels external;
    std::vector<Sample> batch;

    explicit Scene(Input input) {
        std::map<SeriesId, std::int64_t> last;
        while (!input.rest.empty() && batch.size() < 64) {
            std::map<std::string_view, std::string_view> labels;
            if (const auto name = input.text(); !name.empty()) labels["__name__"] = name;
            for (auto name = input.text(); !name.empty(); name = input.text())
                if (const auto value = input.text(); !value.empty()) labels[name] = value;
            for (const auto& [name, value] : labels)  // pages with others are refused before they come here
                if (!valid_utf8(name) || !valid_utf8(value)) return;
            std::vector<metrics::Label> row;
            for (const auto& [name, value] : labels) row.push_back({name, value});
            const auto what = input.byte();
            const auto id = table.acquire(row);
            if (labels.contains("__name__"))
                metadata.note_type(labels["__name__"], static_cast<metrics::Type>(what % 8));
            const auto time = last[id] += 1 + what * 100;
            batch.push_back({input.eight(), 1'763'812'800'000 + time, id});
        }
    }
};

// A batch as HttpBackend makes it, and its body.
struct Body {
    std::vector<Sample> batch;
    std::string text;
};

Body encoded(const Scene& scene, const Encoder& encoder) {
    Body body{scene.batch, {}};
    std::optional<LegacyNames> names;
    if (encoder.names() != nullptr) {
        names.emplace(scene.external, *encoder.names());
        names->look_at(body.batch, scene.table, scene.relabeling);
        names->leave_out_collisions(body.batch, scene.table, scene.relabeling);
    }
    auto deltas = encoder.counters();
    const SentSeries sent(scene.table,
                          scene.relabeling,
                          scene.external,
                          scene.metadata,
                          names ? &*names : nullptr,
                          deltas ? &*deltas : nullptr);
    demand(encoder.whole(body.batch, sent) <= body.batch.size());
    encoder.leave_out(body.batch, sent);
    if (deltas)
        deltas->take(body.batch, scene.table, [&](SeriesId id) { return is_cumulative(sent.part(id)); });
    leave_out_values(body.batch, encoder.values());
    encoder.encode(body.batch, sent, body.text);
    return body;
}

// Counts the fields of line protocol, of which each is a sample.
std::size_t line_fields(std::string_view text) {
    std::size_t fields = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned blanks = 0, equals = 0;
        for (; at < text.size() && text[at] != '\n'; ++at) {
            demand(static_cast<unsigned char>(text[at]) >= 0x20);
            const bool pair = text[at] == '\\' && at + 1 < text.size() &&
                              (text[at + 1] == ',' || text[at + 1] == '=' || text[at + 1] == ' ');
            if (pair)
                ++at;
            else if (text[at] == ' ')
                ++blanks;
            else if (text[at] == '=' && blanks == 1)
                ++equals;
        }
        demand(at < text.size() && blanks == 2 && equals > 0);
        fields += equals;
    }
    return fields;
}

void check_json(const Scene& scene, const JsonSystem& system) {
    const auto body = encoded(scene, JsonEncoder(system));
    if (!system.open.empty()) {
        demand(body.batch.empty() || nlohmann::json::accept(body.text));
        return;
    }
    std::size_t lines = 0;
    for (std::size_t from = 0; from < body.text.size(); ++lines) {
        const auto end = std::min(body.text.find('\n', from), body.text.size());
        demand(body.batch.empty() || nlohmann::json::accept(body.text.substr(from, end - from)));
        from = end + 1;
    }
    const auto each = 1 + std::count(system.sample.begin(), system.sample.end(), '\n');
    demand(body.batch.empty() || lines == body.batch.size() * static_cast<std::size_t>(each));
}

void check_otlp(const Scene& scene, bool delta) {
    OtlpOptions options;
    options.request.delta = delta;
    options.prometheus_names = delta;
    const auto body = encoded(scene, OtlpEncoder(options));
    ::pifleet::otlp::ExportMetricsServiceRequest request;
    demand(request.ParseFromString(body.text));
    std::size_t points = 0;
    for (const auto& resource : request.resource_metrics())
        for (const auto& scope : resource.scope_metrics())
            for (const auto& metric : scope.metrics()) {
                points += static_cast<std::size_t>(metric.gauge().data_points_size());
                points += static_cast<std::size_t>(metric.sum().data_points_size());
                for (const auto& point : metric.histogram().data_points()) {
                    demand(point.flags() == 1 ||
                           point.bucket_counts_size() == point.explicit_bounds_size() + 1);
                    points += static_cast<std::size_t>(point.bucket_counts_size()) + 2;
                }
                for (const auto& point : metric.summary().data_points())
                    points += static_cast<std::size_t>(point.quantile_values_size()) + 2;
            }
    demand(body.batch.empty() == (points == 0));
}

void check_kafka(const Scene& scene) {
    const SentSeries sent(scene.table, scene.relabeling, scene.external, scene.metadata);
    const auto records = kafka_records(scene.batch, sent);
    std::size_t parts = 0;
    for (std::size_t at = 0; at < records.size(); ++parts) {
        const std::string_view part(records.c_str() + at);
        demand(parts % 2 == 0 || nlohmann::json::accept(part));
        at += part.size() + 1;
    }
    demand(parts == 2 * scene.batch.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Scene scene({std::string_view(reinterpret_cast<const char*>(data), size)});
    for (const auto layout : {InfluxLayout::metric, InfluxLayout::job, InfluxLayout::single}) {
        for (const bool underscored : {false, true}) {
            const auto body = encoded(scene, InfluxEncoder({layout, underscored}));
            demand(line_fields(body.text) == body.batch.size());
        }
    }
    for (const auto& system : json_systems()) check_json(scene, system);
    check_otlp(scene, false);
    check_otlp(scene, true);
    check_kafka(scene);
    return 0;
}
