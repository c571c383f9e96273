// Counters of the network protocols: /proc/net/snmp and netstat, where a line of names stands above a line of
// values, and snmp6, with a name and a value in each line. Those whose names the pattern takes.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

constexpr std::string_view fields_flag = "collector.netstat.fields";
constexpr process::Flag flags[] = {
    {fields_flag,
     process::FlagKind::text,
     "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)"
     "|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)"
     "|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)"
     "|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$",
     "Fields to show, as PROTOCOL_NAME (regular expression)."},
};

class Netstat final : public Collector {
  public:
    explicit Netstat(FieldMetrics metrics) : metrics_(std::move(metrics)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        Result<void> result;
        for (const auto* file : {"net/netstat", "net/snmp"})
            note(result, add_pairs_of_lines(host.proc(file), page));
        note(result, add_lines(host.proc("net/snmp6"), page));
        return result;
    }

  private:
    Result<void> add_field(const LineReader& lines, std::string_view value, metrics::Page& page) {
        const auto& field = metrics_[key_];
        if (!field.valid) return lines.error("no field that a metric could be called after");
        const auto number = to_double(value);
        if (!number) return lines.error("no number for " + key_);
        if (field.wanted) page.add(field.family, *number);
        return {};
    }

    Result<void> add_pairs_of_lines(const std::string& path, metrics::Page& page) {
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        while (lines.next()) {
            auto names = lines.line();
            auto protocol = next_word(names);
            if (!lines.next() || lines.word() != protocol || !protocol.ends_with(':'))
                return lines.error("names and values do not belong together");
            protocol.remove_suffix(1);
            for (auto name = next_word(names); !name.empty(); name = next_word(names)) {
                ((key_ = protocol) += '_') += name;
                if (auto added = add_field(lines, lines.word(), page); !added) return added;
            }
            if (!lines.word().empty()) return lines.error("more values than names");
        }
        return {};
    }

    // "Ip6InReceives 5" is Ip6_InReceives.
    Result<void> add_lines(const std::string& path, metrics::Page& page) {
        const auto text = read_lines_if_any(path);
        if (!text && text.error().kind == Error::Kind::absent) return {};  // no IPv6
        if (!text) return text.error();
        LineReader lines(path, *text);
        while (lines.next()) {
            const auto name = lines.word();
            const auto six = name.find('6');
            if (six == std::string_view::npos) return lines.error("no protocol of version 6");
            ((key_ = name.substr(0, six + 1)) += '_') += name.substr(six + 1);
            if (auto added = add_field(lines, lines.word(), page); !added) return added;
        }
        return {};
    }

    FieldMetrics metrics_;
    std::string key_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    FieldMetrics metrics("node_netstat_", metrics::Type::unknown, "Of the kernel's network counters: ");
    if (auto set = metrics.want_only(given, fields_flag); !set) return set.error();
    return std::make_unique<Netstat>(std::move(metrics));
}

}  // namespace

extern const CollectorKind netstat_kind;
constinit const CollectorKind netstat_kind{"netstat", true, "counters of the network protocols", flags, make};

}  // namespace pifleet::node
