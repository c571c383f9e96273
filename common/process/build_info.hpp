// Which pifleet this is. Apart from run.hpp, so that whoever only tells the version does not see Asio.
#pragma once

#include <cstdint>
#include <string_view>

namespace pifleet::process {

struct BuildInfo {
    std::string_view version;   // "0.1.0"
    std::string_view revision;  // short commit hash, or "unknown"
    std::string_view compiler;  // "gcc 12.2.0"
    std::int64_t time;          // of the source (SOURCE_DATE_EPOCH, or the commit), seconds since the epoch
};
const BuildInfo& build_info();

}  // namespace pifleet::process
