#include "forwarder/commands/log.hpp"

#include "common/base/text.hpp"
#include "forwarder/commands/series_line.hpp"
#include "forwarder/sample_log/cursors.hpp"
#include "forwarder/sample_log/segment.hpp"
#include "forwarder/sample_log/segment_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view usage =
    "usage: pifleet-forwarder log COMMAND FOLDER\n"
    "  inspect   what stands in the storage folder: segments, their samples and sizes, where each backend "
    "is\n"
    "  verify    reads everything; exit code 1 when something is broken\n"
    "  export    prints every sample: series, time in milliseconds, value\n";

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

int complain(std::string_view what) {
    const auto text = "pifleet-forwarder log: " + std::string(what) + "\n" + std::string(usage);
    std::fputs(text.c_str(), stderr);
    return 1;
}

// What one segment has.
struct Findings {
    std::uint64_t frames = 0, samples = 0, series = 0, first = 0, end = 0, bytes = 0;
    std::uint64_t broken_bytes = 0, unreadable_frames = 0;
    bool sound() const { return broken_bytes == 0 && unreadable_frames == 0; }
};

Findings look(const File& file) {
    Findings found;
    std::string head;
    if (const auto size = file.size()) found.bytes = *size;
    if (!file.read(0, segment_header_bytes, head) ||
        read_segment_header(head).state != SegmentHeader::State::good) {
        found.broken_bytes = found.bytes;
        return found;
    }
    FrameScan scan(file, found.bytes);
    Compressor compressor;
    Contents contents;
    while (const auto frame = scan.next()) {
        if (found.frames++ == 0) found.first = frame->first;
        found.end = frame->end();
        found.samples += frame->count;
        found.series += frame->definitions;
        if (!read_contents(*frame, compressor, true, contents)) ++found.unreadable_frames;
    }
    found.broken_bytes = scan.skipped() + (found.bytes - scan.position());
    return found;
}

std::string line_of(const std::string& name, const Findings& found) {
    auto line = name + ": samples " + std::to_string(found.first) + " to " + std::to_string(found.end) +
                ", " + std::to_string(found.series) + " series, " + std::to_string(found.frames) +
                " scrapes, " + std::to_string(found.bytes) + " bytes";
    if (found.sound()) return line + ", sound\n";
    return line + ", BROKEN: " + std::to_string(found.broken_bytes) + " bytes are no samples, " +
           std::to_string(found.unreadable_frames) + " scrapes cannot be unpacked\n";
}

int inspect(Folder& folder, const std::vector<std::string>& names, bool verify) {
    bool sound = true;
    std::uint64_t samples = 0, bytes = 0;
    for (const auto& name : names) {
        if (!segment_first(name)) continue;
        const auto file = folder.open(name, Folder::Open::read);
        if (!file) return complain(file.error().message);
        const auto found = look(**file);
        print(line_of(name, found));
        sound = sound && found.sound();
        samples += found.samples;
        bytes += found.bytes;
    }
    if (const auto places = Cursors(folder).load())
        for (const auto& [name, place] : *places)
            print("backend " + name + ": has taken up to " + std::to_string(place) + "\n");
    print(std::to_string(samples) + " samples in " + std::to_string(bytes) + " bytes\n");
    return verify && !sound ? 1 : 0;
}

int export_samples(Folder& folder, const std::vector<std::string>& names) {
    SeriesTable series;
    for (const auto& name : names) {
        if (!segment_first(name)) continue;
        auto file = folder.open(name, Folder::Open::read);
        if (!file) return complain(file.error().message);
        const auto size = (*file)->size();
        if (!size) return complain(size.error().message);
        SegmentReader reader(std::move(*file), series);
        for (std::uint64_t next = 0; const auto* part = reader.find(next, *size); next = part->end()) {
            std::string out;
            for (const auto& sample : part->samples) {
                append_series(out, series.labels(sample.series));
                out += " " + std::to_string(sample.time_ms) + " ";
                append_number(out, std::bit_cast<double>(sample.value_bits));
                out += '\n';
            }
            print(out);
        }
    }
    return 0;
}

}  // namespace

int log_command(std::span<const char* const> words) {
    const std::string_view command = words.empty() ? "" : words[0];
    if (command == "-h" || command == "--help") return print(usage), 0;
    constexpr std::string_view commands[] = {"inspect", "verify", "export"};
    if (std::find(std::begin(commands), std::end(commands), command) == std::end(commands))
        return complain(command.empty() ? "a command is missing"
                                        : "unknown command '" + std::string(command) + "'" +
                                              did_you_mean(command, commands));
    if (words.size() != 2) return complain("name one storage folder");
    const auto folder = look_into_folder(words[1]);
    if (!folder) return complain(folder.error().message);
    const auto names = (*folder)->list();
    if (!names) return complain(names.error().message);
    if (command == "export") return export_samples(**folder, *names);
    return inspect(**folder, *names, command == "verify");
}

}  // namespace pifleet::forwarder
