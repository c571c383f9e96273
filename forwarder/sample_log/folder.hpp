// The seam to the disk: one folder with files in it, no more than the log needs. The real one takes a lock,
// so that no two processes write to one folder; tests have one in memory that loses power, runs full and
// fails when told.
#pragma once

#include "common/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

class File {
  public:
    virtual ~File() = default;
    virtual Result<std::uint64_t> size() const = 0;
    /// Up to `most` bytes from `offset` on into `into`, which is replaced; fewer only at the end of the file.
    virtual Result<void> read(std::uint64_t offset, std::size_t most, std::string& into) const = 0;
    /// All of it or an error; with an error a part of it may stand in the file.
    virtual Result<void> write(std::uint64_t offset, std::string_view bytes) = 0;
    virtual Result<void> truncate(std::uint64_t size) = 0;
    /// On the disk for good when it comes back. May take seconds; the one call that is made from another
    /// thread.
    virtual Result<void> sync() = 0;
};

class Folder {
  public:
    enum class Open {
        read,
        write,  // made if missing
        fresh,  // the same, and emptied
    };
    virtual ~Folder() = default;
    virtual const std::string& path() const = 0;
    virtual Result<std::vector<std::string>> list() const = 0;  // names, sorted
    virtual Result<std::shared_ptr<File>> open(const std::string& name, Open how) = 0;
    virtual Result<void> remove(const std::string& name) = 0;
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> sync() = 0;  // the names; from another thread too
};

/// The folder of this path, made with its parents if missing (0700) and locked until the object goes. An
/// error of kind absent: there is no such folder and it cannot be made; a failure: another process has it
/// (named by its pid).
Result<std::unique_ptr<Folder>> open_folder(const std::string& path);

/// The same without lock and without making anything, for who only reads.
Result<std::unique_ptr<Folder>> look_into_folder(const std::string& path);

}  // namespace pifleet::forwarder
