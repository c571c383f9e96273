// Small files that every scrape reads anew, kept open: opening and closing 250 files of sysfs costs 2.4 ms of
// kernel time a scrape, reading them again through kept descriptors 0.3 ms.
#pragma once

#include "common/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pifleet::node {

/// For the one collecting thread. Not for files whose folder can be renamed while it lives (network devices):
/// a kept descriptor follows the thing, not the name. Not for /proc, whose files can be read in pieces.
class KeptFiles {
  public:
    /// Each kept descriptor pins about 4 kB of kernel memory. What is over `most` is opened each time.
    explicit KeptFiles(std::size_t most = 256) : most_(most) {}
    ~KeptFiles();
    KeptFiles(const KeptFiles&) = delete;
    KeptFiles& operator=(const KeptFiles&) = delete;

    /// The file as it is now, valid until the next call. A file that went away is opened anew by its name;
    /// Error::Kind::absent when there is none of that name. Over 1 MiB is a failure.
    Result<std::string_view> read(const std::string& path);

    /// What many scrapes have not read makes room for others.
    void next_scrape();

    std::size_t kept() const { return files_.size(); }

  private:
    struct File {
        int number;
        unsigned last_read;  // in which scrape
    };
    Result<std::string_view> read_descriptor(int number, const std::string& path, bool& gone);
    Result<std::string_view> open_and_read(const std::string& path);
    void make_room();

    std::size_t most_;
    std::unordered_map<std::string, File> files_;
    std::string text_;
    unsigned scrape_ = 0;
    bool room_made_ = false;  // in this scrape
};

}  // namespace pifleet::node
