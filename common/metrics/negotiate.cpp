// Which format goes over the wire: the Accept header of a scrape, the Content-Type of an answer. Prometheus 3
// sends application/openmetrics-text;version=1.0.0;q=0.6,…,text/plain;version=0.0.4;q=0.2,*/*;q=0.1
#include "common/base/text.hpp"
#include "common/metrics/page.hpp"
#include "common/metrics/parser.hpp"

#include <algorithm>

namespace pifleet::metrics {

namespace {

struct MediaRange {
    std::string type;
    std::string version;
    double quality = 1;
};

MediaRange media_range(std::string_view text) {
    MediaRange range;
    const auto parts = split(text, ';');
    range.type = lower(trim(parts.front()));
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto part = trim(parts[i]);
        if (part.starts_with("version=")) range.version = trim(part.substr(8));
        if (part.starts_with("q=")) range.quality = to_double(trim(part.substr(2))).value_or(0);
    }
    return range;
}

}  // namespace

std::string_view content_type(Format format) {
    return format == Format::openmetrics_1_0 ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                             : "text/plain; version=0.0.4; charset=utf-8";
}

Format negotiate(std::string_view accept) {
    double open = 0, text = 0;
    for (const auto part : split(accept, ',')) {
        const auto range = media_range(part);
        const bool known = range.version.empty() || range.version == "1.0.0" || range.version == "0.0.1";
        if (range.type == "application/openmetrics-text" && known) open = std::max(open, range.quality);
        if (range.type == "text/plain" && (range.version.empty() || range.version == "0.0.4"))
            text = std::max(text, range.quality);
    }
    return open > 0 && open >= text ? Format::openmetrics_1_0 : Format::text_0_0_4;
}

std::optional<Format> format_of(std::string_view type) {
    if (trim(type).empty()) return Format::text_0_0_4;
    const auto range = media_range(type);
    if (range.type == "application/openmetrics-text") return Format::openmetrics_1_0;
    if (range.type == "text/plain") return Format::text_0_0_4;
    return std::nullopt;
}

}  // namespace pifleet::metrics
