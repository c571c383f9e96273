// The keys of file_sd_configs, http_sd_configs and dns_sd_configs; presets and rules are Prometheus's.
#include "common/base/glob.hpp"
#include "common/base/text.hpp"
#include "forwarder/config/http_options.hpp"
#include "forwarder/config/rows.hpp"
#include "forwarder/config/tables.hpp"

#include <algorithm>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

// Prometheus's own rule for what may stand in `files`.
bool names_target_files(std::string_view pattern) {
    constexpr std::string_view endings[] = {".json", ".yml", ".yaml", ".JSON", ".YML", ".YAML"};
    const auto ends = [pattern](std::string_view ending) { return pattern.ends_with(ending); };
    if (std::none_of(std::begin(endings), std::end(endings), ends)) return false;
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return true;
    return pattern.find_first_of("*/", star + 1) == std::string_view::npos;
}

// Relative names stand below the folder of the file that has them.
void read_files(const Node& node, std::vector<std::string>& into, Faults& faults) {
    decode(node, into, faults);
    for (std::size_t i = 0; i < into.size(); ++i) {
        if (!names_target_files(into[i]))
            faults.add(node.items[i].place,
                       "'" + into[i] +
                           "' is no file of targets: its name must end in .json, .yml or .yaml, with at most "
                           "one * after the last /");
        into[i] = path_below(folder_of(faults.file()), into[i]);
    }
}

constexpr Field<FileDiscovery> file_rows[] = {
    field_by<&FileDiscovery::files, read_files>(
        "files", "", "Files of targets; the last part of a path may have a *."),
    field_by<&FileDiscovery::refresh_interval, read_positive>(
        "refresh_interval", "5m", "Time between two readings; changes are noticed at once besides."),
};

void read_discovery_url(const Node& node, HttpDiscovery& into, Faults& faults) {
    read_url(node, into.url, faults);
    into.url_text = node.text;
}

constexpr Field<HttpDiscovery> own_http_rows[] = {
    {"url", "", "Address that answers with a list of targets.", read_discovery_url},
    field_by<&HttpDiscovery::refresh_interval, read_positive>(
        "refresh_interval", "1m", "Time between two requests, and what one may take."),
};

constexpr auto http_rows = with_http_rows(own_http_rows);

void read_type(const Node& node, DnsDiscovery::Type& into, Faults& faults) {
    using Type = DnsDiscovery::Type;
    constexpr std::pair<std::string_view, Type> types[] = {
        {"SRV", Type::srv}, {"A", Type::a}, {"AAAA", Type::aaaa}, {"MX", Type::mx}, {"NS", Type::ns}};
    std::string text;
    decode(node, text, faults);
    if (node.kind != Node::Kind::scalar) return;
    for (const auto& [name, type] : types) {
        if (!equal_ignoring_case(text, name)) continue;
        into = type;
        return;
    }
    faults.add(node.place, "expected SRV, A, AAAA, MX or NS, not '" + text + "'");
}

void read_port(const Node& node, std::int64_t& into, Faults& faults) {
    decode(node, into, faults);
    if (into < 1 || into > 65535) faults.add(node.place, "expected a port, 1 to 65535");
}

constexpr Field<DnsDiscovery> dns_rows[] = {
    field<&DnsDiscovery::names>("names", "", "Names to ask for."),
    field_by<&DnsDiscovery::type, read_type>("type", "SRV", "SRV, A, AAAA, MX or NS."),
    field_by<&DnsDiscovery::port, read_port>("port", "", "Port of the targets; SRV records bring their own."),
    field_by<&DnsDiscovery::refresh_interval, read_positive>(
        "refresh_interval", "30s", "Time between two questions."),
};

}  // namespace

void decode(const Node& node, FileDiscovery& into, Faults& faults) {
    config::read_mapping<FileDiscovery>(node, file_rows, into, faults);
    if (into.files.empty()) faults.add(node.place, "this file_sd_config has no files");
}

void decode(const Node& node, HttpDiscovery& into, Faults& faults) {
    config::read_mapping<HttpDiscovery>(node, http_rows, into, faults);
    if (into.url_text.empty()) faults.add(node.place, "this http_sd_config has no url");
    check_http_options(node, into.http, faults);
    take_user(into.url, into.http);
}

void decode(const Node& node, DnsDiscovery& into, Faults& faults) {
    config::read_mapping<DnsDiscovery>(node, dns_rows, into, faults);
    if (into.names.empty()) faults.add(node.place, "this dns_sd_config has no names");
    if (into.type != DnsDiscovery::Type::srv && node.find("port") == nullptr)
        faults.add(node.place, "this dns_sd_config needs a port: only SRV records bring their own");
}

}  // namespace pifleet::forwarder
