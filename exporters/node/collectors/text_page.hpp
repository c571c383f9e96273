// One *.prom file of the textfile collector, read and checked: nothing of a file is shown unless all of it is
// sound.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/model.hpp"
#include "common/metrics/parser.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

struct TextSample {
    std::string suffix;                       // "_bucket", "_sum", "_count" or nothing
    std::vector<metrics::OwnedLabel> labels;  // by name, none empty
    double value = 0;
};

struct TextFamily {
    std::optional<metrics::Type> type;
    std::optional<std::string> help;
    std::vector<TextSample> samples;
};

/// By name.
using TextPage = std::map<std::string, TextFamily, std::less<>>;

/// Errors name the line. Timestamps are refused, as a file's samples are always of now; so are series that
/// stand twice.
Result<TextPage> parse_text_page(std::string_view text);

/// What makes a series unique: its name and its labels.
std::string series_key(std::string_view family, const TextSample& sample);

}  // namespace pifleet::node
