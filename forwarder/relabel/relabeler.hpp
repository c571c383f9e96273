// Relabeling rules as Prometheus documents them under <relabel_config>: a list that looks at a label set, one
// rule after the other, changes it, or drops what it belongs to. Targets, scraped series and what a backend
// is sent go through the same rules.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/relabel/label_builder.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

enum class RelabelAction {
    replace,
    keep,
    drop,
    keep_equal,
    drop_equal,
    hash_mod,
    label_map,
    label_drop,
    label_keep,
    lowercase,
    uppercase,
};

/// A rule as it stands in a configuration, with Prometheus's defaults.
struct RelabelRule {
    RelabelAction action = RelabelAction::replace;
    std::vector<std::string> source_labels;
    std::string separator = ";";
    std::string regex = "(.*)";
    std::string target_label;
    std::string replacement = "$1";
    std::uint64_t modulus = 0;  // at least 1 for hash_mod
    friend bool operator==(const RelabelRule&, const RelabelRule&) = default;
};

/// A name as Prometheus 3 takes it for a label: UTF-8 that is not empty.
bool valid_label_name(std::string_view name);

/// A list of rules, compiled. A value: copies share what was compiled, and it never changes.
class Relabeler {
  public:
    /// No rules: everything is kept as it is.
    Relabeler() = default;

    /// The error quotes a regular expression that is none. What else a configuration may not say is checked
    /// where it is read (config/relabel.cpp).
    static Result<Relabeler> compile(std::vector<RelabelRule> rules);

    /// False: dropped, and the label set is of no use any more.
    bool apply(LabelBuilder& labels) const;

    bool empty() const { return list_ == nullptr; }

    /// Whether the rules are the same.
    friend bool operator==(const Relabeler& a, const Relabeler& b);

  private:
    struct List;
    std::shared_ptr<const List> list_;  // null: no rules
};

}  // namespace pifleet::forwarder
