#include "exporters/node/collectors/journal_size.hpp"

#include "common/base/files.hpp"

#include <sys/stat.h>

namespace pifleet::node {

namespace {

using namespace std::chrono_literals;

constexpr metrics::Family journal{
    "rpi_journal_bytes", metrics::Type::gauge, "Room that systemd's journal takes."};
constexpr auto keep = 5min;
constexpr double block = 512;  // of st_blocks, whatever the file system's

// JOURNAL/MACHINE-ID/*.journal. Nothing when there is no such folder.
std::optional<double> folder_size(const std::string& folder) {
    const auto machines = list_folder(folder);
    if (!machines) return std::nullopt;
    double sum = 0;
    for (const auto& machine : *machines) {
        const auto files = list_folder(folder + "/" + machine);
        if (!files) continue;
        for (const auto& file : *files) {
            struct stat status {};
            if (::lstat((folder + "/" + machine + "/" + file).c_str(), &status) == 0 &&
                S_ISREG(status.st_mode))
                sum += static_cast<double>(status.st_blocks) * block;
        }
    }
    return sum;
}

}  // namespace

void JournalSize::add(const Host& host, metrics::Page& page) {
    const auto now = Clock::now();
    if (!measured_ || now - *measured_ >= keep) {
        persistent_ = folder_size(host.rootfs + "/var/log/journal");
        in_memory_ = folder_size(host.rootfs + "/run/log/journal");
        measured_ = now;
    }
    if (persistent_) page.add(journal, {{"storage", "persistent"}}, *persistent_);
    if (in_memory_) page.add(journal, {{"storage", "volatile"}}, *in_memory_);
}

}  // namespace pifleet::node
