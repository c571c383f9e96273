#include "exporters/node/line_reader.hpp"

#include "common/base/text.hpp"
#include "exporters/node/machine_files.hpp"

#include <charconv>

namespace pifleet::node {

Result<std::uint64_t> LineReader::number() {
    const auto text = word();
    if (const auto value = to_unsigned(text)) return *value;
    return not_a_number(path_ + " line " + std::to_string(number_), text);
}

Result<std::uint64_t> LineReader::hex_number() {
    const auto text = word();
    if (const auto value = from_hex(text)) return *value;
    return not_a_number(path_ + " line " + std::to_string(number_), text);
}

Error LineReader::error(std::string_view what) const {
    return failure(path_ + " line " + std::to_string(number_) + ": " + std::string(what));
}

std::optional<std::uint64_t> from_hex(std::string_view text) {
    std::uint64_t value = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value, 16);
    if (error != std::errc{} || end != last) return std::nullopt;
    return value;
}

}  // namespace pifleet::node
