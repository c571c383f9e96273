// What is mounted, from the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
#pragma once

#include "common/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

struct Mount {
    std::string id;      // of this mount; another one may get it later
    std::string device;  // as the kernel writes it, blanks and all as \040
    std::string point;   // as it is, escapes undone
    std::string type;
    std::string major, minor;
    bool read_only = false;  // this mount, or the file system itself
    // The file system is read-only and the mount is not: what the kernel leaves after errors. Whoever mounts
    // or remounts read-only sets both.
    bool write_taken_away = false;
};

Result<std::vector<Mount>> parse_mountinfo(const std::string& path, std::string_view text);

/// Whether statfs(2) of this mount point waits for no device and no server once it has answered: the kernel
/// keeps the figures of what is mounted there in memory, and of everything that lies above it.
bool answers_from_memory(std::span<const Mount> mounts, std::string_view point);

/// The mount point as seen from within `root` ("/host" makes "/host/boot" "/boot"); others stay as they are.
std::string strip_root(std::string_view point, std::string_view root);

}  // namespace pifleet::node
