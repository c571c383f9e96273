// The configuration reader: any bytes give a configuration or faults, never both and never neither.
#include "forwarder/config/config.hpp"

#include "forwarder/discovery/build_targets.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace pifleet;
using namespace pifleet::forwarder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    config::Faults faults("fuzz.yml");
    const auto config = parse_config({reinterpret_cast<const char*>(data), size}, faults);
    if (config.has_value() != faults.empty()) std::abort();
    if (!config) return 0;
    for (const auto& job : config->scrape_configs) {
        const auto built = build_targets(job, static_groups(job));
        for (const auto& target : built.targets)
            if (target.interval.count() <= 0 || target.timeout > target.interval) std::abort();
    }
    return 0;
}
