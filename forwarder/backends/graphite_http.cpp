// Graphite's lines over HTTP: the sink of Hosted Graphite (MetricFire), which, unlike TCP, answers.
#include "forwarder/backends/context.hpp"
#include "forwarder/backends/graphite_lines.hpp"
#include "forwarder/backends/http_backend.hpp"
#include "forwarder/config/protocol.hpp"

#include <memory>
#include <utility>

namespace pifleet::forwarder {

namespace {

class GraphiteHttp final : public Encoder {
  public:
    explicit GraphiteHttp(std::string_view prefix) : prefix_(prefix) {}

    std::string_view content_type() const override { return "text/plain"; }
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SentSeries& series) const override {
        return leave_out_of_graphite(batch, series);
    }
    void encode(std::span<const Sample> samples, const SentSeries& series, std::string& out) const override {
        append_graphite_lines(samples, series, prefix_, out);
    }

  private:
    std::string prefix_;
};

constexpr Setting settings[] = {
    {"prefix", "", "Stands before every name, with the dot that it may need."},
};

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    auto encoder = std::make_unique<GraphiteHttp>(setting(config, "prefix"));
    return std::make_unique<HttpBackend>(config, context, std::move(encoder), Compression::none);
}

std::optional<SettingFault> check(const BackendConfig& config) {
    if (legal_graphite_prefix(setting(config, "prefix"))) return {};
    return SettingFault{"prefix", "expected letters, digits, _, -, : and single dots"};
}

}  // namespace

extern const Protocol graphite_http_protocol;
constinit const Protocol graphite_http_protocol{
    "graphite_http", "Graphite's plain text over HTTP (Hosted Graphite)", settings, make, check};

}  // namespace pifleet::forwarder
