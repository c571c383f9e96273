#include "common/kubernetes/access.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"

#include <unistd.h>

#include <cstdlib>

namespace pifleet::kubernetes {

namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool there(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

std::shared_ptr<const http::ProxyOptions> proxy_of_environment() {
    http::ProxyOptions options;
    options.from_environment = true;
    return std::make_shared<const http::ProxyOptions>(std::move(options));
}

Result<http::Url> url_of(const std::string& server) {
    auto url = http::parse_url(server.find("://") == std::string::npos ? "http://" + server : server);
    if (!url) return failure("the API server's address '" + server + "': " + url.error().message);
    return url;
}

std::string remedy() {
    constexpr auto k3s = "/etc/rancher/k3s/k3s.yaml";
    std::string out = "name a file by --kubeconfig, or run in a pod with a service account";
    if (there(k3s))
        (out += "; this machine has ") +=
            std::string(k3s) + " (k3s), which only root can read unless it was copied";
    return out;
}

}  // namespace

Result<Access> from_within(const std::string& server, const std::string& root) {
    const auto host = variable("KUBERNETES_SERVICE_HOST"), port = variable("KUBERNETES_SERVICE_PORT");
    if (server.empty() && (host.empty() || port.empty()))
        return absent("not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
    const auto folder =
        (root.ends_with('/') ? root : root + '/') + "var/run/secrets/kubernetes.io/serviceaccount/";
    Access out;
    out.source = "the pod's service account";
    out.token_file = folder + "token";
    const auto token = read_file(out.token_file);
    if (!token)
        return failure("no service account in this pod: " + token.error().message +
                       " (is automountServiceAccountToken false?)");
    if (there(folder + "ca.crt")) out.tls.ca_file = folder + "ca.crt";
    if (auto ns = read_line(folder + "namespace")) out.ns = std::move(*ns);
    const auto address = host.find(':') == std::string::npos ? host : '[' + host + ']';
    auto url = url_of(server.empty() ? "https://" + address + ':' + port : server);
    if (!url) return url.error();
    out.server = std::move(*url);
    out.proxy = proxy_of_environment();
    return out;
}

Result<Access> find_access(const std::string& kubeconfig, const std::string& server) {
    if (!kubeconfig.empty()) return from_kubeconfig(kubeconfig, {}, server);
    std::string tried;
    const auto note = [&](const std::string& what) { (tried += tried.empty() ? "" : "; ") += what; };

    const auto named = variable("KUBECONFIG");
    if (named.empty()) {
        note("$KUBECONFIG is not set");
    } else {
        auto found = from_kubeconfig(named, {}, server);
        if (found || found.error().kind != Error::Kind::absent) return found;
        note("$KUBECONFIG (" + named + "): " + found.error().message);
    }

    auto within = from_within(server);
    if (within) return within;
    // In a pod without an account there is no other way; elsewhere there is.
    if (!server.empty()) {
        auto url = url_of(server);
        if (!url) return url.error();
        Access out;
        out.server = std::move(*url);
        out.source = "the command line, without credentials";
        out.proxy = proxy_of_environment();
        return out;
    }
    if (within.error().kind != Error::Kind::absent) return within;
    note(within.error().message);

    const auto home = variable("HOME");
    const auto usual = home + "/.kube/config";
    if (named.empty() && !home.empty()) {
        if (there(usual)) return from_kubeconfig(usual, {}, server);
        note("no file " + usual);
    }
    return failure("no Kubernetes cluster is known: " + tried + ". To mend it: " + remedy());
}

}  // namespace pifleet::kubernetes
