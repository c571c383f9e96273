#include "common/base/files.hpp"

#include "common/base/text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace pifleet {

namespace {

Error system_error(std::string_view doing, const std::string& path, int code) {
    // EOPNOTSUPP: the file is there although the kernel does not have what it would tell (/proc/pressure with
    // psi=0).
    const bool missing = code == ENOENT || code == ENOTDIR || code == EOPNOTSUPP;
    const auto kind = missing ? Error::Kind::absent : Error::Kind::failure;
    return {kind, "cannot " + std::string(doing) + " " + path + ": " + std::strerror(code)};
}

struct Descriptor {
    explicit Descriptor(int n) : number(n) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    int number;
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number < 0) return system_error("open", path, errno);
    std::string content;
    char buffer[8192];
    for (;;) {
        const auto got = ::read(file.number, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read", path, errno);
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > limit)
            return failure(path + " is larger than " + std::to_string(limit) + " bytes");
    }
}

Result<std::string> read_line(const std::string& path) {
    auto content = read_file(path, 1024 * 1024);
    if (!content) return content.error();
    return std::string(trim(*content));
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
    if (!folder) return system_error("open", path, errno);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string base_name(std::string_view path) {
    char target[4096];
    const std::string name(path);
    const auto length = ::readlink(name.c_str(), target, sizeof target);
    std::string_view whole = length > 0 ? std::string_view(target, static_cast<std::size_t>(length)) : path;
    while (whole.size() > 1 && whole.back() == '/') whole.remove_suffix(1);
    const auto slash = whole.rfind('/');
    return std::string(slash == std::string_view::npos ? whole : whole.substr(slash + 1));
}

}  // namespace pifleet
