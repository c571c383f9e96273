#include "forwarder/sample_log/sample_log.hpp"

#include "common/process/log.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

SampleLog::SampleLog(std::size_t cap_bytes, SeriesTable* series, Now now)
    : cap_bytes_(cap_bytes), series_(series), now_(std::move(now)) {}

SampleLog::~SampleLog() {
    for (auto& [name, reader] : readers_) let_go(*reader);
}

void SampleLog::keep_in(std::unique_ptr<Store> store) {
    store_ = std::move(store);
    const auto found = store_->recover();
    end_ = found.end;
    recovered_ = found.first;
    if (store_->empty()) return;
    auto places = store_->load_places();
    places_known_ = places.has_value();
    if (places) former_ = std::move(*places);
    // A place may be ahead of what a power cut left: no number is given out twice.
    for (const auto& [name, at] : former_) end_ = std::max(end_, at);
    written_ = end_;
    log::info("samples of before were found on the disk",
              {{"samples", found.end - found.first}, {"bytes", store_->bytes()}});
}

void SampleLog::append(Record record) {
    if (record.size() == 0) return;
    if (readers_.empty() && former_.empty()) {  // nobody is owed anything: it has passed as soon as it came
        ++first_record_;
        end_ += record.size();
        return;
    }
    record.shrink_to_fit();
    Block block;
    block.first = end_;
    block.count = record.size();
    block.since = now_();
    block.record = std::move(record);
    end_ += block.count;
    bytes_ += block.bytes();
    blocks_.push_back(std::move(block));
    settle();
}

SampleLog::ReaderId SampleLog::open_reader(const std::string& name, std::chrono::milliseconds patience) {
    auto& known = readers_[name];
    if (!known) {
        known = std::make_unique<Reader>();
        known->name = name;
        const auto before = former_.find(name);
        if (before != former_.end())
            known->at = before->second;
        else
            known->at = places_known_ ? end_ : recovered_;
        former_.erase(name);
        if (store_) store_->save_places(places());
    }
    ++known->users;
    known->patience = patience;
    by_id_[next_reader_] = name;
    return next_reader_++;
}

void SampleLog::close_reader(ReaderId id) {
    const auto found = by_id_.find(id);
    auto& closed = *readers_.at(found->second);
    if (--closed.users > 0 || stopping_) return;
    let_go(closed);
    readers_.erase(found->second);
    by_id_.erase(found);
    if (store_) store_->save_places(places());
    settle();
}

void SampleLog::forget_others() {
    places_known_ = true;
    for (const auto& [name, at] : former_)
        log::warn("samples wait for a backend that is not configured any more; they are dropped",
                  {{"backend", name}, {"samples", end_ - at}});
    if (former_.empty()) return settle();
    former_.clear();
    if (store_) store_->save_places(places());
    settle();
}

// Where former readers were is not known: one may still be opened and be owed all.
std::uint64_t SampleLog::passed_by_all() const {
    if (!places_known_) return recovered_;
    auto passed = end_;
    for (const auto& [name, reader] : readers_) passed = std::min(passed, reader->at);
    for (const auto& [name, at] : former_) passed = std::min(passed, at);
    return passed;
}

Places SampleLog::places() const {
    auto all = former_;
    for (const auto& [name, reader] : readers_) all[name] = reader->at;
    return all;
}

void SampleLog::hold(Reader& reader, const std::vector<Sample>& samples, std::size_t from) {
    if (series_ == nullptr) return;
    const auto before = std::exchange(reader.held, {});
    for (auto i = from; i < samples.size(); ++i) {
        series_->hold(samples[i].series);
        reader.held.push_back(samples[i].series);
    }
    for (const auto id : before) series_->release(id);
}

void SampleLog::let_go(Reader& reader) {
    if (series_ == nullptr) return;
    for (const auto id : reader.held) series_->release(id);
    reader.held.clear();
}

Cursor SampleLog::read(ReaderId id, std::size_t most, std::vector<Sample>& into) {
    auto& who = reader(id);
    const auto start = into.size();
    auto at = who.at;
    if (at < memory_first())
        at = read_store(who, at, most, into);
    else
        who.reading.reset();
    const auto got = into.size() - start;
    if (got < most && at >= memory_first()) at = read_memory(at, most - got, into);
    hold(who, into, start);
    return {at};
}

std::size_t SampleLog::block_at(std::uint64_t sample) const {
    const auto found = std::partition_point(
        blocks_.begin(), blocks_.end(), [sample](const Block& block) { return block.end() <= sample; });
    return static_cast<std::size_t>(found - blocks_.begin());
}

namespace {

// The part of a row of samples, the first of which has the number `first`, that begins at `at`; moves `at`
// behind it.
void take(const std::vector<Sample>& samples,
          std::uint64_t first,
          std::uint64_t& at,
          std::size_t most,
          std::vector<Sample>& into) {
    const auto from = static_cast<std::size_t>(at - first);
    const auto count = std::min(most, samples.size() - from);
    const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(from);
    into.insert(into.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
    at += count;
}

}  // namespace

std::uint64_t SampleLog::read_memory(std::uint64_t at, std::size_t most, std::vector<Sample>& into) {
    const auto full = into.size() + most;
    std::vector<Sample> unpacked;
    for (auto i = block_at(at); i < blocks_.size() && into.size() < full; ++i) {
        const auto& block = blocks_[i];
        at = std::max(at, block.first);
        if (block.packed.empty()) {
            const auto from = static_cast<std::size_t>(at - block.first);
            const auto count = std::min(full - into.size(), block.count - from);
            block.record.copy(from, count, into);
            at += count;
            continue;
        }
        unpacked.clear();
        unpack(block, unpacked);
        take(unpacked, block.first, at, full - into.size(), into);
    }
    return at;
}

std::uint64_t SampleLog::read_store(Reader& reader,
                                    std::uint64_t at,
                                    std::size_t most,
                                    std::vector<Sample>& into) {
    const auto full = into.size() + most;
    while (at < memory_first() && into.size() < full) {
        const auto range = store_ ? store_->segment_at(at) : std::nullopt;
        auto next = range ? range->first : memory_first();
        const SegmentReader::Part* part = nullptr;
        if (range && range->first <= at) {
            part = find(reader, *range, at);
            next = part != nullptr ? std::min(std::max(part->first, at), range->end) : range->end;
        }
        if (const auto lost = lose(at, next); lost > 0)
            log::error("samples on the disk are broken; they are lost", {{"samples", lost}});
        at = std::max(at, next);
        if (part != nullptr && part->first <= at && at < part->end())
            take(part->samples, part->first, at, full - into.size(), into);
    }
    return at;
}

const SegmentReader::Part* SampleLog::find(Reader& reader, Range segment, std::uint64_t sample) {
    if (!reader.reading || reader.segment != segment.first) {
        reader.reading.reset();
        reader.segment = segment.first;
        auto opened = store_->open(segment.first);
        if (!opened) {
            log::error("a segment cannot be read", {{"error", opened.error()}});
            return nullptr;
        }
        reader.reading = std::move(*opened);
    }
    return reader.reading->find(sample, store_->size_of(segment.first));
}

void SampleLog::advance(ReaderId id, Cursor to) {
    auto& who = reader(id);
    who.at = std::max(who.at, std::min(to.sample, end_));
    let_go(who);
    // Whoever has read it all needs no file open.
    if (who.at >= memory_first()) who.reading.reset();
    if (store_) store_->save_places(places());
    settle();
}

void SampleLog::set_failing(ReaderId id, bool failing) {
    if (std::exchange(reader(id).failing, failing) != failing) settle();
}

std::uint64_t SampleLog::waiting(ReaderId id) const {
    const auto& who = reader(id);
    auto count = end_ - who.at;
    for (const auto& [from, to] : gone_) count -= to - std::clamp(who.at, from, to);
    return count;
}

// Counts samples that nobody can read any more, once, for each reader that had not read them.
std::uint64_t SampleLog::lose(std::uint64_t from, std::uint64_t to) {
    std::uint64_t count = 0;
    while (from < to) {
        const auto next = gone_.upper_bound(from);
        if (next != gone_.begin() && std::prev(next)->second > from) {  // known to be gone
            from = std::prev(next)->second;
            continue;
        }
        const auto end = next == gone_.end() ? to : std::min(to, next->first);
        gone_[from] = end;
        count += end - from;
        for (auto& [name, reader] : readers_) reader->lost += end - std::clamp(reader->at, from, end);
        from = end;
    }
    // A reader never stands amid what is gone.
    for (auto& [name, reader] : readers_) {
        const auto behind = gone_.upper_bound(reader->at);
        if (behind != gone_.begin()) reader->at = std::max(reader->at, std::prev(behind)->second);
    }
    const auto passed = passed_by_all();
    while (!gone_.empty() && gone_.begin()->second <= passed) gone_.erase(gone_.begin());
    return count;
}

}  // namespace pifleet::forwarder
