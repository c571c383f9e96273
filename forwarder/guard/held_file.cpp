#include "forwarder/guard/held_file.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "forwarder/sample_log/segment_reader.hpp"
#include "forwarder/sample_log/segment_writer.hpp"

namespace pifleet::forwarder {

namespace {

constexpr std::string_view prefix = "held-";  // and the boot

// Every sample of the file, in its order. The reader holds the series while `take` runs.
template <class Take>
void for_each_sample(Folder& folder, const std::string& name, SeriesTable& series, const Take& take) {
    const auto file = folder.open(name, Folder::Open::read);
    if (!file) return;
    const auto size = (*file)->size();
    if (!size) return;
    SegmentReader reader(*file, series);
    for (std::uint64_t next = 0; const auto* part = reader.find(next, *size); next = part->end())
        for (const auto& sample : part->samples) take(sample);
}

}  // namespace

std::string boot_id() {
    const auto text = read_file("/proc/sys/kernel/random/boot_id", 100);
    return text ? std::string(trim(*text)) : std::string();
}

Result<void> save_held(Folder& folder,
                       SeriesTable& series,
                       std::string_view boot,
                       std::span<const Record> records) {
    std::vector<Sample> samples;
    for (const auto& record : records)
        for (const auto& reading : record.readings)
            samples.push_back({reading.value_bits, ClockGuard::of_mark(record.time_ms), reading.series});
    if (samples.empty()) return {};
    auto file = folder.open(std::string(prefix) + std::string(boot), Folder::Open::fresh);
    if (!file) return file.error();
    Compressor compressor;
    SegmentWriter writer(*file, series, compressor);
    if (auto written = writer.write(0, samples); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
    return folder.sync();
}

KeptRecords take_held(Folder& folder, SeriesTable& series, std::string_view boot) {
    KeptRecords kept;
    const auto names = folder.list();
    if (!names) return kept;
    for (const auto& name : *names) {
        if (!name.starts_with(prefix)) continue;
        const bool own = !boot.empty() && std::string_view(name).substr(prefix.size()) == boot;
        for_each_sample(folder, name, series, [&](const Sample& sample) {
            if (!own) {
                ++kept.other_boots;
                return;
            }
            const auto mark = ClockGuard::to_mark(sample.time_ms);
            if (kept.records.empty() || kept.records.back().time_ms != mark)
                kept.records.emplace_back().time_ms = mark;
            kept.records.back().readings.push_back({sample.value_bits, sample.series});
            series.hold(sample.series);
            kept.uses.push_back(sample.series);
        });
        static_cast<void>(folder.remove(name));  // one that stays would be told again, not sent again
    }
    return kept;
}

}  // namespace pifleet::forwarder
