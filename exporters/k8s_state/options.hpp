// What the exporter is told: kube-state-metrics's flags and the same options in a file (--config). Declared
// once, as rows: a flag, its key in the file, and the member it fills.
#pragma once

#include "common/base/result.hpp"
#include "common/config/tree.hpp"
#include "common/config/values.hpp"
#include "common/process/command_line.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

using Names = std::vector<std::string>;
/// By resource ("*": all of them): keys of labels or annotations.
using AllowLists = std::map<std::string, Names, std::less<>>;

struct Options {
    std::string apiserver, kubeconfig;

    Names resources;  // empty: those that are on by default
    Names namespaces, namespaces_denylist;
    Names metric_allowlist, metric_denylist, metric_opt_in_list;
    AllowLists labels_allowlist, annotations_allowlist;
    Names nodes;
    bool track_unscheduled_pods = false;
    std::uint64_t shard = 0, total_shards = 1;
    std::string pod, pod_namespace;
    bool use_apiserver_cache = false;
    std::uint64_t object_limit = 0;
    std::string custom_config, custom_config_file;
    bool custom_only = false, continue_without_custom_config_file = false;
    config::Duration stale_after{300'000};

    std::string host = "::", telemetry_host = "::";
    std::uint64_t port = 8080, telemetry_port = 8081;
    std::string tls_config;
    bool auth_filter = false, gzip = false;
    config::Duration read_timeout{60'000}, read_header_timeout{5'000}, write_timeout{60'000},
        idle_timeout{300'000};

    std::string config;
    bool continue_without_config = false;
    std::string log_level = "info", log_format = "logfmt", verbosity;

    bool operator==(const Options&) const = default;
};

/// For CommandLine::declare().
std::span<const process::Flag> option_flags();

/// The flags as Go's programs take them, too: "-v=4" is "--v=4", "version" is "--version".
std::vector<std::string> go_spellings(std::span<const char* const> arguments);

/// What the command line says. The error names the flag.
Result<Options> read_options(const process::CommandLine& line);

/// The same, with what the file at options.config says in place of it. `text` is the file's. The error has
/// every fault with file:line:column.
Result<Options> with_config(Options options, std::string_view text);

/// Flags that were given and mean nothing here.
Names without_effect(const process::CommandLine& line);

/// "pods=[app,team/*],*=[x]". The error says what is wrong and where.
Result<AllowLists> parse_allow_lists(std::string_view text);

}  // namespace pifleet::k8s
