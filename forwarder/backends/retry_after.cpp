#include "forwarder/backends/retry_after.hpp"

#include "common/base/text.hpp"
#include "common/http/date.hpp"

#include <algorithm>

namespace pifleet::forwarder {

using std::chrono::milliseconds;

std::optional<milliseconds> parse_retry_after(std::string_view value,
                                              std::chrono::system_clock::time_point now) {
    value = trim(value);
    if (const auto seconds = to_unsigned(value))
        return milliseconds(std::min<std::uint64_t>(*seconds, 1u << 30) * 1000);
    const auto when = http::parse_date(value);
    if (!when) return std::nullopt;
    return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(*when - now));
}

}  // namespace pifleet::forwarder
