#include "forwarder/sample_log/segment_reader.hpp"

#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr SeriesId unknown = 0xffffffff;

}  // namespace

SegmentReader::SegmentReader(std::shared_ptr<File> file, SeriesTable& series)
    : file_(std::move(file)), series_(series), scan_(*file_, 0) {}

SegmentReader::~SegmentReader() {
    for (const auto id : ids_)
        if (id != unknown) series_.release(id);
}

void SegmentReader::learn() {
    for (const auto& [number, labels] : contents_.definitions) {
        if (number >= ids_.size()) ids_.resize(number + 1, unknown);
        if (ids_[number] == unknown) ids_[number] = series_.acquire_stored(labels);
    }
}

bool SegmentReader::take(const Frame& frame, bool samples) {
    if (!samples && frame.definitions == 0) return false;
    if (!read_contents(frame, compressor_, samples, contents_)) return false;
    learn();
    if (!samples) return false;
    for (auto& sample : contents_.samples) {
        if (sample.series >= ids_.size() || ids_[sample.series] == unknown) return false;
        sample.series = ids_[sample.series];
    }
    part_.first = frame.first;
    part_.samples.swap(contents_.samples);
    return true;
}

const SegmentReader::Part* SegmentReader::find(std::uint64_t sample, std::uint64_t size) {
    if (!part_.samples.empty() && part_.first <= sample && sample < part_.end()) return &part_;
    if (sample < part_.end()) scan_.restart();  // rare: somebody reads again what was read long ago
    part_.samples.clear();
    scan_.grow(size);
    while (const auto frame = scan_.next()) {
        const bool wanted = frame->end() > sample;
        if (take(*frame, wanted)) return &part_;
        if (!wanted) part_.first = frame->end();
    }
    return nullptr;
}

}  // namespace pifleet::forwarder
