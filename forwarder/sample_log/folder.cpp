#include "forwarder/sample_log/folder.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace pifleet::forwarder {

namespace {

Error error_of(std::string_view doing, const std::string& path, Error::Kind kind = Error::Kind::failure) {
    return {kind, "cannot " + std::string(doing) + " " + path + ": " + std::strerror(errno)};
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    operator int() const { return number_; }

  private:
    int number_;
};

class DiskFile final : public File {
  public:
    DiskFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

    Result<std::uint64_t> size() const override {
        struct stat status {};
        if (::fstat(file_, &status) != 0) return error_of("look at", path_);
        return static_cast<std::uint64_t>(status.st_size);
    }
    Result<void> read(std::uint64_t offset, std::size_t most, std::string& into) const override {
        into.resize(most);
        std::size_t got = 0;
        while (got < most) {
            const auto count =
                ::pread(file_, into.data() + got, most - got, static_cast<off_t>(offset + got));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return error_of("read", path_);
            if (count == 0) break;
            got += static_cast<std::size_t>(count);
        }
        into.resize(got);
        return {};
    }
    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        // The kernel would go on taking what nobody can find again.
        struct stat status {};
        if (::fstat(file_, &status) == 0 && status.st_nlink == 0)
            return failure("cannot write " + path_ + ": it was removed");
        while (!bytes.empty()) {
            const auto count = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return error_of("write", path_);
            bytes.remove_prefix(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }
    Result<void> truncate(std::uint64_t size) override {
        if (::ftruncate(file_, static_cast<off_t>(size)) != 0) return error_of("cut", path_);
        return {};
    }
    Result<void> sync() override {
        if (::fdatasync(file_) != 0) return error_of("sync", path_);
        return {};
    }

  private:
    Descriptor file_;
    std::string path_;
};

Result<Descriptor> lock_path(const std::string& path);

class DiskFolder final : public Folder {
  public:
    DiskFolder(Descriptor folder, std::string path) : folder_(std::move(folder)), path_(std::move(path)) {}

    const std::string& path() const override { return path_; }
    Result<std::vector<std::string>> list() const override { return list_folder(path_); }
    Result<std::shared_ptr<File>> open(const std::string& name, Open how) override {
        int flags = O_RDONLY;
        if (how != Open::read) flags = O_RDWR | O_CREAT;
        if (how == Open::fresh) flags |= O_TRUNC;
        if (how != Open::read)
            if (auto here = return_to_path(); !here) return here.error();
        Descriptor file(::openat(folder_, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (file < 0)
            return error_of(
                "open", whole(name), errno == ENOENT ? Error::Kind::absent : Error::Kind::failure);
        return std::shared_ptr<File>(std::make_shared<DiskFile>(std::move(file), whole(name)));
    }
    Result<void> remove(const std::string& name) override {
        if (::unlinkat(folder_, name.c_str(), 0) != 0 && errno != ENOENT)
            return error_of("remove", whole(name));
        return {};
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        if (::renameat(folder_, from.c_str(), folder_, to.c_str()) != 0)
            return error_of("rename", whole(from));
        return {};
    }
    Result<void> sync() override {
        if (::fsync(folder_) != 0) return error_of("sync", path_);
        return {};
    }

  private:
    std::string whole(const std::string& name) const { return path_ + "/" + name; }
    Result<void> return_to_path();

    Descriptor folder_;  // its number stays: sync() may be under way with it
    std::string path_;
};

// The process that has the lock on this folder, as the kernel tells it; empty when it does not.
std::string holder_of(int folder) {
    struct stat status {};
    const auto locks = read_file("/proc/locks");
    if (::fstat(folder, &status) != 0 || !locks) return {};
    for (const auto line : split(*locks, '\n')) {  // 1: FLOCK  ADVISORY  WRITE 812 fe:01:1234 0 EOF
        const auto words = fields(line);
        if (words.size() < 6 || words[1] != "FLOCK") continue;
        const auto place = split(words[5], ':');
        if (place.size() == 3 && place[2] == std::to_string(status.st_ino))
            return " (pid " + std::string(words[4]) + ")";
    }
    return {};
}

bool make_folders(const std::string& path) {
    for (auto end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1))
        if (::mkdir(path.substr(0, end).c_str(), 0755) != 0 && errno != EEXIST) return false;
    return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

Descriptor open_path(const std::string& path) {
    return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Result<Descriptor> lock_path(const std::string& path) {
    if (!make_folders(path)) return error_of("make the folder", path, Error::Kind::absent);
    auto folder = open_path(path);
    if (folder < 0) return error_of("open the folder", path, Error::Kind::absent);
    // On the folder itself: a lock file would be one more thing that a healthy house writes.
    if (::flock(folder, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return error_of("lock", path);
        return failure(path + " is in use by another pifleet-forwarder" + holder_of(folder) +
                       ": end it, or give this one a --storage.path of its own");
    }
    return folder;
}

// The folder may have been removed and made again, or be on a disk that was away: what is written belongs
// where a restart will look for it.
Result<void> DiskFolder::return_to_path() {
    struct stat mine {
    }, there{};
    if (::fstat(folder_, &mine) == 0 && ::stat(path_.c_str(), &there) == 0 && mine.st_dev == there.st_dev &&
        mine.st_ino == there.st_ino)
        return {};
    const auto fresh = lock_path(path_);
    if (!fresh) return fresh.error();
    if (::dup3(*fresh, folder_, O_CLOEXEC) < 0) return error_of("open the folder", path_);
    return {};
}

}  // namespace

Result<std::unique_ptr<Folder>> open_folder(const std::string& path) {
    auto folder = lock_path(path);
    if (!folder) return folder.error();
    return std::unique_ptr<Folder>(std::make_unique<DiskFolder>(std::move(*folder), path));
}

Result<std::unique_ptr<Folder>> look_into_folder(const std::string& path) {
    auto folder = open_path(path);
    if (folder < 0) return error_of("open the folder", path);
    return std::unique_ptr<Folder>(std::make_unique<DiskFolder>(std::move(folder), path));
}

}  // namespace pifleet::forwarder
