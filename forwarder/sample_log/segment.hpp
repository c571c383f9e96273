// The form of a segment file, of which the storage folder holds a row: a header, then frames, each a scrape
// (or a part of a very large one) with the labels of the series that this segment had not named before. So
// each segment is read alone.
//
//   header  "PIFLTLOG"  version u32  crc u32
//   frame   marker u32  length u32  crc u32 (of length and payload)  payload:
//             first sample, samples, newest time, definitions, unpacked size (varints), then with zstd:
//             definitions (number, length, labels) and the samples' columns (pack.hpp), series by the
//             segment's numbers
//
// Samples are numbered from the first one ever logged. A gap in the numbers is what was lost. Everything is
// little-endian.
#pragma once

#include "forwarder/sample_log/folder.hpp"
#include "forwarder/sample_log/pack.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

constexpr std::size_t segment_header_bytes = 16;
constexpr std::uint32_t segment_version = 1;

std::string segment_header();

struct SegmentHeader {
    enum class State { good, newer, broken };
    State state = State::broken;
    std::uint32_t version = 0;
};
SegmentHeader read_segment_header(std::string_view bytes);

/// Names are the first sample's number in hexadecimal: "0000000000001f40.seg".
std::string segment_name(std::uint64_t first);
/// The number, or nothing when it is no such name.
std::optional<std::uint64_t> segment_first(std::string_view name);

struct Frame {
    std::uint64_t first = 0, count = 0;  // numbers of samples
    std::int64_t time_ms = 0;
    std::uint64_t definitions = 0, body_bytes = 0;
    std::string_view body;  // packed
    std::uint64_t end() const { return first + count; }
};

void append_frame(std::string& out, const Frame& frame);

/// Reads a file's frames in turn. What is not a sound frame is stepped over, up to the next one that is.
class FrameScan {
  public:
    FrameScan(const File& file, std::uint64_t size) : file_(file), size_(size) {}

    /// The next sound frame; its body is valid until the next call. Nothing: there is none up to the end.
    std::optional<Frame> next();

    void grow(std::uint64_t size) { size_ = size; }  // the file has become longer
    void restart() { position_ = segment_header_bytes; }

    std::uint64_t position() const { return position_; }  // behind the last sound frame
    std::uint64_t skipped() const { return skipped_; }    // bytes stepped over before it, in all

  private:
    std::optional<Frame> frame_at(std::uint64_t offset, std::uint64_t& end);
    std::optional<std::uint64_t> next_marker(std::uint64_t from);

    const File& file_;
    std::uint64_t size_;
    std::uint64_t position_ = segment_header_bytes;
    std::uint64_t skipped_ = 0;
    std::string buffer_;
};

/// What a frame's body says: the series it names first, and the samples, by the segment's numbers.
struct Definition {
    std::uint32_t number;
    std::string_view labels;  // as SeriesTable stores them; checked
};
struct Contents {
    std::string bytes;  // what the definitions point into
    std::vector<Definition> definitions;
    std::vector<Sample> samples;
};

/// False: the body is not what it says. With `samples` false only the definitions are read.
bool read_contents(const Frame& frame, Compressor& compressor, bool samples, Contents& into);

}  // namespace pifleet::forwarder
