// The segment reader: any bytes as a segment file. What it gives must be whole: labels well formed, samples
// of known series, the same on a second reading; and a start from such a file must do without a crash too.
#include "forwarder/sample_log/sample_log.hpp"
#include "tests/unit/forwarder/memory_folder.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::uint64_t read_all(const std::shared_ptr<File>& file, std::uint64_t size, SeriesTable& series) {
    SegmentReader reader(file, series);
    std::uint64_t count = 0, last = 0;
    while (const auto* part = reader.find(last, size)) {
        if (part->end() <= last || part->samples.empty()) std::abort();
        for (const auto& sample : part->samples) {
            std::string labels;
            series.append_stored(labels, sample.series);
            if (!LabelReader::well_formed(labels)) std::abort();
        }
        count += part->samples.size();
        last = part->end();
    }
    return count;
}

void check(std::string bytes) {
    MemoryFolder folder;
    const auto content = std::make_shared<MemoryFolder::Content>();
    content->live = std::move(bytes);
    const auto size = content->live.size();
    folder.files["0000000000000000.seg"] = content;

    SeriesTable series;
    const auto file = folder.open("0000000000000000.seg", Folder::Open::read);
    const auto once = read_all(*file, size, series);
    if (read_all(*file, size, series) != once) std::abort();

    SampleLog log(1 << 20, &series);
    const auto at_once = [](const Work& work, const std::function<void(const Result<void>&)>& done) {
        done(work());
    };
    log.keep_in(std::make_unique<Store>(folder, series, StoreOptions(), at_once));
    const auto reader = log.open_reader("a");
    std::vector<Sample> samples;
    for (int turn = 0; turn < 1000 && log.waiting(reader) > 0; ++turn) {
        samples.clear();
        log.advance(reader, log.read(reader, 1000, samples));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    check(bytes);
    if (size < 2) return 0;
    // A checksum and a compression that fit are not found by chance: the same bytes as what stands in a sound
    // frame.
    std::string body, file = segment_header();
    Compressor().compress(bytes.substr(2), body);
    append_frame(file, {0, 1u + data[0], 0, data[1], size - 2, body});
    append_frame(file, {1u + data[0], 1, 0, 0, size - 2, body});
    check(std::move(file));
    return 0;
}
