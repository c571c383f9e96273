// What a collector is. A collector is one file under collectors/ that exports one CollectorKind, and one line
// in registry.cpp.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"
#include "common/process/command_line.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::node {

class KeptFiles;

/// Where the machine is read. A whole machine can be a folder of text files in a test.
struct Host {
    std::string procfs = "/proc";
    std::string sysfs = "/sys";
    std::string rootfs = "/";
    std::string udev_data = "/run/udev/data";
    /// For files of /sys that each scrape reads (see machine_files.hpp); none: they are opened each time.
    KeptFiles* kept = nullptr;

    std::string proc(std::string_view path) const { return procfs + "/" + std::string(path); }
    std::string sys(std::string_view path) const { return sysfs + "/" + std::string(path); }
};

/// Made once at start, asked at each scrape, always by the one collecting thread; so it may keep state
/// without locks.
class Collector {
  public:
    virtual ~Collector() = default;
    /// Adds what it finds. An error makes node_scrape_collector_success 0 for this collector alone; what was
    /// added before stays. Error::Kind::absent: the thing is not on this machine, which is logged at debug
    /// only.
    virtual Result<void> collect(const Host& host, metrics::Page& page) = 0;
};

struct CollectorKind {
    std::string_view name;  // as in --collector.NAME and the label collector="NAME"
    bool enabled;           // by default
    std::string_view help;  // what it exposes, for --help-all
    std::span<const process::Flag> flags;
    /// Errors name the flag whose value cannot be used.
    Result<std::unique_ptr<Collector>> (*make)(const process::CommandLine& flags);
};

/// The `make` of a collector that no flag changes.
template <class T>
Result<std::unique_ptr<Collector>> make_collector(const process::CommandLine&) {
    return std::make_unique<T>();
}

}  // namespace pifleet::node
