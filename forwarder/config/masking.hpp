// Secrets out of what is shown: a configuration as YAML, labels, URLs within texts.
#pragma once

#include "common/config/tree.hpp"
#include "forwarder/config/config.hpp"

#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// What stands in a secret's place, as in Prometheus.
inline constexpr std::string_view masked = "<secret>";

/// Whether what has this name is probably a secret: a key, a password, a token. A name of a file or of a URL
/// is none.
bool names_secret(std::string_view name);

enum class QueryValues { secret_names, all };  // which of them are masked

/// The text with the passwords of all URLs in it masked, and these values of their queries.
std::string without_url_secrets(std::string_view text, QueryValues which);

/// Labels of a target as the page shows them: URLs without their secrets, and no value of a __param_NAME
/// whose name says that it is one.
Pairs without_secrets(const Pairs& labels);

/// The configuration as it stands in its file (without defaults and comments) in YAML, no secret in it:
/// values of keys that name secrets, of every header that is sent, of URL queries, and passwords in URLs.
std::string shown_config(const config::Node& root);

}  // namespace pifleet::forwarder
