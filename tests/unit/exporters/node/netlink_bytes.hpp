// Netlink attributes as the kernel would write them.
#pragma once

#include <linux/rtnetlink.h>

#include <cstdint>
#include <string>

namespace pifleet::node::test {

/// The bytes of a number, as wide as its type.
template <class Number>
std::string raw(Number number) {
    return {reinterpret_cast<const char*>(&number), sizeof number};
}

inline std::string attribute(std::uint16_t type, const std::string& payload) {
    const rtattr header{static_cast<std::uint16_t>(sizeof(rtattr) + payload.size()), type};
    auto bytes = raw(header) + payload;
    bytes.resize(RTA_ALIGN(bytes.size()));
    return bytes;
}

}  // namespace pifleet::node::test
