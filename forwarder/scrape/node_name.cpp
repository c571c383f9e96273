#include "forwarder/scrape/node_name.hpp"

namespace pifleet::forwarder {

// What is wrong with a series is said when it is scraped.
Result<void> NodeNameReader::on_sample(const metrics::SampleLine& line) {
    if (!name_.empty() || !line.series.starts_with("node_uname_info")) return {};
    const auto labels = metrics::parse_series(line.series);
    if (!labels || labels->front().value != "node_uname_info") return {};
    for (const auto& label : *labels)
        if (label.name == "nodename" && label.value.size() <= most) name_ = label.value;
    return {};
}

}  // namespace pifleet::forwarder
