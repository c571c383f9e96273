// What goes to a credential plugin and what comes from it (client.authentication.k8s.io, v1 and v1beta1), as
// texts. Private to common/kubernetes.
#pragma once

#include "common/base/result.hpp"
#include "common/kubernetes/access.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::kubernetes {

struct ExecCredential {
    std::string token;
    std::string cert, key;  // PEM
    std::optional<std::chrono::system_clock::time_point> expires;
};

/// The value of $KUBERNETES_EXEC_INFO. `ca` is the authority's PEM, empty for none.
std::string exec_info(const ExecPlugin& plugin, const Access& access, std::string_view ca);

/// What a plugin has printed. Errors show none of it.
Result<ExecCredential> read_exec_credential(std::string_view text, std::string_view api_version);

/// "2026-11-22T12:21:46Z", with a fraction or an offset or not.
std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text);

}  // namespace pifleet::kubernetes
