// The k8s-state exporter's options as a file and as allow-lists of labels: whatever they hold, there is an
// answer, and what is taken can be taken again.
#include "exporters/k8s_state/options.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace pifleet;
using namespace pifleet::k8s;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto lists = parse_allow_lists(text)) {
        std::string again;
        for (const auto& [resource, keys] : *lists) {
            again += (again.empty() ? "" : ",") + resource + "=[";
            for (const auto& key : keys) again += (again.back() == '[' ? "" : ",") + key;
            again += ']';
        }
        const auto same = parse_allow_lists(again);
        if (!same || *same != *lists) std::abort();
    }
    Options flags;
    flags.config = "options.yml";
    const auto read = with_config(flags, text);
    if (!read && read.error().message.empty()) std::abort();
    return 0;
}
