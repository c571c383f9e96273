// Names, types and meaning as client_golang's process collector has them on Linux.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "common/process/run.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

namespace pifleet::process {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family cpu_seconds{"process_cpu_seconds_total",
                             Type::counter,
                             "CPU time used by this process, user and system, in seconds."};
constexpr Family resident_bytes{
    "process_resident_memory_bytes", Type::gauge, "Memory of this process that is in RAM, in bytes."};
constexpr Family virtual_bytes{
    "process_virtual_memory_bytes", Type::gauge, "Address space that this process has mapped, in bytes."};
constexpr Family virtual_limit{
    "process_virtual_memory_max_bytes", Type::gauge, "Address space that this process may map, in bytes."};
constexpr Family open_files{"process_open_fds", Type::gauge, "File descriptors that this process has open."};
constexpr Family open_files_limit{
    "process_max_fds", Type::gauge, "File descriptors that this process may have open."};
constexpr Family start_time{
    "process_start_time_seconds", Type::gauge, "When this process started, in seconds since 1970."};
constexpr Family received{"process_network_receive_bytes_total",
                          Type::counter,
                          "Bytes received over IP in the network namespace of this process."};
constexpr Family transmitted{"process_network_transmit_bytes_total",
                             Type::counter,
                             "Bytes sent over IP in the network namespace of this process."};

// The boot time, in seconds since 1970.
std::optional<double> boot_time() {
    const auto text = read_file("/proc/stat");
    if (!text) return std::nullopt;
    // Its line of interrupts has thousands of words: nothing else of the file is taken apart.
    constexpr std::string_view name = "\nbtime ";
    const auto at = text->find(name);
    if (at == text->npos) return std::nullopt;
    const auto rest = std::string_view(*text).substr(at + name.size());
    return to_double(rest.substr(0, rest.find('\n')));
}

void add_times_and_memory(metrics::Page& page) {
    const auto text = read_file("/proc/self/stat");
    if (!text) return;
    // The second field is the program's name in brackets, and may hold blanks and brackets itself.
    const auto name_end = text->rfind(')');
    if (name_end == text->npos) return;
    const auto words = fields(std::string_view(*text).substr(name_end + 1));
    const auto number = [&](std::size_t field) {  // numbered as in proc(5)
        return field - 3 < words.size() ? to_double(words[field - 3]) : std::nullopt;
    };
    const auto user = number(14), system = number(15), started = number(22), mapped = number(23),
               pages = number(24);
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    if (user && system) page.add(cpu_seconds, (*user + *system) / ticks);
    if (pages) page.add(resident_bytes, *pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    if (mapped) page.add(virtual_bytes, *mapped);
    const auto booted = boot_time();  // each time: a Pi learns the time only after it has booted
    if (started && booted) page.add(start_time, *booted + *started / ticks);
}

void add_limit(metrics::Page& page, const Family& family, __rlimit_resource_t resource) {
    rlimit limit{};
    // "unlimited" is the greatest 64-bit number, as it is there.
    if (::getrlimit(resource, &limit) == 0) page.add(family, static_cast<double>(limit.rlim_cur));
}

void add_network(metrics::Page& page) {
    const auto text = read_file("/proc/self/net/netstat");
    if (!text) return;
    // Pairs of lines: the names, then the values.
    std::vector<std::string_view> names;
    for (const auto line : split(*text, '\n')) {
        const auto words = fields(line);
        if (words.empty() || words[0] != "IpExt:") continue;
        if (names.empty()) {
            names = words;
            continue;
        }
        for (std::size_t i = 1; i < std::min(names.size(), words.size()); ++i) {
            const auto value = to_double(words[i]);
            if (value && names[i] == "InOctets") page.add(received, *value);
            if (value && names[i] == "OutOctets") page.add(transmitted, *value);
        }
    }
}

}  // namespace

void add_process_metrics(metrics::Page& page) {
    add_times_and_memory(page);
    add_limit(page, virtual_limit, RLIMIT_AS);
    if (const auto open = list_folder("/proc/self/fd"))
        page.add(open_files, static_cast<double>(open->size() - 1));  // without the one that lists
    add_limit(page, open_files_limit, RLIMIT_NOFILE);
    add_network(page);
}

}  // namespace pifleet::process
