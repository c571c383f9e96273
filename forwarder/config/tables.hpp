// Readers of the configuration's parts. Their rows stand in tables.cpp, remote_write.cpp, discovery.cpp and
// relabel.cpp. Found by argument-dependent lookup, hence here.
#pragma once

#include "common/config/fields.hpp"
#include "common/config/tree.hpp"
#include "forwarder/config/config.hpp"

#include <span>

namespace pifleet::forwarder {

void decode(const config::Node& node, TargetGroup& into, config::Faults& faults);
void decode(const config::Node& node, FileDiscovery& into, config::Faults& faults);
void decode(const config::Node& node, HttpDiscovery& into, config::Faults& faults);
void decode(const config::Node& node, DnsDiscovery& into, config::Faults& faults);
void decode(const config::Node& node, QueueConfig& into, config::Faults& faults);
void decode(const config::Node& node, MetadataConfig& into, config::Faults& faults);
void decode(const config::Node& node, WriteMessage& into, config::Faults& faults);
void decode(const config::Node& node, Global& into, config::Faults& faults);
void decode(const config::Node& node, ScrapeConfig& into, config::Faults& faults);
void decode(const config::Node& node, BackendConfig& into, config::Faults& faults);
void decode(const config::Node& node, Relabeler& into, config::Faults& faults);
void decode(const config::Node& node, ClockConfig& into, config::Faults& faults);
void read_config(const config::Node& node, Config& into, config::Faults& faults);
/// An entry of the list `backends`.
void read_backend(const config::Node& node,
                  const Catalogue& catalogue,
                  BackendConfig& into,
                  config::Faults& faults);
/// Of such an entry the keys that every backend has, and the rows of those that remote_write does not have.
void read_backend_keys(const config::Node& node, BackendConfig& into, config::Faults& faults);
std::span<const config::Field<BackendConfig>> backend_own_rows();
/// One of scrape_config_files: nothing but jobs.
void read_scrape_config_file(const config::Node& node, Config& into, config::Faults& faults);

}  // namespace pifleet::forwarder
