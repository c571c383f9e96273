// What the chosen context, its cluster and its user mean. Keys that we do not know are passed over, as by
// kubectl: other tools keep theirs there.
#include "common/base/base64.hpp"
#include "common/base/text.hpp"
#include "common/config/fields.hpp"
#include "common/kubernetes/access.hpp"
#include "common/kubernetes/kubeconfig.hpp"

#include <span>
#include <string_view>

namespace pifleet::kubernetes {

namespace {

using config::Faults;
using config::Field;
using config::field;
using config::Node;
using config::Place;

struct Text {  // and where it stood
    std::string text;
    Place place;
};
void decode(const Node& node, Text& into, Faults& faults) {
    config::decode(node, into.text, faults);
    into.place = node.place;
}

struct Data {  // bytes in base64
    std::string bytes;
};
void decode(const Node& node, Data& into, Faults& faults) {
    std::string text;
    config::decode(node, text, faults);
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    auto bytes = base64_decode(text);
    if (bytes)
        into.bytes = std::move(*bytes);
    else
        faults.add(node.place, "expected base64");
}

struct Switch {  // in quotes too, as some tools write them
    bool on = false;
};
void decode(const Node& node, Switch& into, Faults& faults) {
    if (node.quoted && (node.text == "true" || node.text == "false"))
        into.on = node.text == "true";
    else
        config::decode(node, into.on, faults);
}

struct ContextEntry {
    std::string cluster, user, ns;
};
constexpr Field<ContextEntry> context_rows[] = {
    field<&ContextEntry::cluster>("cluster", "", "the name of a cluster"),
    field<&ContextEntry::user>("user", "", "the name of a user; none: anonymous"),
    field<&ContextEntry::ns>("namespace", "", "the namespace meant where none is named"),
};

struct ClusterEntry {
    Text server, proxy;
    std::string server_name, ca_file;
    Data ca;
    Switch insecure;
};
constexpr Field<ClusterEntry> cluster_rows[] = {
    field<&ClusterEntry::server>("server", "", "the API server's address"),
    field<&ClusterEntry::server_name>("tls-server-name", "", "the name in its certificate"),
    field<&ClusterEntry::insecure>("insecure-skip-tls-verify", "false", "trust any certificate"),
    field<&ClusterEntry::ca_file>("certificate-authority", "", "a file with the authority's certificate"),
    field<&ClusterEntry::ca>("certificate-authority-data", "", "the same in base64"),
    field<&ClusterEntry::proxy>("proxy-url", "", "the way to the server"),
};

struct Variable {
    std::string name, value;
};
constexpr Field<Variable> variable_rows[] = {
    field<&Variable::name>("name", "", "of an environment variable"),
    field<&Variable::value>("value", "", "its value"),
};

struct ExecEntry {
    Text command, api_version, interactive;
    std::vector<std::string> arguments;
    std::vector<Variable> environment;
    std::string install_hint;
    Switch cluster_info;
    Place place;
    bool given = false;
};
struct UserEntry {
    std::string cert_file, key_file, token, token_file, user, password;
    Data cert, key;
    std::string as, as_uid;
    std::vector<std::string> as_groups;
    ExecEntry exec;
    Text provider;  // of auth-provider
};

template <class T>
void read_known(const Node& node, std::span<const Field<T>> rows, T& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& row : rows)
        if (const auto* value = node.find(row.key); value != nullptr && row.read != nullptr)
            row.read(*value, into, faults);
}

void decode(const Node& node, Variable& into, Faults& faults) {
    read_known<Variable>(node, variable_rows, into, faults);
}

constexpr Field<ExecEntry> exec_rows[] = {
    field<&ExecEntry::command>("command", "", "the program"),
    field<&ExecEntry::arguments>("args", "", "its arguments"),
    field<&ExecEntry::environment>("env", "", "variables beside ours"),
    field<&ExecEntry::api_version>("apiVersion", "", "what it speaks"),
    field<&ExecEntry::install_hint>("installHint", "", "what to do when it is missing"),
    field<&ExecEntry::interactive>("interactiveMode", "IfAvailable", "whether it needs a terminal"),
    field<&ExecEntry::cluster_info>("provideClusterInfo", "false", "tell it of the cluster"),
};

void decode(const Node& node, ExecEntry& into, Faults& faults) {
    if (node.kind == Node::Kind::null) return;
    into.given = true;
    into.place = node.place;
    read_known<ExecEntry>(node, exec_rows, into, faults);
    if (into.command.text.empty()) faults.add(node.place, "exec: expected a command");
    const auto& version = into.api_version.text;
    if (version != "client.authentication.k8s.io/v1" && version != "client.authentication.k8s.io/v1beta1")
        faults.add(version.empty() ? node.place : into.api_version.place,
                   "exec: apiVersion: expected client.authentication.k8s.io/v1 or …/v1beta1");
    if (into.interactive.text == "Always")
        faults.add(into.interactive.place,
                   "exec: a program that needs a terminal cannot be used by a service");
}

void decode_provider(const Node& node, UserEntry& into, Faults& faults) {
    if (node.kind == Node::Kind::null) return;
    if (const auto* name = node.find("name")) decode(*name, into.provider, faults);
    into.provider.place = node.place;
    if (into.provider.text.empty()) into.provider.text = "?";
}

constexpr Field<UserEntry> user_rows[] = {
    field<&UserEntry::cert_file>("client-certificate", "", "a file with our certificate"),
    field<&UserEntry::cert>("client-certificate-data", "", "the same in base64"),
    field<&UserEntry::key_file>("client-key", "", "a file with its key"),
    field<&UserEntry::key>("client-key-data", "", "the same in base64"),
    field<&UserEntry::token>("token", "", "a bearer token"),
    field<&UserEntry::token_file>("tokenFile", "", "a file with a bearer token"),
    field<&UserEntry::user>("username", "", "for basic authentication"),
    field<&UserEntry::password>("password", "", "for basic authentication"),
    field<&UserEntry::as>("as", "", "the user to act as"),
    field<&UserEntry::as_uid>("as-uid", "", "and its uid"),
    field<&UserEntry::as_groups>("as-groups", "", "and its groups"),
    field<&UserEntry::exec>("exec", "", "a program that prints credentials"),
    {"auth-provider", "", "what kubectl had before exec", decode_provider},
};

// As client-go: an address without scheme is https when anything of TLS is configured.
Result<http::Url> server_url(std::string_view text, bool tls) {
    if (text.empty()) return failure("expected the API server's address, as in https://192.168.1.10:6443");
    if (text.find("://") != std::string_view::npos) return http::parse_url(text);
    return http::parse_url((tls ? "https://" : "http://") + std::string(text));
}

Result<std::shared_ptr<const http::ProxyOptions>> proxy_of(const Text& text, Faults& faults) {
    http::ProxyOptions options;
    options.from_environment = text.text.empty();
    if (!text.text.empty()) {
        auto url = http::parse_proxy(text.text);
        if (!url) {
            faults.add(text.place, "proxy-url: " + url.error().message);
            return url.error();
        }
        options.url = std::move(*url);
    }
    return std::make_shared<const http::ProxyOptions>(std::move(options));
}

void take_cluster(const Kubeconfig::Entry& entry, const std::string& server, Access& out) {
    auto& faults = entry.file->faults;
    ClusterEntry cluster;
    if (entry.body != nullptr) read_known<ClusterEntry>(*entry.body, cluster_rows, cluster, faults);
    out.tls.server_name = cluster.server_name;
    out.tls.insecure_skip_verify = cluster.insecure.on;
    out.tls.ca = cluster.ca.bytes;
    if (out.tls.ca.empty()) out.tls.ca_file = entry.file->resolve(cluster.ca_file);
    const bool tls = cluster.insecure.on || !out.tls.ca.empty() || !out.tls.ca_file.empty();
    auto url = server_url(server.empty() ? cluster.server.text : server, tls);
    if (url)
        out.server = std::move(*url);
    else
        faults.add(cluster.server.place.line != 0 ? cluster.server.place : entry.name->place,
                   "server: " + url.error().message);
    if (auto proxy = proxy_of(cluster.proxy, faults)) out.proxy = std::move(*proxy);
}

void take_exec(const ExecEntry& entry, const Kubeconfig::File& file, Access& out) {
    ExecPlugin plugin;
    const auto& command = entry.command.text;
    plugin.command = command.find('/') == std::string::npos ? command : file.resolve(command);
    plugin.arguments = entry.arguments;
    for (const auto& variable : entry.environment)
        plugin.environment.emplace_back(variable.name, variable.value);
    plugin.api_version = entry.api_version.text;
    plugin.install_hint = entry.install_hint;
    plugin.provide_cluster_info = entry.cluster_info.on;
    out.exec = std::move(plugin);
}

void take_user(const Kubeconfig::Entry& entry, Access& out) {
    auto& faults = entry.file->faults;
    UserEntry user;
    if (entry.body != nullptr) read_known<UserEntry>(*entry.body, user_rows, user, faults);
    out.tls.cert = user.cert.bytes;
    out.tls.key = user.key.bytes;
    if (out.tls.cert.empty()) out.tls.cert_file = entry.file->resolve(user.cert_file);
    if (out.tls.key.empty()) out.tls.key_file = entry.file->resolve(user.key_file);
    out.token = user.token;
    out.token_file = entry.file->resolve(user.token_file);
    out.user = user.user;
    out.password = user.password;
    if (!user.as.empty()) out.identity.push_back({"Impersonate-User", user.as});
    if (!user.as_uid.empty()) out.identity.push_back({"Impersonate-Uid", user.as_uid});
    for (const auto& group : user.as_groups) out.identity.push_back({"Impersonate-Group", group});
    if (user.exec.given) take_exec(user.exec, *entry.file, out);
    const bool other = !out.token.empty() || !out.token_file.empty() || !out.user.empty() || out.exec;
    if (!user.provider.text.empty() && !other)
        faults.add(
            user.provider.place,
            "auth-provider '" + user.provider.text + "' is not supported; use an exec plugin or a token");
}

Result<std::string> chosen_context(const Kubeconfig& config, const std::string& asked) {
    if (!asked.empty()) return asked;
    if (auto current = config.current_context(); !current.empty()) return current;
    return failure(config.source() + ": no current-context: choose one by 'kubectl config use-context NAME'");
}

}  // namespace

Result<Access> from_kubeconfig(const std::string& files,
                               const std::string& asked,
                               const std::string& server) {
    std::vector<std::string> paths;
    for (const auto path : split(files, ':'))
        if (!path.empty()) paths.emplace_back(path);
    auto config = Kubeconfig::read(paths);
    if (!config) return config.error();
    const auto name = chosen_context(*config, asked);
    if (!name) return name.error();
    const auto at = [](const Kubeconfig::Entry& entry) {
        return entry.file->path + ':' + std::to_string(entry.name->place.line) + ':' +
               std::to_string(entry.name->place.column) + ": ";
    };
    const auto context = config->find("contexts", *name);
    if (!context) return failure(config->source() + ": " + context.error().message);
    ContextEntry parts;
    if (context->body != nullptr)
        read_known<ContextEntry>(*context->body, context_rows, parts, context->file->faults);
    if (!context->file->faults.empty()) return failure(context->file->faults.text());

    Access out;
    out.source = config->source() + " (context " + *name + ')';
    out.ns = parts.ns;
    const auto cluster = config->find("clusters", parts.cluster);
    if (!cluster) return failure(at(*context) + cluster.error().message);
    take_cluster(*cluster, server, out);
    if (!parts.user.empty()) {
        const auto user = config->find("users", parts.user);
        if (!user) return failure(at(*context) + user.error().message);
        take_user(*user, out);
        if (!user->file->faults.empty()) return failure(user->file->faults.text());
    }
    if (!cluster->file->faults.empty()) return failure(cluster->file->faults.text());
    return out;
}

}  // namespace pifleet::kubernetes
