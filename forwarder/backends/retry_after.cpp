#include "forwarder/backends/retry_after.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <ctime>
#include <string>

namespace pifleet::forwarder {

using std::chrono::milliseconds;

std::optional<milliseconds> parse_retry_after(std::string_view value,
                                              std::chrono::system_clock::time_point now) {
    value = trim(value);
    if (const auto seconds = to_unsigned(value))
        return milliseconds(std::min<std::uint64_t>(*seconds, 1u << 30) * 1000);
    std::tm date{};
    const std::string text(value);
    const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (end == nullptr || *end != '\0') return std::nullopt;
    const auto when = std::chrono::system_clock::from_time_t(::timegm(&date));
    return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(when - now));
}

}  // namespace pifleet::forwarder
