// Relabeling: "name=value" lines, a line of dashes, a configuration. Whatever its rules do, what is left is a
// label set (sorted, unique names, no empty text), the same each time, and so is every target that comes of
// it.
#include "common/base/text.hpp"
#include "forwarder/discovery/build_targets.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

Pairs labels_of(std::string_view lines) {
    Pairs labels;
    for (const auto line : split(lines, '\n')) {
        const auto equals = line.find('=');
        if (equals == 0 || equals == std::string_view::npos) continue;
        labels.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    return labels;
}

void expect_label_set(const Pairs& labels) {
    std::string_view last;
    for (const auto& [name, value] : labels) {
        if (name <= last || value.empty()) std::abort();  // so no name is empty either
        last = name;
    }
}

void check(const Relabeler& rules, const Pairs& given) {
    LabelBuilder once(given), again(given);
    const bool kept = rules.apply(once);
    if (kept != rules.apply(again) || once.labels() != again.labels()) std::abort();
    expect_label_set(once.labels());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view border = "\n---\n";
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto middle = text.find(border);
    if (middle == std::string_view::npos) return 0;
    config::Faults faults("fuzz.yml");
    const auto config = parse_config(text.substr(middle + border.size()), faults);
    if (!config) return 0;
    const auto given = labels_of(text.substr(0, middle));
    const DiscoveredGroup groups[] = {{"fuzz", {given}}};
    for (const auto& job : config->scrape_configs) {
        check(job.relabel_configs, given);
        check(job.metric_relabel_configs, given);
        const auto built = build_targets(job, groups);
        if (built.targets.size() + built.dropped_count + built.failures_count != 1) std::abort();
        for (const auto& target : built.targets) {
            expect_label_set(target.labels);
            if (target.label("instance").empty() || target.timeout > target.interval) std::abort();
        }
    }
    for (const auto& backend : config->backends) check(backend.write_relabel_configs, given);
    return 0;
}
