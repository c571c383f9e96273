// Systems of one POST and one answer that take JSON: each is a row of json_systems.cpp, and the rest of the
// program knows it by that row alone. A sample is a text with $words in it:
//   $name "the metric"      $key the same within a text that is open already
//   $value 1.5              $ms, $seconds, $decimal: its time as 1763812800123, 1763812800, 1763812800.123
//   $labels "a":"b","c":"d" $more the same with a comma before each   $tags "a:b","c:d"
//   $labels_text "{\"a\":\"b\"}"                                      $id the same text for the same series
//   and time $since, $interval_ms, $interval_s: of a counter's increase, when it began (ms) and how long it
//   took
#pragma once

#include "common/http/message.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/name_rules.hpp"
#include "forwarder/config/protocol.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pifleet::forwarder {

struct JsonSystem {
    /// Looks at an answer whose status has been judged already, and judges again.
    using Judge = void (*)(const http::Response& answer, std::size_t samples, Verdict& verdict);
    struct List {
        std::string_view open, close;
    };

    std::string_view name, help;  // of the protocol
    std::string_view content_type = "application/json";
    std::string_view open = "[", between = ",", close = "]";  // around all samples and between them
    std::string_view sample;
    std::string_view counter = {};    // of what counts, if that is written in another way
    List gauges = {}, counters = {};  // where both kinds have lists of their own, in this order
    bool increases = false;           // counters go as their increase
    std::int64_t resolution_ms = 1;
    const NameRules* names = nullptr;
    std::size_t least_labels = 0, most_labels = 1000;  // without the name
    Judge judge = nullptr;
    std::chrono::milliseconds max_age{0};  // older samples are not taken; 0: they are
};

std::span<const JsonSystem> json_systems();
const JsonSystem* find_json_system(std::string_view name);

/// The same as protocols, a row each.
std::span<const Protocol> json_protocols();

}  // namespace pifleet::forwarder
