// What /proc/cpuinfo says of each processor, on x86 and on ARM.
#pragma once

#include "common/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

/// Views into the text. What the architecture does not tell is empty.
struct CpuInfo {
    std::string_view processor, package, core, vendor, family, model, model_name, microcode, stepping,
        cache_size;
    std::string_view flags, bugs;  // words
    std::optional<double> megahertz;
};

Result<std::vector<CpuInfo>> parse_cpuinfo(const std::string& path, std::string_view text);

}  // namespace pifleet::node
