// What tells one state of a file from another. Private to common/http.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace pifleet::http {

struct FileStamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = -1;
    std::uint64_t inode = 0;
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Of a file that is not there: always the same.
inline FileStamp file_stamp(const std::string& path) {
    struct stat status {};
    if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
    return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

}  // namespace pifleet::http
