// The NFS mounts of a machine with their statistics: /proc/PID/mountstats, and mountinfo for the server's
// address.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

struct NfsMount {
    using Numbers = std::vector<std::uint64_t>;
    struct Operation {
        std::string name;
        Numbers
            numbers;  // at least 8: requests, transmissions, timeouts, bytes sent and received, times in ms
    };

    std::string device;     // "nas:/export"
    std::string point;      // as the kernel writes it
    std::string address;    // of the server; empty when unknown
    std::string protocol;   // of the first transport: "tcp", "udp", "rdma"
    std::uint64_t age = 0;  // in seconds
    Numbers bytes, events;
    std::vector<Numbers>
        transports;  // 13 numbers each, as TCP has them with statvers=1.1; 0 what is not told
    std::vector<Operation> operations;
};

/// Errors name the path and the line. Addresses are empty.
Result<std::vector<NfsMount>> parse_mountstats(const std::string& path, std::string_view text);

/// The option addr= that mountinfo has for each mount's place.
void add_addresses(std::string_view mountinfo, std::vector<NfsMount>& mounts);

}  // namespace pifleet::node
