// The body of OTLP/HTTP: an ExportMetricsServiceRequest, written directly (otlp.proto). Prometheus's data
// model in OpenTelemetry's: job and instance are the resource, a family's series are one metric, and the
// series of a histogram or a summary come together again where all of them are there and add up.
#pragma once

#include "forwarder/backends/otlp_points.hpp"
#include "forwarder/backends/sent_series.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pifleet::forwarder::otlp {

struct RequestOptions {
    bool delta = false;         // what counts is sent as its increase
    OwnedLabels resource = {};  // attributes of every resource
};

class RequestBuilder {
  public:
    RequestBuilder(const RequestOptions& options, const SentSeries& series)
        : options_(options), series_(series) {}

    void add(SeriesId id, std::span<const Sample* const> samples);
    void write(std::string& out);

  private:
    enum class Kind { gauge, sum, monotonic_sum, histogram, summary };
    struct Labels {
        std::string_view name, job, instance, bound;  // bound: le or quantile
        std::string attributes;                       // the others, in field 7
    };
    struct Metric {
        std::size_t resource;
        std::string name;
        Kind kind;
        std::string help, unit;
        std::string points;
    };
    struct Part {
        SeriesPart part;
        std::string name, bound;
        const Sample* sample;
        std::optional<std::int64_t> since;
    };
    // What may be a histogram or a summary: the series of one family, label set and time.
    struct Group {
        std::size_t resource;
        std::string name, attributes;
        std::int64_t time_ms;
        std::vector<Part> parts;
    };

    Labels labels(SeriesId id, SeriesPart part) const;
    std::size_t resource(const Labels& labels);
    Metric& metric(std::size_t resource, std::string_view name, Kind kind, const FamilyMetadata* family);
    void add_number(std::size_t resource, std::string_view attributes, const Part& part);
    void add_to_group(std::size_t resource, const Labels& labels, Part part);
    void write_group(const Group& group);
    bool write_histogram(const Group& group, bool stale);
    bool write_summary(const Group& group, bool stale);
    void write_metric(const Metric& metric, std::string& out) const;

    const RequestOptions& options_;
    const SentSeries& series_;
    std::vector<std::pair<std::string, std::string>> resources_;  // job and instance
    std::vector<Metric> metrics_;
    std::vector<Group> groups_;
    std::unordered_map<std::string, std::size_t> by_job_, by_name_, by_labels_;
};

}  // namespace pifleet::forwarder::otlp
