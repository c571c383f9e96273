#include "forwarder/sample_log/segment_writer.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

SegmentWriter::SegmentWriter(std::shared_ptr<File> file, SeriesTable& series, Compressor& compressor)
    : file_(std::move(file)), series_(series), compressor_(compressor), unwritten_(segment_header()) {}

SegmentWriter::~SegmentWriter() {
    for (const auto id : held_) series_.release(id);
}

std::uint32_t SegmentWriter::number_of(SeriesId id, std::string& definitions, std::uint64_t& count) {
    if (id >= numbers_.size()) numbers_.resize(id + 1);
    if (numbers_[id] == 0) {
        labels_.clear();
        series_.append_stored(labels_, id);
        put_varint(definitions, held_.size());
        put_varint(definitions, labels_.size());
        definitions += labels_;
        ++count;
        series_.hold(id);
        held_.push_back(id);
        numbers_[id] = static_cast<std::uint32_t>(held_.size());
    }
    return numbers_[id] - 1;
}

void SegmentWriter::append_part(std::string& out, std::uint64_t first, std::span<const Sample> samples) {
    std::string body, packed;
    std::vector<Sample> renumbered(samples.begin(), samples.end());
    Frame frame{first, samples.size(), samples.back().time_ms, 0, 0, {}};
    for (auto& sample : renumbered) sample.series = number_of(sample.series, body, frame.definitions);
    append_columns(body, renumbered);
    compressor_.compress(body, packed);
    frame.body_bytes = body.size();
    frame.body = packed;
    append_frame(out, frame);
}

Result<void> SegmentWriter::write(std::uint64_t first, std::span<const Sample> samples) {
    std::string bytes = std::move(unwritten_);
    unwritten_.clear();
    while (!samples.empty()) {
        const auto part = samples.first(std::min(samples.size(), most_packed_samples));
        append_part(bytes, first, part);
        first += part.size();
        samples = samples.subspan(part.size());
    }
    if (auto written = file_->write(size_, bytes); !written) {
        static_cast<void>(
            file_->truncate(size_));  // what stays all the same is not a sound frame, and readers know
        return written;
    }
    size_ += bytes.size();
    return {};
}

}  // namespace pifleet::forwarder
