// Small text tools that every part needs: numbers, trimming, "did you mean".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet {

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Pieces between separators; "a,,b" has three. The views point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Pieces between runs of blanks and tabs, none of them empty. The views point into `text`.
std::vector<std::string_view> fields(std::string_view text);

/// The whole text as a number, or nothing. No leading or trailing blanks are taken.
std::optional<double> to_double(std::string_view text);
std::optional<std::int64_t> to_int(std::string_view text);
std::optional<std::uint64_t> to_unsigned(std::string_view text);

/// The shortest decimal that reads back as the same double; NaN, +Inf, -Inf as Prometheus spells them.
void append_number(std::string& out, double value);
std::string number_text(double value);

/// The candidate nearest to `word` by edit distance, if it is near enough to be what was meant.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

/// " (did you mean 'x'?)" or nothing: ready to be put behind an error message.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace pifleet
