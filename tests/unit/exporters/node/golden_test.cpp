// Folder machines against the pages that the real node_exporter gave for them, and against damage to each of
// their files. The reviewed differences stand in tests/conformance/node/exceptions.tsv.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/file_labels.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <re2/re2.h>

#include <cmath>
#include <fstream>
#include <set>

namespace pifleet::node::test {

namespace {

namespace fs = std::filesystem;

const std::string conformance = "tests/conformance/node/";
constexpr const char* machines[] = {"pi3", "pi4", "pi5", "server", "zero"};

struct Exception {
    std::string kind;
    std::shared_ptr<const re2::RE2> pattern;
};

std::vector<Exception> read_exceptions() {
    std::vector<Exception> all;
    const auto text = read_file(conformance + "exceptions.tsv");
    REQUIRE(text.has_value());
    for (const auto line : split(*text, '\n')) {
        if (line.empty() || line.front() == '#') continue;
        const auto columns = split(line, '\t');
        REQUIRE(columns.size() == 3);
        all.push_back(
            {std::string(columns[0]), std::make_shared<re2::RE2>("^(?:" + std::string(columns[1]) + ")")});
    }
    for (const auto& exception : all) REQUIRE(exception.pattern->ok());
    return all;
}

bool excepted(const std::string& series, std::string_view kind) {
    static const auto all = read_exceptions();
    for (const auto& exception : all)
        if ((exception.kind == kind || exception.kind == "labels" ||
             (kind == "value" && exception.kind == "golden")) &&
            re2::RE2::PartialMatch(series, *exception.pattern))
            return true;
    return false;
}

std::vector<std::string> flags_of(const std::string& folder, const std::string& flags_file) {
    std::vector<std::string> flags = {"--web.disable-exporter-metrics",
                                      "--path.procfs=" + folder + "/proc",
                                      "--path.sysfs=" + folder + "/sys",
                                      "--path.rootfs=" + folder + "/root",
                                      "--path.udev.data=" + folder + "/udev",
                                      "--collector.textfile.directory=" + folder + "/textfile"};
    const auto own = read_file(flags_file);
    REQUIRE(own.has_value());
    for (const auto line : split(*own, '\n'))
        if (!line.empty()) flags.emplace_back(line);
    return flags;
}

PageContent scrape(const std::vector<std::string>& flags) {
    auto exporter = make_exporter(flags);
    REQUIRE(exporter.has_value());
    return parse((*exporter)->scrape((*exporter)->everything(), metrics::Format::text_0_0_4));
}

bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

// The test runs from the source tree: the pages name files as they were named on node_exporter's command
// line.
void enter_source_tree() {
    fs::current_path(PIFLEET_SOURCE_DIR);
}

}  // namespace

TEST_CASE("folder machines give node_exporter's pages") {
    enter_source_tree();
    for (const std::string machine : machines) {
        INFO(machine);
        const auto text = read_file(conformance + machine + "/golden.prom");
        REQUIRE(text.has_value());
        REQUIRE(text->starts_with("# node_exporter 1."));  // by the real one
        const auto golden = parse(*text);
        const auto ours = scrape(flags_of(conformance + machine, conformance + machine + "/flags"));
        CHECK(golden.series.size() > 300);
        for (const auto& [series, value] : golden.series) {
            INFO(series << " " << value);
            if (excepted(series, "theirs")) continue;
            CHECK(ours.has(series));
            if (!excepted(series, "value")) CHECK(same(ours.at(series), value));
        }
        for (const auto& [series, value] : ours.series) {
            INFO(series << " " << value);
            if (!excepted(series, "ours")) CHECK(golden.has(series));
        }
        for (const auto& [family, type] : ours.types) {
            INFO(family);
            if (golden.types.contains(family)) CHECK(golden.types.at(family) == type);
        }
    }
}

namespace {

// Series whose labels are taken from damaged files, so that a new one may turn up; and the processes, which
// are fewer where a file is missing.
bool label_comes_from_a_file(const std::string& series) {
    for (const auto* family : families_labelled_by_files)
        if (series.starts_with(family)) return true;
    return false;
}

bool about_the_scrape(const std::string& series) {
    return series.starts_with("node_scrape_collector_") || series == "node_textfile_scrape_error" ||
           excepted(series, "value");
}

struct Damage {
    const char* name;
    void (*apply)(const std::string& path, const std::string& content);
    bool detectable_in_sys;  // half of "48686" is a number as well; sysfs and sysctls never give half a file
};

void overwrite(const std::string& path, std::string_view content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

const Damage damages[] = {
    {"missing", [](const std::string& path, const std::string&) { fs::remove(path); }, true},
    {"empty", [](const std::string& path, const std::string&) { overwrite(path, ""); }, true},
    {"cut",
     [](const std::string& path, const std::string& content) {
         auto half = content.substr(0, content.size() / 2 + 1);
         // What ends with a line is whole for all that anybody can see.
         while (half.size() > 1 && half.back() == '\n') half.pop_back();
         overwrite(path, half);
     },
     false},
    {"garbage",
     [](const std::string& path, const std::string&) {
         overwrite(path, std::string("\xff\0{\"= 9e999 \\", 13) + "\n\n\t::\n");
     },
     true},
};

// Sanitized code is some eight times slower: a file is damaged in at most one way there, neighbours in
// different ones.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr unsigned one_damage_of = 8;
#else
constexpr unsigned one_damage_of = 1;
#endif

// How often a file of /sys was damaged before in this way, however its device is numbered: a third
// processor's frequencies teach nothing new.
bool tried_often(const std::string& file, const Damage& damage) {
    static std::map<std::string, int> tried;
    if (!file.starts_with("sys/")) return false;
    std::string shape = damage.name;
    for (const char c : file)
        if (c < '0' || c > '9') shape += c;
    return ++tried[shape] > 2;
}

// The collectors that cannot do without the file.
std::vector<std::string> owners(const std::string& file) {
    const std::map<std::string, std::vector<std::string>> known = {
        {"proc/stat", {"cpu", "stat"}},
        {"proc/meminfo", {"meminfo"}},
        {"proc/loadavg", {"loadavg"}},
        {"proc/diskstats", {"diskstats"}},
        {"proc/net/dev", {"netdev"}},
        {"proc/1/mountinfo", {"filesystem"}},
        {"proc/cpuinfo", {"cpu"}},
        {"proc/1/mountstats", {"mountstats"}},
        {"proc/buddyinfo", {"buddyinfo"}},
        {"proc/cgroups", {"cgroups"}},
        {"proc/drbd", {"drbd"}},
        {"proc/interrupts", {"interrupts"}},
        {"proc/net/arp", {"arp"}},
        {"proc/net/ip_vs", {"ipvs"}},
        {"proc/net/ip_vs_stats", {"ipvs"}},
        {"proc/net/netstat", {"netstat"}},
        {"proc/net/rpc/nfs", {"nfs"}},
        {"proc/net/rpc/nfsd", {"nfsd"}},
        {"proc/net/snmp", {"netstat"}},
        {"proc/net/softnet_stat", {"softnet"}},
        {"proc/net/stat/nf_conntrack", {"conntrack"}},
        {"proc/net/xfrm_stat", {"xfrm"}},
        {"proc/schedstat", {"schedstat"}},
        {"proc/slabinfo", {"slabinfo"}},
        {"proc/softirqs", {"softirqs"}},
        {"proc/swaps", {"swap"}},
        {"proc/sys/fs/file-nr", {"filefd"}},
        {"proc/vmstat", {"vmstat"}},
        {"proc/zoneinfo", {"zoneinfo"}},
    };
    const auto found = known.find(file);
    return found == known.end() ? std::vector<std::string>() : found->second;
}

void check_damaged(const PageContent& clean,
                   const PageContent& damaged,
                   const std::string& file,
                   bool numbers_hold) {
    for (const auto& [series, value] : damaged.series) {
        // Nearly every one of the millions: what follows is slow.
        if (const auto same_as = clean.series.find(series);
            same_as != clean.series.end() && same(same_as->second, value))
            continue;
        INFO(series << " " << value);
        if (about_the_scrape(series) || label_comes_from_a_file(series)) continue;
        CHECK(clean.has(series));
        if (numbers_hold) CHECK(same(clean.at(series), value));
    }
    for (const auto& owner : owners(file))
        CHECK(damaged.at("node_scrape_collector_success{collector=\"" + owner + "\"}") == 0);
    const auto failed = [&](const auto& entry) {
        return entry.first.starts_with("node_scrape_collector_success") && entry.second == 0 &&
               clean.at(entry.first) == 1;
    };
    const auto failures = std::count_if(damaged.series.begin(), damaged.series.end(), failed);
    CHECK(failures <= 2);
}

}  // namespace

TEST_CASE("a damaged file costs one collector, and never makes a wrong number") {
    enter_source_tree();
    unsigned nth = 0;
    for (const std::string machine : machines) {
        Machine copy;
        const auto folder = copy.path("machine");
        fs::copy(
            conformance + machine, folder, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        const auto flags = flags_of(folder, conformance + machine + "/flags");
        const auto clean = scrape(flags);
        std::vector<std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (entry.is_regular_file() && !entry.is_symlink())
                files.push_back(entry.path().string().substr(folder.size() + 1));
        REQUIRE(files.size() > 30);
        std::sort(files.begin(), files.end());  // a sample is the same everywhere
        for (const auto& file : files) {
            const auto path = folder + "/" + file;
            const auto content = read_file(path);
            REQUIRE(content.has_value());
            for (const auto& damage : damages) {
                if (tried_often(file, damage) || ++nth % one_damage_of != 0) continue;
                INFO(machine << "/" << file << " " << damage.name);
                damage.apply(path, *content);
                const bool of_lines = !file.starts_with("sys/") && !file.starts_with("proc/sys/");
                check_damaged(clean, scrape(flags), file, damage.detectable_in_sys || of_lines);
                overwrite(path, *content);
            }
        }
    }
}

}  // namespace pifleet::node::test
