// Kinds of rows that the tables of forwarder.yml share.
#pragma once

#include "common/config/fields.hpp"
#include "forwarder/config/config.hpp"

namespace pifleet::forwarder {

/// Labels, checked for names that Prometheus would refuse, sorted by name.
void read_labels(const config::Node& node, Pairs& into, config::Faults& faults);

/// An http:// or https:// address.
void read_url(const config::Node& node, http::Url& into, config::Faults& faults);

/// A duration that must be longer than 0.
void read_positive(const config::Node& node, Duration& into, config::Faults& faults);

/// A whole number that must be at least 0.
void read_count(const config::Node& node, std::int64_t& into, config::Faults& faults);

/// Says that Prometheus has the key and this version does not do what it asks for.
void read_unsupported(const config::Node& node, config::Faults& faults);

template <auto Member, auto Read>
constexpr auto field_by(std::string_view key, std::string_view preset, std::string_view help) {
    using T = typename config::detail::MemberOf<decltype(Member)>::Class;
    return config::Field<T>{key, preset, help, [](const config::Node& node, T& into, config::Faults& faults) {
                                Read(node, into.*Member, faults);
                            }};
}

/// To leave such a key out silently would scrape or send something else than Prometheus does with the same
/// file.
template <class T>
constexpr config::Field<T> unsupported(std::string_view key) {
    return {key, "", "", [](const config::Node& node, T&, config::Faults& faults) {
                read_unsupported(node, faults);
            }};
}

/// Accepted, because it changes nothing of what is scraped and sent.
template <class T>
constexpr config::Field<T> without_effect(std::string_view key, std::string_view help) {
    return {key, "", help, nullptr};
}

}  // namespace pifleet::forwarder
