// What becomes of the labels on a target's page: the target's are added, rules may change them, limits hold.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/relabel/relabeler.hpp"
#include "forwarder/series/label_reader.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace pifleet::forwarder {

struct PageLabels {
    LabelPairs added;    // the target's, sorted by name
    bool honor = false;  // of two with one name the page's stands, an empty one, too; else the page's is kept
                         // as exported_NAME
    Relabeler relabeler;        // metric_relabel_configs
    bool legacy_names = false;  // others are an error: metric_name_validation_scheme legacy
    // Limits, 0 for none: labels of a series with its name, bytes of a label's name and of its value.
    std::size_t most_labels = 0, most_name = 0, most_value = 0;
};

/// The labels of a series as it stands on the page, sorted by name, none empty; nothing when it is dropped.
/// The error says what is wrong with the text, or which limit it breaks, or
/// which name is not allowed.
Result<std::optional<LabelPairs>> final_labels(std::string_view text, const PageLabels& rules);

}  // namespace pifleet::forwarder
