// Appends to one segment file. The series named in it are held: their numbers are not given to others while
// it is open.
#pragma once

#include "forwarder/sample_log/segment.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pifleet::forwarder {

class SegmentWriter {
  public:
    /// The table and the compressor must outlive the writer. `file` is new and empty.
    SegmentWriter(std::shared_ptr<File> file, SeriesTable& series, Compressor& compressor);
    SegmentWriter(const SegmentWriter&) = delete;
    SegmentWriter& operator=(const SegmentWriter&) = delete;
    ~SegmentWriter();

    /// Appends the samples, the first of which has this number. With an error the file is cut back to what it
    /// was, as well as that goes, and the writer must not be used again.
    Result<void> write(std::uint64_t first, std::span<const Sample> samples);

    std::uint64_t size() const { return size_; }
    const std::shared_ptr<File>& file() const { return file_; }

  private:
    void append_part(std::string& out, std::uint64_t first, std::span<const Sample> samples);
    std::uint32_t number_of(SeriesId id, std::string& definitions, std::uint64_t& count);

    std::shared_ptr<File> file_;
    SeriesTable& series_;
    Compressor& compressor_;
    std::uint64_t size_ = 0;
    std::string unwritten_;               // the header, until the first frame goes with it
    std::vector<std::uint32_t> numbers_;  // by series: its number in this segment plus one; 0: not named yet
    std::vector<SeriesId> held_;          // by number
    std::string labels_;                  // kept for its room
};

}  // namespace pifleet::forwarder
