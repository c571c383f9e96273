// The text that InfluxDB and its kin take, a point a line:
//   measurement,tag=value,… field=number,… milliseconds
// What is a measurement and what a field is the owner's choice, because systems have limits of different
// kinds. A value is always a float: a field that changes its type is refused.
#pragma once

#include "forwarder/backends/encoder.hpp"

#include <string>
#include <string_view>

namespace pifleet::forwarder {

enum class InfluxLayout {
    metric,  // measurement: the metric's name; field: value
    job,     // measurement: the label job; fields: the metrics of one label set and time
    single,  // measurement: prom; tag metric: the metric's name; field: value
};

struct InfluxOptions {
    InfluxLayout layout = InfluxLayout::metric;
    bool underscored = false;  // names of letters, digits and _ only
};

class InfluxEncoder final : public Encoder {
  public:
    explicit InfluxEncoder(InfluxOptions options) : options_(options) {}

    std::string_view content_type() const override { return "text/plain; charset=utf-8"; }
    const NameRules* names() const override;
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SentSeries& series) const override;
    void encode(std::span<const Sample> samples, const SentSeries& series, std::string& out) const override;
    Verdict judge(const http::Response& answer,
                  std::size_t samples,
                  std::chrono::system_clock::time_point now) const override;

  private:
    InfluxOptions options_;
};

/// Of an answer that says so: how many lines of the request were not written, the others being; nothing: it
/// says no such thing.
std::optional<std::uint64_t> influx_lines_lost(std::string_view answer);

}  // namespace pifleet::forwarder
