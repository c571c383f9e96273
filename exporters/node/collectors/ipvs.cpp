// What the kernel's load balancer does: /proc/net/ip_vs_stats has its sums, /proc/net/ip_vs every service
// with its real servers. Addresses and ports are hexadecimal there.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family totals[] = {
    {"node_ipvs_connections_total", Type::counter, "Connections that were balanced."},
    {"node_ipvs_incoming_packets_total", Type::counter, "Packets from clients."},
    {"node_ipvs_outgoing_packets_total", Type::counter, "Packets to clients."},
    {"node_ipvs_incoming_bytes_total", Type::counter, "Bytes from clients."},
    {"node_ipvs_outgoing_bytes_total", Type::counter, "Bytes to clients."},
};
constexpr Family backends[] = {
    {"node_ipvs_backend_weight", Type::gauge, "The real server's share."},
    {"node_ipvs_backend_connections_active", Type::gauge, "Connections to the real server."},
    {"node_ipvs_backend_connections_inactive",
     Type::gauge,
     "Connections to the real server that are ending."},
};

constexpr std::string_view labels_flag = "collector.ipvs.backend-labels";
constexpr process::Flag flags[] = {
    {labels_flag,
     process::FlagKind::text,
     "local_address,local_port,remote_address,remote_port,proto,local_mark",
     "Labels of the real servers' metrics, with commas; what they do not tell apart is summed up."},
};

enum LabelNumber { local_address, local_port, remote_address, remote_port, proto, local_mark };
constexpr std::string_view label_names[] = {
    "local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"};

using LabelValues = std::array<std::string, std::size(label_names)>;
using Numbers = std::array<std::uint64_t, std::size(backends)>;

struct Endpoint {
    std::string address, port;
};

// "C0A80016:0CEA" or "[2001:0db8:...]:0CEA"
std::optional<Endpoint> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = from_hex(text.substr(colon + 1));
    auto address = text.substr(0, colon);
    if (!port || *port > 65535) return std::nullopt;
    char buffer[INET6_ADDRSTRLEN];
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
        in6_addr binary;
        const std::string inner(address.substr(1, address.size() - 2));
        if (::inet_pton(AF_INET6, inner.c_str(), &binary) != 1) return std::nullopt;
        ::inet_ntop(AF_INET6, &binary, buffer, sizeof buffer);
    } else {
        const auto number = from_hex(address);
        if (!number || address.size() != 8) return std::nullopt;
        const in_addr binary{htonl(static_cast<std::uint32_t>(*number))};
        ::inet_ntop(AF_INET, &binary, buffer, sizeof buffer);
    }
    return Endpoint{buffer, std::to_string(*port)};
}

// Two lines of headings, then a line of five numbers.
Result<void> add_totals(const std::string& path, metrics::Page& page) {
    const auto text = read_lines_if_any(path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    for (int i = 0; i < 3; ++i)
        if (!lines.next()) return lines.error("the file ends too early");
    for (const auto& family : totals) {
        const auto value = lines.hex_number();
        if (!value) return value.error();
        page.add(family, static_cast<double>(*value));
    }
    return {};
}

class Ipvs final : public Collector {
  public:
    explicit Ipvs(std::vector<std::size_t> labels) : labels_(std::move(labels)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        if (auto added = add_totals(host.proc("net/ip_vs_stats"), page); !added) return added;
        const auto sums = read_backends(host.proc("net/ip_vs"));
        if (!sums) return sums.error();
        for (const auto& [values, numbers] : *sums) {
            std::vector<metrics::Label> labels;
            for (const auto label : labels_) labels.push_back({label_names[label], values[label]});
            for (std::size_t i = 0; i < std::size(backends); ++i)
                page.add(backends[i], labels, static_cast<double>(numbers[i]));
        }
        return {};
    }

  private:
    // Real servers stand below their service, behind an arrow.
    Result<std::map<LabelValues, Numbers>> read_backends(const std::string& path) const {
        const auto text = read_lines(path);
        if (!text) return text.error();
        std::map<LabelValues, Numbers> sums;
        LabelValues service;
        LineReader lines(path, *text);
        while (lines.next()) {
            const auto kind = lines.word();
            const auto what = lines.word();
            if (kind.empty() || kind == "IP" || kind == "Prot" || what == "RemoteAddress:Port") continue;
            if (kind != "->") {
                service = {};
                service[proto] = kind;
                if (kind == "FWM") service[local_mark] = what;
                const auto endpoint = kind == "FWM" ? Endpoint{"", "0"} : parse_endpoint(what);
                if (!endpoint) return lines.error("no address and port");
                service[local_address] = endpoint->address;
                service[local_port] = endpoint->port;
                continue;
            }
            auto server = service;
            const auto endpoint = parse_endpoint(what);
            if (!endpoint) return lines.error("no address and port");
            server[remote_address] = endpoint->address;
            server[remote_port] = endpoint->port;
            lines.word();  // how it is forwarded
            auto& sum = sums[shown(std::move(server))];
            for (auto& number : sum) {
                const auto value = lines.number();
                if (!value) return value.error();
                number += *value;
            }
        }
        return sums;
    }

    // Without the values of labels that are not wanted.
    LabelValues shown(LabelValues values) const {
        for (std::size_t i = 0; i < values.size(); ++i)
            if (std::find(labels_.begin(), labels_.end(), i) == labels_.end()) values[i].clear();
        return values;
    }

    std::vector<std::size_t> labels_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    std::vector<std::size_t> labels;
    for (const auto name : split(given.text(labels_flag), ',')) {
        if (name.empty()) continue;
        const auto* const found = std::find(std::begin(label_names), std::end(label_names), name);
        if (found == std::end(label_names))
            return failure("--" + std::string(labels_flag) + ": '" + std::string(name) +
                           "' is none of its labels" + did_you_mean(name, label_names));
        labels.push_back(static_cast<std::size_t>(found - std::begin(label_names)));
    }
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return std::make_unique<Ipvs>(std::move(labels));
}

}  // namespace

extern const CollectorKind ipvs_kind;
constinit const CollectorKind ipvs_kind{"ipvs", true, "what the kernel's load balancer does", flags, make};

}  // namespace pifleet::node
