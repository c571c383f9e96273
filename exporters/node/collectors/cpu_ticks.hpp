// What every CPU did since boot, from /proc/stat, kept from scrape to scrape so that no counter ever goes
// backwards.
#pragma once

#include "common/base/result.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace pifleet::node {

/// In the order of the columns of /proc/stat. Guest time is part of user and nice as well.
enum CpuMode {
    cpu_user,
    cpu_nice,
    cpu_system,
    cpu_idle,
    cpu_iowait,
    cpu_irq,
    cpu_softirq,
    cpu_steal,
    cpu_guest,
    cpu_guest_nice,
    cpu_modes,  // how many there are
};

using Ticks = std::array<std::uint64_t, cpu_modes>;
inline constexpr double ticks_per_second = 100;  // USER_HZ, the same on every architecture

class CpuTicks {
  public:
    /// Takes in the text of /proc/stat. An error leaves what was known unchanged.
    Result<void> update(const std::string& path, std::string_view stat);

    /// By the CPU's number. A CPU that was taken offline keeps its last counts.
    const std::map<unsigned, Ticks>& cpus() const { return cpus_; }

  private:
    std::map<unsigned, Ticks> cpus_;
};

}  // namespace pifleet::node
