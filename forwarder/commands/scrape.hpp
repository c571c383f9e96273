// pifleet-forwarder scrape TARGET|JOB: one scrape of a configured target, printed as it would be sent (but
// for external_labels and write_relabel_configs, which are a backend's). Nothing is sent or stored.
#pragma once

#include <span>

namespace pifleet::forwarder {

/// `words` are those behind "scrape"; the answer is the exit code: 0 when every target that was meant
/// answered well.
int scrape_command(std::span<const char* const> words);

}  // namespace pifleet::forwarder
