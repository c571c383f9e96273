// Whole tables of the kernel by netlink(7): one request, then messages until the kernel says that these were
// all.
#pragma once

#include "common/base/result.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::node {

/// What a message holds behind its header.
using NetlinkHandler = std::function<void(std::uint16_t type, std::span<const char> payload)>;

/// Sends a dump request of this type to the protocol (NETLINK_ROUTE, ...) and hands over each message of the
/// answer. `what` names the table in errors. Fails where netlink sockets are not allowed; Error::Kind::absent
/// where the kernel knows no such table or device. Never waits longer than two seconds for the kernel.
Result<void> netlink_dump(int protocol,
                          std::uint16_t type,
                          std::span<const char> body,
                          std::string_view what,
                          const NetlinkHandler& handler);

template <class Body>
std::span<const char> bytes_of(const Body& body) {
    return {reinterpret_cast<const char*>(&body), sizeof body};
}

/// Copies the structure at the front of `payload`, which then begins behind it. False when it is cut short.
template <class Struct>
bool take_struct(std::span<const char>& payload, Struct& out) {
    constexpr std::size_t aligned = (sizeof out + 3) & ~std::size_t{3};
    if (payload.size() < sizeof out) return false;
    std::memcpy(&out, payload.data(), sizeof out);
    payload = payload.subspan(std::min(aligned, payload.size()));
    return true;
}

struct NetlinkAttribute {
    std::uint16_t type = 0;
    std::span<const char> payload;

    /// The payload as a number; 0 when it is shorter than one.
    std::uint32_t number() const {
        std::uint32_t value = 0;
        if (payload.size() >= sizeof value) std::memcpy(&value, payload.data(), sizeof value);
        return value;
    }
    /// The payload as a text that may end with a zero byte.
    std::string_view text() const {
        const std::string_view all(payload.data(), payload.size());
        return all.substr(0, all.find('\0'));
    }
};

/// Cuts the first attribute off `attributes`. False at the end, or where an attribute is cut short.
bool next_attribute(std::span<const char>& attributes, NetlinkAttribute& out);

/// Bytes as the files of /sys/class/net spell an address: "dc:a6:32:00:00:01".
std::string hardware_address(std::span<const char> bytes);

}  // namespace pifleet::node
