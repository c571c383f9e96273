// Reads one segment from wherever a reader is. Its series get numbers of the table, which are held while it
// is open.
#pragma once

#include "forwarder/sample_log/segment.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace pifleet::forwarder {

class SegmentReader {
  public:
    /// The table must outlive the reader.
    SegmentReader(std::shared_ptr<File> file, SeriesTable& series);
    SegmentReader(const SegmentReader&) = delete;
    SegmentReader& operator=(const SegmentReader&) = delete;
    ~SegmentReader();

    struct Part {
        std::uint64_t first = 0;
        std::vector<Sample> samples;
        std::uint64_t end() const { return first + samples.size(); }
    };

    /// The frame that has this sample, or else the first readable one behind it; null when the file's first
    /// `size` bytes have none. A frame whose series were named in a lost one is not readable. Valid until the
    /// next call.
    const Part* find(std::uint64_t sample, std::uint64_t size);

  private:
    bool take(const Frame& frame, bool samples);
    void learn();

    std::shared_ptr<File> file_;
    SeriesTable& series_;
    Compressor compressor_;
    FrameScan scan_;
    Contents contents_;
    std::vector<SeriesId> ids_;  // by the segment's numbers
    Part part_;
};

}  // namespace pifleet::forwarder
