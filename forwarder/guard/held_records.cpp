#include "forwarder/guard/held_records.hpp"

namespace pifleet::forwarder {

void HeldRecords::add(Record record) {
    record.shrink_to_fit();
    bytes_ += size_of(record);
    samples_ += record.size();
    records_.push_back(std::move(record));
    while (bytes_ > cap_bytes_ && records_.size() > 1) {
        const auto& oldest = records_.front();
        bytes_ -= size_of(oldest);
        samples_ -= oldest.size();
        dropped_ += oldest.size();
        records_.pop_front();
    }
}

void HeldRecords::resolve(Record& record, const ClockGuard& guard) {
    record.time_ms = guard.resolve(record.time_ms);
}

}  // namespace pifleet::forwarder
