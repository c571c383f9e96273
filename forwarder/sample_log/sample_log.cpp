#include "forwarder/sample_log/sample_log.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

std::size_t SampleLog::size_of(const Record& record) {
    return sizeof(Record) + record.samples.capacity() * sizeof(Sample);
}

void SampleLog::append(Record record) {
    if (readers_.empty()) {  // nobody is owed anything: the record has passed as soon as it came
        ++first_;
        return;
    }
    record.samples.shrink_to_fit();
    for (auto& [id, reader] : readers_) reader.waiting += record.samples.size();
    bytes_ += size_of(record);
    records_.push_back(std::move(record));
    while (bytes_ > cap_bytes_ && records_.size() > 1) drop_oldest();
}

SampleLog::ReaderId SampleLog::open_reader() {
    readers_[next_reader_].at = {end(), 0};
    return next_reader_++;
}

void SampleLog::close_reader(ReaderId id) {
    readers_.erase(id);
    drop_passed();
}

Cursor SampleLog::read(ReaderId id, std::size_t most, std::vector<Sample>& into) const {
    Cursor at = readers_.at(id).at;
    while (most > 0 && at.record < end()) {
        const auto& samples = records_[at.record - first_].samples;
        const auto count = std::min(most, samples.size() - at.sample);
        const auto from = samples.begin() + static_cast<std::ptrdiff_t>(at.sample);
        into.insert(into.end(), from, from + static_cast<std::ptrdiff_t>(count));
        most -= count;
        at.sample += count;
        if (at.sample == samples.size()) at = {at.record + 1, 0};
    }
    return at;
}

void SampleLog::advance(ReaderId id, Cursor to) {
    auto& reader = readers_.at(id);
    while (reader.at.record < to.record) {
        const auto& samples = records_[reader.at.record - first_].samples;
        reader.waiting -= samples.size() - reader.at.sample;
        reader.at = {reader.at.record + 1, 0};
    }
    if (reader.at.record == to.record && reader.at.sample < to.sample) {
        reader.waiting -= to.sample - reader.at.sample;
        reader.at.sample = to.sample;
    }
    drop_passed();
}

std::uint64_t SampleLog::waiting(ReaderId id) const {
    return readers_.at(id).waiting;
}
std::uint64_t SampleLog::lost(ReaderId id) const {
    return readers_.at(id).lost;
}

void SampleLog::drop_passed() {
    auto oldest = end();
    for (const auto& [id, reader] : readers_) oldest = std::min(oldest, reader.at.record);
    while (first_ < oldest) drop_oldest();
}

void SampleLog::drop_oldest() {
    for (auto& [id, reader] : readers_) {
        if (reader.at.record != first_) continue;
        const auto unread = records_.front().samples.size() - reader.at.sample;
        reader.waiting -= unread;
        reader.lost += unread;
        reader.at = {first_ + 1, 0};
    }
    bytes_ -= size_of(records_.front());
    records_.pop_front();
    ++first_;
}

}  // namespace pifleet::forwarder
