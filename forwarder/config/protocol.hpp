// What a backend's protocol is to the rest of the program: a name, its own keys in the configuration, and how
// a Backend is made of them. A protocol is one file under backends/ that exports one Protocol, and one line
// in backends/registry.cpp.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

class Backend;
struct BackendConfig;
struct BackendContext;

/// A key of a backend's entry that only this protocol has. Its value is text; make() says what is wrong with
/// it.
struct Setting {
    std::string_view key;
    std::string_view preset;  // "" with `required`: it must be given
    std::string_view help;
    bool required = false;
};

/// A value of such a key that cannot be used.
struct SettingFault {
    std::string_view key;
    std::string what;  // "expected metric, job or single, not 'x'"
};

struct Protocol {
    std::string_view name;  // as in `protocol: influx`
    std::string_view help;
    std::span<const Setting> settings;
    /// Made of a configuration that check() finds nothing wrong with. It opens nothing.
    std::unique_ptr<Backend> (*make)(const BackendConfig& config, const BackendContext& context);
    /// What is wrong with the settings; null: nothing ever is.
    std::optional<SettingFault> (*check)(const BackendConfig& config) = nullptr;
    /// Whether its address is an http:// or https:// one, in the key `url`; others have keys of their own for
    /// it.
    bool has_url = true;
    /// No receiver takes older samples, so they are not sent; 0: some do. max_sample_age can say another age.
    std::chrono::milliseconds max_age{0};
};

}  // namespace pifleet::forwarder
