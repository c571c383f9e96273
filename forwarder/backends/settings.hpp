// What protocols do with their settings and with the address's query.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/backends/context.hpp"
#include "forwarder/config/protocol.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// A fault when the setting's value is none of these words.
std::optional<SettingFault> one_of(const BackendConfig& config,
                                   std::string_view key,
                                   std::initializer_list<std::string_view> words);

/// A fault when tls_config has more than the names of files (and, with `insecure_too`, insecure_skip_verify).
std::optional<SettingFault> tls_files_only(const BackendConfig& config, bool insecure_too);

/// What is in the file that the setting password_file names; "" when it names none. An empty file is a
/// failure.
Result<std::string> password_of(const BackendConfig& config);

/// The value of a parameter of the query, as it stands there; nothing: there is none.
std::optional<std::string_view> parameter(std::string_view target, std::string_view name);
/// The target with this parameter in its query, if it has none of that name.
std::string with_parameter(std::string target, std::string_view name, std::string_view value);

}  // namespace pifleet::forwarder
