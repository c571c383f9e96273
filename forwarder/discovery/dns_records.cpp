#include "forwarder/discovery/dns_records.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace pifleet::forwarder {

namespace {

using Type = DnsDiscovery::Type;

constexpr std::size_t most_answer_bytes = 65'535;  // what a DNS message can be

ns_type number_of(Type type) {
    switch (type) {
        case Type::a:
            return ns_t_a;
        case Type::aaaa:
            return ns_t_aaaa;
        case Type::mx:
            return ns_t_mx;
        case Type::ns:
            return ns_t_ns;
        case Type::srv:
            break;
    }
    return ns_t_srv;
}

std::optional<std::string> address(const ns_rr& record, int family, std::size_t size) {
    if (ns_rr_rdlen(record) != size) return std::nullopt;
    char text[INET6_ADDRSTRLEN];
    return ::inet_ntop(family, ns_rr_rdata(record), text, sizeof text);
}

// The host name that begins `skip` bytes into the record's data.
std::optional<std::string> host(const ns_msg& message, const ns_rr& record, std::size_t skip) {
    if (ns_rr_rdlen(record) <= skip) return std::nullopt;
    char text[NS_MAXDNAME];
    const auto* name = ns_rr_rdata(record) + skip;
    if (::dn_expand(ns_msg_base(message), ns_msg_end(message), name, text, sizeof text) < 0)
        return std::nullopt;
    return text;
}

std::optional<DnsRecord> read_record(const ns_msg& message, const ns_rr& record, Type type) {
    DnsRecord out;
    std::optional<std::string> found;
    switch (type) {
        case Type::a:
            found = address(record, AF_INET, NS_INADDRSZ);
            break;
        case Type::aaaa:
            found = address(record, AF_INET6, NS_IN6ADDRSZ);
            break;
        case Type::mx:  // preference, host
            found = host(message, record, NS_INT16SZ);
            break;
        case Type::ns:
            found = host(message, record, 0);
            break;
        case Type::srv:  // priority, weight, port, host
            found = host(message, record, 3 * NS_INT16SZ);
            if (found)
                out.port = static_cast<std::uint16_t>(::ns_get16(ns_rr_rdata(record) + 2 * NS_INT16SZ));
            break;
    }
    if (!found) return std::nullopt;
    out.host = std::move(*found);
    return out;
}

// The C library's resolver with the configuration as it stands now.
struct Resolver {
    struct __res_state state {};
    bool ready = ::res_ninit(&state) == 0;
    Resolver() = default;
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    ~Resolver() {
        if (ready) ::res_nclose(&state);
    }
};

}  // namespace

Result<std::vector<DnsRecord>> read_dns_records(std::span<const unsigned char> answer, Type type) {
    ns_msg message;
    if (::ns_initparse(answer.data(), static_cast<int>(answer.size()), &message) != 0)
        return failure("the name server's answer is broken");
    std::vector<DnsRecord> records;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
        ns_rr record;
        if (::ns_parserr(&message, ns_s_an, i, &record) != 0)
            return failure("the name server's answer is broken");
        if (ns_rr_type(record) != number_of(type)) continue;
        auto read = read_record(message, record, type);
        if (!read) return failure("the name server's answer has a broken record");
        if (!read->host.empty()) records.push_back(std::move(*read));
    }
    std::sort(records.begin(), records.end());  // servers turn the order with each answer
    return records;
}

Result<std::vector<DnsRecord>> find_dns_records(const std::string& name, Type type) {
    Resolver resolver;
    if (!resolver.ready) return failure("the resolver cannot be set up: /etc/resolv.conf cannot be read");
    std::vector<unsigned char> answer(most_answer_bytes);
    const int size = ::res_nsearch(&resolver.state,
                                   name.c_str(),
                                   ns_c_in,
                                   number_of(type),
                                   answer.data(),
                                   static_cast<int>(answer.size()));
    if (size >= 0)
        return read_dns_records({answer.data(), std::min(answer.size(), static_cast<std::size_t>(size))},
                                type);
    const int code = resolver.state.res_h_errno;
    if (code == HOST_NOT_FOUND || code == NO_DATA) return std::vector<DnsRecord>();
    return failure(code == TRY_AGAIN ? "no name server answered, or only with an error"
                                     : "the name servers cannot answer for this name");
}

}  // namespace pifleet::forwarder
