// The keys that scraping and sending share: basic_auth, authorization, tls_config; and rows for tables that
// have them.
#pragma once

#include "common/config/fields.hpp"
#include "forwarder/config/config.hpp"

namespace pifleet::forwarder {

void read_basic_auth(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_authorization(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_tls_config(const config::Node& node, HttpOptions& into, config::Faults& faults);

/// A row whose value goes into the member `http` of T.
template <class T, void (*Read)(const config::Node&, HttpOptions&, config::Faults&)>
constexpr config::Field<T> http_field(std::string_view key, std::string_view help) {
    return {key, "", help, [](const config::Node& node, T& into, config::Faults& faults) {
                Read(node, into.http, faults);
            }};
}

}  // namespace pifleet::forwarder
