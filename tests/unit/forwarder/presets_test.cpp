#include "forwarder/backends/catalogue.hpp"
#include "forwarder/backends/registry.hpp"
#include "forwarder/config/config.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

struct Read {
    std::optional<Config> config;
    std::string faults;
};

Read read(const std::string& text) {
    config::Faults faults("f.yml");
    Read out{parse_config(text, faults, catalogue()), {}};
    out.faults = faults.text();
    return out;
}

}  // namespace

TEST_CASE("presets: each one that is not retired makes a backend") {
    for (const auto& preset : catalogue().presets->all()) {
        INFO(preset.name);
        CHECK_FALSE(preset.title.empty());
        if (!why_not(preset, catalogue()).empty()) {
            CHECK(read("backends:\n  - preset: " + preset.name + "\n").faults.find(preset.title) !=
                  std::string::npos);
            continue;
        }
        std::string text = "backends:\n  - preset: " + preset.name + "\n";
        const auto answer = [](const std::string& key) -> std::string {
            if (key.ends_with("_file")) return "/proc/sys/kernel/ostype";  // a line, as of a key
            return key == "brokers" ? "x:1" : key == "url" ? "http://x/" : "x";
        };
        for (const auto& ask : preset.asks)
            if (!ask.preset) text += "    " + ask.key + ": " + answer(ask.key) + "\n";
        const auto got = read(text);
        INFO(got.faults);
        if (preset.entry.find("google_iam") != nullptr) {  // whose key is more than a line
            CHECK(got.faults.find("the JSON that Google gives") != std::string::npos);
            continue;
        }
        REQUIRE(got.config);
        CHECK(got.config->backends[0].name == preset.name);
        CHECK(find_protocol(got.config->backends[0].protocol) != nullptr);
    }
}

TEST_CASE("presets: what the owner gives stands in place of the preset's") {
    const auto got = read(
        "backends:\n  - {preset: victoriametrics, address: 'vm:1', name: home, queue_config: {max_backoff: "
        "9s}}\n");
    INFO(got.faults);
    REQUIRE(got.config);
    const auto& backend = got.config->backends[0];
    CHECK(backend.name == "home");
    CHECK(backend.url.host == "vm");
    CHECK(backend.url.port == 1);
    CHECK(backend.queue.max_backoff == config::Duration(9'000));
}

TEST_CASE("presets: faults say what to do, where it stands") {
    CHECK(read("backends:\n  - preset: newrelick\n").faults ==
          "f.yml:2:13: no preset is called 'newrelick' (did you mean 'newrelic'?); `pifleet-forwarder "
          "backends` lists "
          "them");
    CHECK(read("backends:\n  - preset: appoptics\n")
              .faults.find("AppOptics is no more: closed on 2026-01-31") != std::string::npos);
    CHECK(read("backends:\n  - preset: newrelic\n")
              .faults.find("f.yml:2:5: preset 'newrelic' needs 'key_file'") == 0);
    CHECK(read("backends:\n  - {preset: newrelic, key_file: /dev/null, region: moon}\n")
              .faults.find("'region' must be one of us, eu, not 'moon'") != std::string::npos);
    CHECK(read("backends:\n  - {url: 'http://x/'}\n").faults ==
          "f.yml:2:5: this backend has neither a preset nor a protocol");
    CHECK(read("backends:\n  - {protocol: remote_wirte, url: 'http://x/'}\n").faults ==
          "f.yml:2:16: no protocol is called 'remote_wirte' (did you mean 'remote_write'?)");
    CHECK(read("backends:\n  - {protocol: remote_write, url: 'http://x/', zone: 1}\n")
              .faults.find("unknown key 'zone'") != std::string::npos);
}
