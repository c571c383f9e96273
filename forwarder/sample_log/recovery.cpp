// What a store finds at its start. Segments before the last one are taken at their header's word: what is
// broken inside is met, and counted, when it is read. Only the last one is read through, for where it ends.
#include "common/process/log.hpp"
#include "forwarder/sample_log/store.hpp"

#include <algorithm>

namespace pifleet::forwarder {

void Store::recover_one(const std::string& name, std::uint64_t first) {
    const auto file = folder_.open(name, Folder::Open::read);
    std::string head;
    const auto size = file ? (*file)->size() : Result<std::uint64_t>(file.error());
    if (!size || !(*file)->read(0, segment_header_bytes, head)) {
        log::error("a segment cannot be read; what is in it is lost", {{"segment", name}});
        return;
    }
    const auto header = read_segment_header(head);
    if (header.state == SegmentHeader::State::newer) {
        log::error("a segment was written by a newer pifleet-forwarder; it is set aside unread",
                   {{"segment", name}, {"version", header.version}, {"now", name + ".unread"}});
        static_cast<void>(folder_.rename(name, name + ".unread"));
        return;
    }
    FrameScan scan(**file, *size);
    const auto frame =
        scan.next();  // for its time; a broken header does not matter while there are sound frames
    segments_.push_back({name, {first, first}, *size, frame ? frame->time_ms : 0});
    bytes_ += *size;
}

// The last segment's end, and its torn tail cut off.
void Store::measure(Segment& segment) {
    const auto file = folder_.open(segment.name, Folder::Open::write);
    if (!file) return;
    FrameScan scan(**file, segment.bytes);
    segment.range.end = segment.range.first;
    while (const auto frame = scan.next()) {
        segment.range.end = std::max(segment.range.end, frame->end());
        segment.newest_ms = frame->time_ms;
    }
    const auto whole = std::min(scan.position(), segment.bytes);  // its header may be torn already
    const auto torn = segment.bytes - whole;
    if (scan.skipped() > 0)
        log::warn("a segment has bytes that are no samples",
                  {{"segment", segment.name}, {"bytes", scan.skipped()}});
    if (torn == 0) return;
    log::warn("the end of a segment was torn; it is cut at the last whole scrape",
              {{"segment", segment.name}, {"bytes", torn}});
    if (!(*file)->truncate(whole)) return;
    bytes_ -= torn;
    segment.bytes = whole;
}

Range Store::recover() {
    const auto names = folder_.list();
    if (!names) return {};
    for (const auto& name : *names)
        if (const auto first = segment_first(name)) recover_one(name, *first);
    for (std::size_t i = 1; i < segments_.size(); ++i) segments_[i - 1].range.end = segments_[i].range.first;
    while (!segments_.empty()) {
        measure(segments_.back());
        if (segments_.back().range.end > segments_.back().range.first) break;
        log::warn("a segment has nothing that is whole; it is removed", {{"segment", segments_.back().name}});
        static_cast<void>(folder_.remove(segments_.back().name));
        bytes_ -= segments_.back().bytes;
        segments_.pop_back();
    }
    if (segments_.empty()) {
        if (std::any_of(names->begin(), names->end(), Cursors::is_name)) cursors_.remove();
        return {};
    }
    return {segments_.front().range.first, segments_.back().range.end};
}

}  // namespace pifleet::forwarder
