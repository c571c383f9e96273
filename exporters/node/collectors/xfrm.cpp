// What went wrong with packets of IPsec: /proc/net/xfrm_stat. XfrmInNoStates becomes
// node_xfrm_in_no_states_packets_total.
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

// "XfrmInNoStates" is "in_no_states_packets_total".
std::string metric_part(std::string_view name) {
    std::string part;
    for (const char c : name.substr(name.starts_with("Xfrm") ? 4 : 0)) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && !part.empty()) part += '_';
        part += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return part + "_packets_total";
}

class Xfrm final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("net/xfrm_stat");
        const auto text = read_lines_if_any(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        while (lines.next()) {
            const auto& field = metrics_[metric_part(lines.word())];
            const auto value = lines.number();
            if (!value) return value.error();
            if (!field.valid) return lines.error("no field that a metric could be called after");
            page.add(field.family, static_cast<double>(*value));
        }
        return {};
    }

    FieldMetrics metrics_{"node_xfrm_", metrics::Type::counter, "Of /proc/net/xfrm_stat: "};
};

}  // namespace

extern const CollectorKind xfrm_kind;
constinit const CollectorKind xfrm_kind{
    "xfrm", false, "what went wrong with packets of IPsec", {}, make_collector<Xfrm>};

}  // namespace pifleet::node
