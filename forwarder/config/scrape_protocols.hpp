// What a job says of the formats of pages: which to ask for, and how names beyond [a-zA-Z_:] are to come.
#pragma once

#include "common/config/tree.hpp"

#include <optional>
#include <vector>

namespace pifleet::forwarder {

/// In the order of their names.
enum class ScrapeProtocol { openmetrics_0_0_1, openmetrics_1_0_0, protobuf, text_0_0_4, text_1_0_0 };
enum class NameValidation { unset, legacy, utf8 };
enum class NameEscaping { unset, allow_utf_8, underscores, dots, values };

struct ScrapeProtocols {
    std::vector<ScrapeProtocol> list;  // the most wanted first
    NameValidation validation = NameValidation::unset;
    NameEscaping escaping = NameEscaping::unset;
    friend bool operator==(const ScrapeProtocols&, const ScrapeProtocols&) = default;
};

void read_protocols(const config::Node& node, ScrapeProtocols& into, config::Faults& faults);
void read_name_validation(const config::Node& node, ScrapeProtocols& into, config::Faults& faults);
void read_name_escaping(const config::Node& node, ScrapeProtocols& into, config::Faults& faults);
void read_fallback_protocol(const config::Node& node,
                            std::optional<ScrapeProtocol>& into,
                            config::Faults& faults);

/// The global ones, with Prometheus's defaults for what was not said. `node`: where they were given.
void complete(ScrapeProtocols& global, const config::Node& node, config::Faults& faults);

/// A job's, with the global ones (complete) for what was not said.
void inherit(ScrapeProtocols& job,
             const ScrapeProtocols& global,
             const config::Node& node,
             config::Faults& faults);

}  // namespace pifleet::forwarder
