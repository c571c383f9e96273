// What protocols do with their settings and with the address's query.
#pragma once

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

/// The value of a parameter of the query, as it stands there; nothing: there is none.
std::optional<std::string_view> parameter(std::string_view target, std::string_view name);
/// The target with this parameter in its query, if it has none of that name.
std::string with_parameter(std::string target, std::string_view name, std::string_view value);

}  // namespace pifleet::forwarder
