// Log lines in logfmt (or JSON) on stderr. Levels by consequence: error = something a person must do, warn =
// something did not work and is tried again, info = changes of state, debug = the rest.
#pragma once

#include "common/base/result.hpp"

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pifleet::log {

enum class Level { debug, info, warn, error };

struct Field {
    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(v) {}
    Field(std::string_view k, const Error& e) : key(k), value(e.message) {}
    template <std::integral T>
    Field(std::string_view k, T v) : key(k), value(std::to_string(v)) {}
    std::string_view key;
    std::string value;
};

/// "debug", "info", "warn", "error"; anything else is an error that says so.
Result<void> set_level(std::string_view name);
/// "logfmt" or "json".
Result<void> set_format(std::string_view name);

/// Thread-safe. A warning or error with the same message and the same fields is written once a minute at
/// most; the next one written says how often it was left out (repeated=N). Under systemd lines carry the
/// journal's <N> prefix.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::debug, m, f);
}
inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::info, m, f);
}
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::warn, m, f);
}
inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::error, m, f);
}

}  // namespace pifleet::log
