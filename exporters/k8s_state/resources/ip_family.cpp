#include "exporters/k8s_state/resources/ip_family.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace pifleet::k8s {

namespace {

bool is_v4(std::string_view text) {
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (text.empty() || text.front() != '.') return false;
            text.remove_prefix(1);
        }
        int value = 0;
        const auto length = std::min(text.find_first_not_of("0123456789"), text.size());
        for (const char c : text.substr(0, length)) value = std::min(value * 10 + (c - '0'), 256);
        if (length == 0 || value > 255) return false;
        text.remove_prefix(length);
    }
    return text.empty();
}

}  // namespace

std::string_view ip_family(std::string_view address) {
    if (address.find(':') == std::string_view::npos) return is_v4(address) ? "4" : "";
    std::array<char, INET6_ADDRSTRLEN> text{};
    in6_addr parsed{};
    if (address.size() >= text.size()) return "";
    std::copy(address.begin(), address.end(), text.begin());
    if (std::memchr(text.data(), '\0', text.size()) != text.data() + address.size() ||
        inet_pton(AF_INET6, text.data(), &parsed) != 1)
        return "";
    return IN6_IS_ADDR_V4MAPPED(&parsed) ? "4" : "6";
}

}  // namespace pifleet::k8s
