// The text of a log line, apart from where and when it is written. Whatever a scraped machine sends may end
// up here, so control characters never reach a terminal or begin a line of their own, and a value has a
// greatest length.
#pragma once

#include "common/process/log.hpp"

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pifleet::log {

enum class Format { logfmt, json };

/// The longest value written, in bytes; what is longer is cut and ends in "…".
inline constexpr std::size_t longest_value = 2048;

/// Appends key=value, with a blank in front unless `out` is empty; the value is quoted only where logfmt
/// needs it.
void append_logfmt(std::string& out, std::string_view key, std::string_view value);

/// Appends "key":"value", with a comma in front unless `out` is empty. Bytes that are not UTF-8 become
/// U+FFFD.
void append_json(std::string& out, std::string_view key, std::string_view value);

/// The part of a line that does not depend on time and level: msg=… and the fields.
std::string line_body(Format format, std::string_view message, std::initializer_list<Field> fields);

/// "2026-11-22T13:00:00.000Z"
std::string timestamp(std::chrono::system_clock::time_point time);

std::string_view level_name(Level level);

}  // namespace pifleet::log
