// DNS records of the types that dns_sd_configs asks for.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/config/config.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pifleet::forwarder {

struct DnsRecord {
    std::string host;        // an address, or a name without its final dot
    std::uint16_t port = 0;  // of an SRV record
    friend auto operator<=>(const DnsRecord&, const DnsRecord&) = default;
};

/// Asks the name servers of /etc/resolv.conf, its search domains included; blocks. A name that does not exist
/// has no records; the error says that no server knew whether it exists.
Result<std::vector<DnsRecord>> find_dns_records(const std::string& name, DnsDiscovery::Type type);

/// The records of this type in a server's answer of any bytes, sorted; others (CNAME) are passed over, and so
/// is an SRV record whose host is the root: "there is no such service here" (RFC 2782).
Result<std::vector<DnsRecord>> read_dns_records(std::span<const unsigned char> answer,
                                                DnsDiscovery::Type type);

}  // namespace pifleet::forwarder
