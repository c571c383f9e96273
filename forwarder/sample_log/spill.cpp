// What follows when something was appended, acknowledged or has become late: what is written, packed,
// dropped.
#include "common/process/log.hpp"
#include "forwarder/sample_log/sample_log.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::size_t roomy_bytes =
    512 * 1024;  // below this, samples in memory are neither packed nor sent to the disk only
constexpr std::size_t most_written_bytes =
    2 * 1024 * 1024;  // of what is on the disk too and kept for quick readers

}  // namespace

bool SampleLog::must_spill() const {
    for (const auto& [name, reader] : readers_)
        if (reader->failing && reader->at < end_) return true;
    const auto now = now_();
    for (const auto& [name, reader] : readers_) {
        if (reader->at < memory_first())
            return true;  // it reads from the disk still: what comes meanwhile goes there too
        const auto block = block_at(reader->at);
        if (block < blocks_.size() && now - blocks_[block].since > lag + reader->patience) return true;
    }
    return false;
}

void SampleLog::settle() {
    drop_passed();
    if (store_) {
        spilling_ = must_spill();
        if (spilling_) write_waiting();
        store_->tick(now_());
    }
    trim();
}

void SampleLog::tick() {
    settle();
}

void SampleLog::write_waiting() {
    const auto now = now_();
    std::vector<Sample> unpacked;
    for (auto i = block_at(written_); i < blocks_.size(); ++i) {
        auto& block = blocks_[i];
        unpacked.clear();
        if (block.packed.empty())
            block.record.copy(0, block.count, unpacked);
        else
            unpack(block, unpacked);
        if (!store_->write(block.first, unpacked, places(), now)) return;
        written_ = block.end();
        while (const auto dropped = store_->drop_excess()) {
            log::error("the queue on the disk is full; its oldest samples are dropped",
                       {{"samples", dropped->end - dropped->first}});
            lose(dropped->first, std::min(dropped->end, memory_first()));
        }
    }
}

void SampleLog::pop_block() {
    bytes_ -= blocks_.front().bytes();
    blocks_.pop_front();
    if (packed_ > 0) --packed_;
    ++first_record_;
}

void SampleLog::trim() {
    // What is on the disk need not be in memory as well, but what is new is, for readers that keep up or
    // catch up.
    const auto now = now_();
    auto needed = end_;
    for (const auto& [name, reader] : readers_)
        if (!reader->failing) needed = std::min(needed, reader->at);
    while (
        !blocks_.empty() && blocks_.front().end() <= written_ &&
        (blocks_.front().end() <= needed || now - blocks_.front().since > lag || bytes_ > most_written_bytes))
        pop_block();

    while (bytes_ > roomy_bytes && packed_ < blocks_.size() && now - blocks_[packed_].since > lag)
        pack(blocks_[packed_++]);
    while (bytes_ > cap_bytes_ && blocks_.size() > 1) {
        const auto& oldest = blocks_.front();
        if (oldest.end() > written_) {
            log::error("the queue in memory is full; its oldest samples are dropped",
                       {{"limit_bytes", cap_bytes_}});
            lose(oldest.first, oldest.end());
        }
        pop_block();
    }
}

void SampleLog::drop_passed() {
    const auto passed = passed_by_all();
    while (!blocks_.empty() && blocks_.front().end() <= passed) pop_block();
    while (!gone_.empty() && gone_.begin()->second <= passed) gone_.erase(gone_.begin());
    if (store_) store_->drop_before(passed, !spilling_ || passed == end_);
}

void SampleLog::pack(Block& block) {
    if (block.count > most_packed_samples) return;
    bytes_ -= block.bytes();
    std::string columns;
    append_columns(columns, block.record.samples());
    compressor_.compress(columns, block.packed);
    block.packed.shrink_to_fit();
    block.columns = columns.size();
    block.record = {};
    bytes_ += block.bytes();
}

void SampleLog::unpack(const Block& block, std::vector<Sample>& into) {
    std::string columns;
    compressor_.decompress(block.packed, block.columns, columns);
    ByteReader reader(columns);
    read_columns(reader, block.count, into);
}

void SampleLog::finish() {
    stopping_ = true;
    drop_passed();
    if (passed_by_all() == end_) return;
    if (store_) {
        store_->retry_now();
        write_waiting();
        store_->sync_now();
    }
    if (const auto from = std::max(written_, memory_first()); from < end_)
        log::error("samples that no backend has taken could not be kept; they are lost",
                   {{"samples", end_ - from}});
}

}  // namespace pifleet::forwarder
