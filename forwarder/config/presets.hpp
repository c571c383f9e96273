// Systems by name: a preset is an entry of `backends` written beforehand, in the same keys, with
// {placeholders} for what only the owner knows. It is expanded before anything else looks at the entry, and
// what the owner gives himself stands in place of the preset's.
#pragma once

#include "common/base/result.hpp"
#include "common/config/tree.hpp"
#include "forwarder/config/protocol.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

/// What a preset asks the owner for: a {placeholder} of its entry.
struct Ask {
    std::string key;
    std::string help;
    std::optional<std::string> preset;                        // none: it must be given
    std::vector<std::pair<std::string, std::string>> values;  // words to choose from, and what they stand for
};

struct Preset {
    std::string name;   // "grafana-cloud"
    std::string title;  // "Grafana Cloud"
    std::vector<Ask> asks;
    config::Node entry;     // a mapping; empty for what cannot be sent to
    std::string retired;    // since when it is no more, and its nearest successor
    std::string not_built;  // why it is known and cannot be sent to yet
    std::string proven;     // by which real server, or "double"; empty: unproven
    std::string price;      // free, under 10 USD, over 10 USD, own server
    std::string plan;       // the plan that this is about, with its figures, in words
    std::string looked_up;  // the date of plan and price
    std::string notes;      // what its owner should know
    config::Node billing;   // for estimates; may be null
};

class Presets {
  public:
    /// Adds the presets of a YAML text, in place of those of the same name.
    void read(std::string_view yaml, config::Faults& faults);
    const Preset* find(std::string_view name) const;
    std::span<const Preset> all() const { return all_; }  // by name

  private:
    std::vector<Preset> all_;
};

/// What the list `backends` may name.
struct Catalogue {
    std::span<const Protocol* const> protocols;
    const Presets* presets = nullptr;
};

/// Why nothing can be sent to the preset's system: it is no more, or its way is not built. Empty: it can.
std::string why_not(const Preset& preset, const Catalogue& catalogue);

/// The entry with its preset's keys around its own. Faults stand where the owner can mend them.
config::Node expand(const Preset& preset, const config::Node& entry, config::Faults& faults);

}  // namespace pifleet::forwarder
