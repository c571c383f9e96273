// The files that the node exporter's collectors read. An input's first line names a file of a folder machine
// (tests/conformance/node), the rest is what it holds; without a rest it holds what it always does. The
// machines are copied into memory once. The collectors of that file must end, and their page must be well
// formed and of a bounded size. (A line that stands twice in a file of the kernel may give a series twice.)
#include "common/base/files.hpp"
#include "common/metrics/page.hpp"
#include "common/metrics/parser.hpp"
#include "common/process/command_line.hpp"
#include "exporters/node/exporter.hpp"
#include "exporters/node/registry.hpp"
#include "tests/fuzz/machine_owners.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace pifleet;
using namespace pifleet::node;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 64 * 1024;
// Above what the machine's own page has.
constexpr std::size_t most_page = 64 * 1024 * 1024;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::abort();
}

struct MachineFile {
    std::string name;  // "pi4/proc/stat"
    std::string content;
};

struct Machines {
    Machines() {
        char name[] = "/dev/shm/pifleet-fuzz-XXXXXX";
        char elsewhere[] = "/tmp/pifleet-fuzz-XXXXXX";
        const char* made = ::mkdtemp(name);
        if (made == nullptr) made = ::mkdtemp(elsewhere);
        if (made == nullptr) give_up("no temporary folder");
        root = made;
        fs::copy(PIFLEET_SOURCE_DIR "/tests/conformance/node",
                 root,
                 fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            const auto path = entry.path().string().substr(root.size() + 1);
            if (!entry.is_regular_file() || entry.is_symlink() || owners_of(path).empty()) continue;
            files.push_back({path, *read_file(entry.path().string())});
        }
        std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    }
    ~Machines() {
        std::error_code ignored;
        fs::remove_all(root, ignored);
    }

    const MachineFile& find(std::string_view name) const {
        for (const auto& file : files)
            if (file.name == name) return file;
        return files[std::hash<std::string_view>()(name) % files.size()];
    }

    std::string root;
    std::vector<MachineFile> files;
};

const Machines& machines() {
    static const Machines all;
    return all;
}

void overwrite(const std::string& path, std::string_view content) {
    const int file = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (file < 0 || ::write(file, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
        give_up("cannot write " + path);
    ::close(file);
}

const CollectorKind& kind_of(std::string_view name) {
    for (const auto* kind : registry())
        if (kind->name == name) return *kind;
    give_up("no collector " + std::string(name));
}

process::CommandLine parse_flags(const std::string& machine) {
    process::CommandLine line({"fuzz", "", "", ""});
    line.declare(exporter_flags());
    declare_collector_flags(line);
    const std::vector<std::string> flags = {"--collector.textfile.directory=" + machine + "/textfile",
                                            "--collector.runit.servicedir=" + machine + "/service",
                                            "--collector.cpu.info",
                                            "--collector.cpu.info.flags-include=.",
                                            "--collector.cpu.info.bugs-include=.",
                                            "--collector.stat.softirq",
                                            "--collector.bcache.priorityStats",
                                            "--no-collector.netdev.netlink",
                                            "--no-collector.arp.netlink",
                                            "--collector.netdev.enable-detailed-metrics",
                                            "--collector.diskstats.device-exclude=^$",
                                            "--collector.vmstat.fields=.",
                                            "--collector.netstat.fields=.",
                                            "--collector.sysctl.include=fs.aio-nr",
                                            "--collector.sysctl.include=net.ipv4.tcp_rmem:min,default,max",
                                            "--collector.sysctl.include=fs.file-nr",
                                            "--collector.sysctl.include-info=kernel.core_pattern"};
    std::vector<const char*> words;
    for (const auto& flag : flags) words.push_back(flag.c_str());
    if (line.parse(words)) give_up("flags");
    return line;
}

// Parsed once for each machine: that takes longer than most collectors.
std::unique_ptr<Collector> make(std::string_view name, const std::string& machine) {
    static std::map<std::string, process::CommandLine> flags;
    auto known = flags.find(machine);
    if (known == flags.end()) known = flags.emplace(machine, parse_flags(machine)).first;
    auto made = kind_of(name).make(known->second);
    if (!made) give_up(made.error().message);
    return std::move(*made);
}

struct Reader final : metrics::PageHandler {
    Result<void> on_sample(const metrics::SampleLine&) override { return {}; }
};

void check(const metrics::Page& page) {
    for (const auto format : {metrics::Format::text_0_0_4, metrics::Format::openmetrics_1_0}) {
        std::string text;
        page.write(format, text);
        if (text.size() > most_page) give_up("a page of " + std::to_string(text.size()) + " bytes");
        Reader reader;
        metrics::PageParser parser(format, reader);
        auto read = parser.feed(text);
        if (read) read = parser.finish();
        if (!read) give_up("no page: " + read.error().message);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), std::min(size, most_bytes));
    const auto end = std::min(input.find('\n'), input.size());
    const auto& file = machines().find(input.substr(0, end));
    const auto path = machines().root + "/" + file.name;
    if (end < input.size()) overwrite(path, input.substr(end + 1));
    const auto machine = machines().root + "/" + file.name.substr(0, file.name.find('/'));
    const Host host{machine + "/proc", machine + "/sys", machine + "/root", machine + "/udev"};
    metrics::Page page;
    for (const auto& name : owners_of(file.name)) {
        page.clear();
        const auto collector = make(name, machine);
        // Twice: some remember what they saw.
        for (int i = 0; i < 2; ++i) {
            page.clear();
            const auto result = collector->collect(host, page);
            if (!result && result.error().message.empty()) give_up("no reason");
        }
        check(page);
    }
    if (end < input.size()) overwrite(path, file.content);
    return 0;
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

// Changes what a file holds, beginning with what it always does, and now and then the file.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data,
                                               std::size_t size,
                                               std::size_t most,
                                               unsigned seed) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(input.find('\n'), input.size());
    const auto& all = machines().files;
    const bool other = seed % 8 == 0;
    const auto& file = other ? all[seed / 8 % all.size()] : machines().find(input.substr(0, end));
    auto text = file.name + "\n";
    const auto name = text.size();
    text += other || end >= input.size() ? std::string_view(file.content) : input.substr(end + 1);
    text.resize(std::min(text.size(), most));
    std::copy(text.begin(), text.end(), data);
    if (name >= most) return text.size();
    return name + LLVMFuzzerMutate(data + name, text.size() - name, most - name);
}
#endif
