// Lists of targets, in both formats: any bytes give a list, whose label sets each have an address, or an
// error of one line.
#include "forwarder/discovery/target_list.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace pifleet;
using namespace pifleet::forwarder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto format : {ListFormat::json, ListFormat::yaml}) {
        const auto groups = read_target_list(text, format, "fuzz");
        if (!groups) {
            const auto& what = groups.error().message;
            if (!what.starts_with("fuzz:") || what.find('\n') != std::string::npos) std::abort();
            continue;
        }
        const auto sets = label_sets(*groups, {{"__meta_filepath", "fuzz"}});
        if (!sets) continue;
        for (const auto& labels : *sets)
            if (labels.empty() || labels[0].first.empty()) std::abort();
    }
    return 0;
}
