#include "forwarder/backends/kafka_records.hpp"

#include "forwarder/backends/registry.hpp"
#include "forwarder/config/config.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

using Labels = std::vector<metrics::Label>;

struct Scene {
    SeriesTable table;
    WriteRelabeling rules{{}, {}};
    OwnedLabels external;
    MetadataTable metadata;

    std::string records(std::span<const Sample> samples) const {
        return kafka_records(samples, SentSeries(table, rules, external, metadata));
    }
};

// What stands between the NULs: key, value, key, value …
std::vector<std::string> parts(const std::string& records) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < records.size(); at += found.back().size() + 1)
        found.emplace_back(records.c_str() + at);
    return found;
}

std::string wrong(Pairs settings, http::TlsOptions tls = {}) {
    BackendConfig config;
    config.settings = std::move(settings);
    config.http.tls = tls;
    const auto fault = find_protocol("kafka")->check(config);
    return fault ? std::string(fault->key) + ": " + fault->what : std::string();
}

Pairs with(std::string_view security, std::string_view user = "", std::string_view file = "") {
    return {{"brokers", "a:9092"},
            {"topic", "t"},
            {"security", std::string(security)},
            {"mechanism", "PLAIN"},
            {"username", std::string(user)},
            {"password_file", std::string(file)}};
}

}  // namespace

TEST_CASE("a record for Kafka, and its key, to the byte") {
    Scene scene;
    scene.external = {{"site", "home"}};
    const auto id =
        scene.table.acquire(std::array{metrics::Label{"__name__", "up"}, metrics::Label{"kind", "a\"b"}});
    const Sample samples[] = {{std::bit_cast<std::uint64_t>(1.5), 1'795'910'400'123, id},
                              {metrics::stale_marker_bits, 0, id},
                              {std::bit_cast<std::uint64_t>(-HUGE_VAL), 253'402'300'799'999, id}};
    const auto found = parts(scene.records(samples));
    REQUIRE(found.size() == 6);
    CHECK(found[0] == "7112804276725079795");
    CHECK(found[2] == found[0]);
    const std::string rest = R"(","labels":{"__name__":"up","kind":"a\"b","site":"home"},"name":"up")";
    CHECK(found[1] == R"({"timestamp":"2026-11-29T00:00:00.123Z","value":"1.5)" + rest + "}");
    CHECK(found[3] == R"({"timestamp":"1970-01-01T00:00:00.000Z","value":"NaN)" + rest + R"(,"stale":true})");
    CHECK(found[5] == R"({"timestamp":"9999-12-31T23:59:59.999Z","value":"-Inf)" + rest + "}");
}

TEST_CASE("records are JSON, one for each sample, whatever labels hold") {
    Scene scene;
    const std::string odd("\0\n\t\x1f\"\\/\xff\xc3\xb6", 10);
    const auto one =
        scene.table.acquire(std::array{metrics::Label{"__name__", odd}, metrics::Label{odd, odd}});
    const auto two = scene.table.acquire(std::array{metrics::Label{"a", ""}});
    const Sample samples[] = {{1, 1, two}, {2, 1, one}, {3, 2, two}};
    const auto found = parts(scene.records(samples));
    REQUIRE(found.size() == 6);
    for (std::size_t i = 1; i < found.size(); i += 2) CHECK(nlohmann::json::accept(found[i]));
    CHECK(found[0] != found[2]);
    CHECK((found[4] == found[0] || found[4] == found[2]));
}

TEST_CASE("what Kafka cannot be configured as is told") {
    CHECK(wrong(with("plaintext")).empty());
    CHECK(wrong(with("sasl_ssl", "u", "f")).empty());
    CHECK(wrong(with("tls")) ==
          "security: expected one of plaintext, ssl, sasl_plaintext, sasl_ssl, not 'tls'");
    CHECK(wrong(with("sasl_ssl")) == "username: SASL needs it");
    CHECK(wrong(with("sasl_ssl", "u")) == "password_file: SASL needs it");
    CHECK(wrong(with("ssl", "u", "f")).starts_with("username: needs security: sasl_ssl"));
    CHECK(wrong({{"brokers", "a:9092,b"}}).starts_with("brokers: "));
    CHECK(wrong({{"brokers", "a:1, b:2"}, {"topic", ""}}) == "topic: must not be empty");
    http::TlsOptions tls;
    tls.server_name = "other";
    CHECK(wrong(with("ssl"), tls)
              .starts_with("tls_config: this protocol takes ca_file, cert_file and key_file"));
}
