#include "common/http/date.hpp"

#include <ctime>
#include <string>

namespace pifleet::http {

std::optional<std::chrono::system_clock::time_point> parse_date(std::string_view text) {
    std::tm date{};
    const std::string owned(text);
    const char* end = ::strptime(owned.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (end == nullptr || *end != '\0') return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&date));
}

}  // namespace pifleet::http
