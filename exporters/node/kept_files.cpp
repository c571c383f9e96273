#include "exporters/node/kept_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pifleet::node {

namespace {

constexpr std::size_t page_size = 4096;  // what an attribute of sysfs has at most
constexpr std::size_t limit = 1024 * 1024;
constexpr unsigned idle_scrapes = 16;

Error error_of(std::string_view doing, const std::string& path, int code) {
    const auto kind = code == ENOENT || code == ENOTDIR ? Error::Kind::absent : Error::Kind::failure;
    return {kind, "cannot " + std::string(doing) + " " + path + ": " + std::strerror(code)};
}

// On sysfs a read says that the device is gone; elsewhere the file has no name any more.
bool has_no_name(int number) {
    struct stat status {};
    return ::fstat(number, &status) == 0 && status.st_nlink == 0;
}

}  // namespace

KeptFiles::~KeptFiles() {
    for (const auto& [path, file] : files_) ::close(file.number);
}

Result<std::string_view> KeptFiles::read(const std::string& path) {
    const auto found = files_.find(path);
    if (found == files_.end()) return open_and_read(path);
    found->second.last_read = scrape_;
    bool gone = false;
    const auto text = read_descriptor(found->second.number, path, gone);
    if (!gone) return text;
    ::close(found->second.number);
    files_.erase(found);
    return open_and_read(path);
}

void KeptFiles::next_scrape() {
    ++scrape_;
    room_made_ = false;
}

Result<std::string_view> KeptFiles::read_descriptor(int number, const std::string& path, bool& gone) {
    gone = has_no_name(number);
    if (gone) return failure(path + " is gone");
    text_.resize(page_size);
    std::size_t length = 0;
    for (;;) {
        const auto room = text_.size() - length;
        const auto got = ::pread(number, text_.data() + length, room, static_cast<off_t>(length));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            gone = errno == ENODEV;
            return error_of("read", path, errno);
        }
        length += static_cast<std::size_t>(got);
        if (length < text_.size()) return std::string_view(text_).substr(0, length);
        if (length > limit) return failure(path + " is larger than " + std::to_string(limit) + " bytes");
        text_.resize(2 * text_.size());
    }
}

Result<std::string_view> KeptFiles::open_and_read(const std::string& path) {
    const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (number < 0) return error_of("open", path, errno);
    bool gone = false;
    const auto text = read_descriptor(number, path, gone);
    if (text && files_.size() >= most_) make_room();
    if (text && files_.size() < most_)
        files_.emplace(path, File{number, scrape_});
    else
        ::close(number);
    return text;
}

void KeptFiles::make_room() {
    if (room_made_) return;
    room_made_ = true;
    std::erase_if(files_, [this](const auto& entry) {
        if (scrape_ - entry.second.last_read < idle_scrapes) return false;
        ::close(entry.second.number);
        return true;
    });
}

}  // namespace pifleet::node
