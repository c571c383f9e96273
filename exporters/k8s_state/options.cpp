#include "exporters/k8s_state/options.hpp"

#include "common/base/text.hpp"
#include "common/config/fields.hpp"

#include <array>
#include <limits>
#include <utility>

namespace pifleet::k8s {

namespace {

using config::Faults;
using config::Node;
using process::Flag;
using process::FlagKind;

struct Option {
    Flag flag;
    std::string_view key;  // in the file; empty: a flag only
    Result<void> (*set)(Options&, std::string_view);
    void (*decode)(const Node&, Options&, Faults&);
};

// A value as a flag gives it. Lists add up, as they do there.

Result<void> set(std::string& into, std::string_view text) {
    into = text;
    return {};
}
Result<void> set(bool& into, std::string_view text) {
    into = text == "true";
    return {};
}
Result<void> set(std::uint64_t& into, std::string_view text) {
    const auto number = to_unsigned(text);
    if (!number || *number > std::numeric_limits<std::int32_t>::max())
        return failure('\'' + std::string(text) + "' is not a whole number from 0");
    into = *number;
    return {};
}
Result<void> set(config::Duration& into, std::string_view text) {
    const auto duration = config::parse_duration(text);
    if (!duration) return duration.error();
    into = *duration;
    return {};
}
Result<void> set(Names& into, std::string_view text) {
    for (const auto name : split(text, ','))
        if (!trim(name).empty()) into.emplace_back(trim(name));
    return {};
}
Result<void> set(AllowLists& into, std::string_view text) {
    auto lists = parse_allow_lists(text);
    if (!lists) return lists.error();
    into = std::move(*lists);
    return {};
}

// The same in the file.

template <class T>
void from_node(const Node& node, T& into, Faults& faults) {
    std::string text;
    config::decode(node, text, faults);
    if (const auto done = set(into, text); !done) faults.add(node.place, done.error().message);
}
void from_node(const Node& node, bool& into, Faults& faults) {
    config::decode(node, into, faults);
}
// kube-state-metrics wants a mapping whose keys count (`pods: {}`), and for namespaces a list; either does
// for all, as does text like a flag's.
void from_node(const Node& node, Names& into, Faults& faults) {
    into.clear();
    if (node.kind == Node::Kind::mapping) {
        for (const auto& member : node.members) into.push_back(member.key.text);
    } else if (node.kind == Node::Kind::sequence) {
        for (const auto& item : node.items) config::decode(item, into.emplace_back(), faults);
    } else if (node.kind == Node::Kind::scalar) {
        static_cast<void>(set(into, node.text));
    }
}
void from_node(const Node& node, AllowLists& into, Faults& faults) {
    into.clear();
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& member : node.members) from_node(member.value, into[member.key.text], faults);
}

template <auto Member, FlagKind Kind = FlagKind::text>
constexpr Option row(std::string_view name,
                     std::string_view key,
                     std::string_view preset,
                     std::string_view help,
                     bool everyday = false) {
    return {
        {name, Kind, preset, help, everyday},
        key,
        [](Options& options, std::string_view text) { return set(options.*Member, text); },
        [](const Node& node, Options& options, Faults& faults) { from_node(node, options.*Member, faults); }};
}
template <auto Member>
constexpr Option list(std::string_view name, std::string_view key, std::string_view help) {
    return row<Member, FlagKind::list>(name, key, "", help, true);
}
template <auto Member>
constexpr Option on_off(std::string_view name, std::string_view key, std::string_view help) {
    return row<Member, FlagKind::on_off>(name, key, "false", help);
}
constexpr Option ignored(std::string_view name, FlagKind kind, std::string_view preset) {
    return {{name, kind, preset, ""}, "", nullptr, nullptr};
}

using O = Options;
constexpr Option options[] = {
    row<&O::kubeconfig>("kubeconfig",
                        "kubeconfig",
                        "",
                        "A kubeconfig file; without it: $KUBECONFIG, the pod's own account, ~/.kube/config.",
                        true),
    row<&O::apiserver>(
        "apiserver", "apiserver", "", "URL of the API server, in place of the kubeconfig's.", true),
    row<&O::config>("config",
                    "",
                    "",
                    "YAML file with these options, which win over the flags; read again when it changes."),
    on_off<&O::continue_without_config>(
        "continue-without-config", "", "Go on when the file of --config is not there."),
    list<&O::resources>(
        "resources", "resources", "Resources to watch; without it all that are on by default."),
    list<&O::namespaces>("namespaces", "namespaces", "Only these namespaces."),
    list<&O::namespaces_denylist>("namespaces-denylist", "namespaces_denylist", "All namespaces but these."),
    list<&O::metric_allowlist>(
        "metric-allowlist", "metric_allowlist", "Only these families: names or regular expressions."),
    list<&O::metric_denylist>(
        "metric-denylist", "metric_denylist", "Not these families: names or regular expressions."),
    list<&O::metric_opt_in_list>(
        "metric-opt-in-list", "metric_opt_in_list", "Families to turn on that are off by default."),
    row<&O::labels_allowlist>("metric-labels-allowlist",
                              "labels_allow_list",
                              "",
                              "Labels to show: pods=[app,team/*],*=[x]; * is all resources or all labels.",
                              true),
    row<&O::annotations_allowlist>("metric-annotations-allowlist",
                                   "annotations_allow_list",
                                   "",
                                   "Annotations to show, in the same form.",
                                   true),
    list<&O::nodes>("node", "node", "Only the pods of this node: one exporter a node."),
    on_off<&O::track_unscheduled_pods>("track-unscheduled-pods",
                                       "track_unscheduled_pods",
                                       "Only the pods that have no node yet, beside exporters with --node."),
    row<&O::shard>("shard", "shard", "0", "Number of this shard, from 0."),
    row<&O::total_shards>("total-shards", "total_shards", "1", "How many shards there are."),
    row<&O::pod>("pod", "pod", "", "Name of this pod: its StatefulSet tells shard and shards."),
    row<&O::pod_namespace>("pod-namespace", "namespace", "", "Namespace of this pod."),
    on_off<&O::use_apiserver_cache>("use-apiserver-cache",
                                    "use_api_server_cache",
                                    "List what the API server has in its cache (resourceVersion=0)."),
    row<&O::object_limit>("object-limit", "object_limit", "0", "At most so many objects a resource; 0: all."),
    row<&O::custom_config>("custom-resource-state-config",
                           "custom_resource_config",
                           "",
                           "Metrics from fields of custom resources, as YAML."),
    row<&O::custom_config_file>("custom-resource-state-config-file",
                                "custom_resource_config_file",
                                "",
                                "The same in a file; read again when it changes."),
    on_off<&O::custom_only>(
        "custom-resource-state-only", "custom_resources_only", "Only the metrics of custom resources."),
    on_off<&O::continue_without_custom_config_file>(
        "continue-without-custom-resource-state-config-file", "", "Go on when that file is not there."),
    row<&O::stale_after>("stale-after",
                         "stale_after",
                         "5m",
                         "A resource that could not be watched for so long leaves the page.",
                         true),
    row<&O::host>("host", "host", "::", "Address of the metrics.", true),
    row<&O::port>("port", "port", "8080", "Port of the metrics.", true),
    row<&O::telemetry_host>(
        "telemetry-host", "telemetry_host", "::", "Address of the exporter's own metrics."),
    row<&O::telemetry_port>(
        "telemetry-port", "telemetry_port", "8081", "Port of the exporter's own metrics.", true),
    row<&O::tls_config>(
        "tls-config", "tls_config", "", "The exporter-toolkit's file for TLS and passwords.", true),
    on_off<&O::auth_filter>(
        "auth-filter", "", "Scrapers must have a token that the API server lets read the page."),
    on_off<&O::gzip>(
        "enable-gzip-encoding", "enable_gzip_encoding", "Pack the page for clients that take it."),
    row<&O::read_timeout>("server-read-timeout", "server_read_timeout", "60s", "Time for a request to come."),
    row<&O::read_header_timeout>("server-read-header-timeout",
                                 "server_read_header_timeout",
                                 "5s",
                                 "Time for a request's head to come."),
    row<&O::write_timeout>(
        "server-write-timeout", "server_write_timeout", "60s", "Time for an answer to go."),
    row<&O::idle_timeout>(
        "server-idle-timeout", "server_idle_timeout", "5m", "Time between two requests of a connection."),
    row<&O::log_level>("log.level", "", "info", "debug, info, warn or error.", true),
    row<&O::log_format>("log.format", "", "logfmt", "logfmt or json."),
    row<&O::verbosity>("v", "", "", "Verbosity as klog has it; from 4 on it is --log.level=debug."),
    ignored("auto-gomemlimit", FlagKind::on_off, "false"),
    ignored("auto-gomemlimit-ratio", FlagKind::text, "0.9"),
    ignored("add_dir_header", FlagKind::on_off, "false"),
    ignored("alsologtostderr", FlagKind::on_off, "false"),
    ignored("log_backtrace_at", FlagKind::text, ""),
    ignored("log_dir", FlagKind::text, ""),
    ignored("log_file", FlagKind::text, ""),
    ignored("log_file_max_size", FlagKind::text, "1800"),
    ignored("logtostderr", FlagKind::on_off, "true"),
    ignored("one_output", FlagKind::on_off, "false"),
    ignored("skip_headers", FlagKind::on_off, "false"),
    ignored("skip_log_headers", FlagKind::on_off, "false"),
    ignored("stderrthreshold", FlagKind::text, "2"),
    ignored("vmodule", FlagKind::text, ""),
};

constexpr auto flags = [] {
    std::array<Flag, std::size(options)> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = options[i].flag;
    return out;
}();

}  // namespace

std::span<const Flag> option_flags() {
    return flags;
}

Result<Options> read_options(const process::CommandLine& line) {
    Options out;
    for (const auto& option : options) {
        const auto& name = option.flag.name;
        if (option.set == nullptr || !line.given(name)) continue;
        Names values;
        if (option.flag.kind == FlagKind::on_off)
            values = {line.on(name) ? "true" : "false"};
        else
            values = option.flag.kind == FlagKind::list ? line.list(name) : Names{line.text(name)};
        for (const auto& value : values)
            if (const auto done = option.set(out, value); !done)
                return failure("--" + std::string(name) + ": " + done.error().message);
    }
    return out;
}

Result<Options> with_config(Options out, std::string_view text) {
    Faults faults(out.config);
    std::vector<std::string_view> keys;
    for (const auto& option : options)
        if (!option.key.empty()) keys.push_back(option.key);
    const auto tree = config::parse_yaml(text, faults);
    const bool empty = !tree || tree->kind == Node::Kind::null;
    if (!empty && config::expect_mapping(*tree, faults))
        for (const auto& [key, value] : tree->members) {
            const Option* found = nullptr;
            for (const auto& option : options)
                if (!option.key.empty() && option.key == key.text) found = &option;
            if (found != nullptr)
                found->decode(value, out, faults);
            else if (key.text != "auto-gomemlimit" && key.text != "auto-gomemlimit-ratio" &&
                     key.text != "help")
                config::unknown_key(key, keys, faults);
        }
    if (!faults.empty()) return failure(faults.text());
    return out;
}

Names without_effect(const process::CommandLine& line) {
    Names out;
    for (const auto& option : options)
        if (option.set == nullptr && line.given(option.flag.name))
            out.push_back("--" + std::string(option.flag.name));
    return out;
}

std::vector<std::string> go_spellings(std::span<const char* const> arguments) {
    std::vector<std::string> out;
    for (const std::string_view word : arguments) {
        if (word == "version" && out.empty())
            out.emplace_back("--version");
        else if (word == "-v" || word.starts_with("-v="))
            out.push_back('-' + std::string(word));
        else
            out.emplace_back(word);
    }
    return out;
}

}  // namespace pifleet::k8s
