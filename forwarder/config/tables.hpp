// Readers of the configuration's parts. Their rows stand in tables.cpp, remote_write.cpp, discovery.cpp and
// relabel.cpp. Found by argument-dependent lookup, hence here.
#pragma once

#include "common/config/tree.hpp"
#include "forwarder/config/config.hpp"

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
void decode(const config::Node& node, RemoteWriteConfig& into, config::Faults& faults);
void decode(const config::Node& node, Relabeler& into, config::Faults& faults);
void decode(const config::Node& node, ClockConfig& into, config::Faults& faults);
void read_config(const config::Node& node, Config& into, config::Faults& faults);
/// One of scrape_config_files: nothing but jobs.
void read_scrape_config_file(const config::Node& node, Config& into, config::Faults& faults);

}  // namespace pifleet::forwarder
