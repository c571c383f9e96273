// Sockets in use, by protocol: /proc/net/sockstat and sockstat6. Memory is counted in pages ("mem") or in
// bytes
// ("memory"). Either file is missing where its protocol is.
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace pifleet::node {

namespace {

constexpr metrics::Family sockets_used{"node_sockstat_sockets_used", metrics::Type::gauge, "Sockets in use."};
constexpr std::string_view known_keys[] = {"inuse", "orphan", "tw", "alloc", "mem", "memory"};

class Sockstat final : public Collector {
  public:
    Sockstat() : metrics_("node_sockstat_", metrics::Type::gauge, "Sockets, by protocol and state: ") {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        auto result = add_file(host.proc("net/sockstat"), page);
        note(result, add_file(host.proc("net/sockstat6"), page));
        return result;
    }

  private:
    Result<void> add_file(const std::string& path, metrics::Page& page) {
        const auto text = read_lines_if_any(path);
        if (!text && text.error().kind == Error::Kind::absent) return {};
        if (!text) return text.error();
        LineReader lines(path, *text);
        while (lines.next()) {
            auto protocol = lines.word();
            if (!protocol.ends_with(':') || protocol.size() < 2) return lines.error("no protocol");
            protocol.remove_suffix(1);
            for (auto key = lines.word(); !key.empty(); key = lines.word()) {
                const auto value = lines.number();
                if (!value) return value.error();
                if (auto added = add_value(lines, protocol, key, static_cast<double>(*value), page); !added)
                    return added;
            }
        }
        return {};
    }

    Result<void> add_value(const LineReader& lines,
                           std::string_view protocol,
                           std::string_view key,
                           double value,
                           metrics::Page& page) {
        if (protocol == "sockets") {
            if (key == "used") page.add(sockets_used, value);
            return {};
        }
        if (std::find(std::begin(known_keys), std::end(known_keys), key) == std::end(known_keys)) return {};
        ((name_ = protocol) += '_') += key;
        const auto& field = metrics_[name_];
        if (!field.valid) return lines.error("no protocol that a metric could be called after");
        page.add(field.family, value);
        if (key == "mem")
            page.add(metrics_[name_ += "_bytes"].family, value * static_cast<double>(page_size_));
        return {};
    }

    FieldMetrics metrics_;
    std::string name_;
    const long page_size_ = ::sysconf(_SC_PAGESIZE);
};

}  // namespace

extern const CollectorKind sockstat_kind;
constinit const CollectorKind sockstat_kind{"sockstat", true, "sockets in use", {}, make_collector<Sockstat>};

}  // namespace pifleet::node
