// Thousands of scrapes of a folder machine with every collector on: the same page at the end as at the
// beginning, and nothing that piles up. Sanitized trees see in it what leaks or is used after its end.
// PIFLEET_SCRAPES says how many.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/registry.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pifleet::node::test {

namespace {

constexpr std::uint64_t by_default = 200;

// They ask other programs, which have their own tests.
constexpr std::array<std::string_view, 4> outside = {"logind", "ntp", "supervisord", "systemd"};

std::vector<std::string> every_collector(const std::string& machine) {
    std::vector<std::string> flags = {"--path.procfs=" + machine + "/proc",
                                      "--path.sysfs=" + machine + "/sys",
                                      "--path.rootfs=" + machine + "/root",
                                      "--path.udev.data=" + machine + "/udev",
                                      "--collector.textfile.directory=" + machine + "/textfile",
                                      "--collector.runit.servicedir=" + machine + "/service",
                                      "--collector.sysctl.include=fs.file-nr",
                                      "--collector.bcache.priorityStats",
                                      "--collector.cpu.info"};
    for (const auto* kind : registry())
        if (std::find(outside.begin(), outside.end(), kind->name) == outside.end())
            flags.push_back("--" + switch_name(*kind));
    return flags;
}

// The lines that stay the same while the files do: not those of clocks and of this machine's kernel.
std::vector<std::string> series_of(const std::string& page) {
    std::vector<std::string> names;
    for (const auto line : split(page, '\n'))
        if (!line.empty() && line.front() != '#') names.emplace_back(line.substr(0, line.rfind(' ')));
    std::erase_if(names, [](const std::string& name) {
        return name.starts_with("node_tcp_connection_states") || name.starts_with("node_network_route") ||
               name.starts_with("node_ethtool") || name.starts_with("node_qdisc");
    });
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("many scrapes: the last is like the first, and no descriptor is left open") {
    const char* wanted = std::getenv("PIFLEET_SCRAPES");
    const auto scrapes = wanted != nullptr ? to_unsigned(wanted).value() : by_default;
    const std::string folder = PIFLEET_SOURCE_DIR "/tests/conformance/node/server";
    const auto exporter = make_exporter(every_collector(folder));
    REQUIRE(exporter.has_value());
    CHECK((*exporter)->names().size() >= registry().size() - outside.size());
    const auto scrape = [&exporter] {
        return (*exporter)->scrape((*exporter)->everything(), metrics::Format::text_0_0_4);
    };
    const auto first = series_of(scrape());
    CHECK(first.size() > 2000);
    for (int i = 0; i < 20; ++i) scrape();
    const auto open = list_folder("/proc/self/fd").value().size();
    std::size_t longest = 0;
    for (std::uint64_t i = 0; i < scrapes; ++i) longest = std::max(longest, scrape().size());
    CHECK(longest < 2 * 1024 * 1024);
    CHECK(list_folder("/proc/self/fd").value().size() == open);
    CHECK(series_of(scrape()) == first);
}

}  // namespace pifleet::node::test
