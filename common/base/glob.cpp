#include "common/base/glob.hpp"

#include "common/base/files.hpp"

#include <fnmatch.h>
#include <unistd.h>

#include <filesystem>

namespace pifleet {

std::vector<std::string> matching_files(const std::string& pattern) {
    const auto slash = pattern.rfind('/');
    const std::string name = slash == std::string::npos ? pattern : pattern.substr(slash + 1);
    std::vector<std::string> found;
    if (name.find_first_of("*?[") == std::string::npos) {
        if (::access(pattern.c_str(), F_OK) == 0) found.push_back(pattern);
        return found;
    }
    const auto names = list_folder(folder_of(pattern));
    if (!names) return found;
    for (const auto& each : *names)
        if (::fnmatch(name.c_str(), each.c_str(), 0) == 0)
            found.push_back(slash == std::string::npos ? each : pattern.substr(0, slash + 1) + each);
    return found;
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string path_below(const std::string& folder, const std::string& path) {
    if (path.starts_with('/')) return path;
    return (std::filesystem::path(folder) / path).lexically_normal().string();
}

}  // namespace pifleet
