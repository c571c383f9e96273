#include "exporters/node/collectors/addresses.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

namespace pifleet::node {

namespace {

// node_exporter counts loopback among link-local.
std::string_view scope_of(const in_addr& address) {
    const auto host = ntohl(address.s_addr);
    if (host >> 24 == 127 || host >> 16 == 0xa9fe || host >> 8 == 0xe00000) return "link-local";
    if (host == 0 || host == 0xffffffff || host >> 28 == 0xe) return "";
    return "global";
}

std::string_view scope_of(const in6_addr& address) {
    if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_LINKLOCAL(&address) ||
        IN6_IS_ADDR_MC_LINKLOCAL(&address))
        return "link-local";
    if (IN6_IS_ADDR_MC_NODELOCAL(&address)) return "interface-local";
    if (IN6_IS_ADDR_UNSPECIFIED(&address) || IN6_IS_ADDR_MULTICAST(&address)) return "";
    return "global";
}

int prefix_length(std::span<const unsigned char> mask) {
    int length = 0;
    for (const auto byte : mask) length += std::popcount(byte);
    return length;
}

template <class In>
Address describe(int family, const char* device, const In& address, const In& mask) {
    char text[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(family, &address, text, sizeof text);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&mask);
    return {device, text, std::to_string(prefix_length({bytes, sizeof mask})), scope_of(address)};
}

std::optional<Address> describe(const ifaddrs& entry) {
    if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return std::nullopt;
    if (entry.ifa_addr->sa_family == AF_INET)
        return describe(AF_INET,
                        entry.ifa_name,
                        reinterpret_cast<const sockaddr_in*>(entry.ifa_addr)->sin_addr,
                        reinterpret_cast<const sockaddr_in*>(entry.ifa_netmask)->sin_addr);
    if (entry.ifa_addr->sa_family == AF_INET6)
        return describe(AF_INET6,
                        entry.ifa_name,
                        reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr)->sin6_addr,
                        reinterpret_cast<const sockaddr_in6*>(entry.ifa_netmask)->sin6_addr);
    return std::nullopt;
}

}  // namespace

Result<std::vector<Address>> read_addresses() {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        return failure(std::string("cannot list the addresses: ") + std::strerror(errno));
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
    std::vector<Address> addresses;
    for (const auto* entry = first; entry != nullptr; entry = entry->ifa_next)
        if (auto address = describe(*entry)) addresses.push_back(std::move(*address));
    return addresses;
}

}  // namespace pifleet::node
