// How a cluster's API server is reached: from a kubeconfig file, or from within a pod. Plain values. Facts:
// kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig and
// …/tasks/run-application/access-api-from-pod.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "common/http/proxy.hpp"
#include "common/http/url.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::kubernetes {

/// A program that prints credentials (client.authentication.k8s.io): run when there are none or they have
/// expired.
struct ExecPlugin {
    std::string command;  // without a slash: looked for in $PATH
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;  // beside our own
    std::string api_version;
    std::string install_hint;
    bool provide_cluster_info = false;
};

struct Access {
    http::Url server;      // its target is a prefix of all paths, "/" for none
    http::TlsOptions tls;  // inline certificates and keys are decoded into ca, cert and key
    std::string token;
    std::string token_file;  // read anew when it has changed; wins over `token`
    std::string user, password;
    std::optional<ExecPlugin> exec;      // asked when there is neither token nor user
    std::vector<http::Header> identity;  // whom to act as: Impersonate-User and its like
    std::shared_ptr<const http::ProxyOptions> proxy;
    std::string ns;      // the context's namespace; empty: none named
    std::string source;  // where this was read, for messages
};

/// The cluster of a kubeconfig file, or of several as in $KUBECONFIG ("a:b": what the first says of a name
/// holds, missing ones are passed over), and one of its contexts (empty: the current one). `server` (from
/// --apiserver) replaces the cluster's URL. Errors name file, line and column.
Result<Access> from_kubeconfig(const std::string& files,
                               const std::string& context = {},
                               const std::string& server = {});

/// The cluster that this process runs in as a pod; an error that says so when it does not. `root` is where
/// /var/run/secrets is looked for, for tests.
Result<Access> from_within(const std::string& server = {}, const std::string& root = "/");

/// What a program does: the file that was asked for; without one $KUBECONFIG, the pod it runs in,
/// ~/.kube/config. A server that is named without any file gets the pod's credentials or none. The error
/// names all that was tried and what to do.
Result<Access> find_access(const std::string& kubeconfig, const std::string& server);

}  // namespace pifleet::kubernetes
