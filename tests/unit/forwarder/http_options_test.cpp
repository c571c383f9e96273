#include "forwarder/config/http_options.hpp"

#include "forwarder/config/config.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::optional<Config> parsed(const std::string& keys, config::Faults& faults) {
    return parse_config("scrape_configs:\n- job_name: a\n  " + keys, faults);
}

// The faults of a job with these keys, at line 3.
std::string faults_of(const std::string& keys) {
    config::Faults faults("f.yml");
    parsed(keys, faults);
    return faults.text();
}

ScrapeConfig job(const std::string& keys) {
    config::Faults faults("f.yml");
    auto config = parsed(keys, faults);
    INFO(faults.text());
    REQUIRE(config.has_value());
    return config->scrape_configs[0];
}

const std::string one_of = "at most one of basic_auth, authorization, bearer_token and oauth2 can be given";

}  // namespace

TEST_CASE("jobs and backends have the same HTTP options") {
    const std::string keys = R"(
    oauth2: {client_id: me, client_secret: s, scopes: [a], token_url: 'https://t/x', tls_config: {server_name: t}}
    tls_config: {ca: PEM, cert: C, key: K, server_name: pi, min_version: TLS10, max_version: TLS13}
    proxy_url: proxy:3128
    no_proxy: a,b
    proxy_connect_header: {X-Way: [in, out]}
    follow_redirects: false
    enable_http2: false
    http_headers: {X-A: {values: [1, 2], secrets: [s]}})";
    config::Faults faults("f.yml");
    const auto config = parse_config(
        "scrape_configs:\n  - job_name: a" + keys + "\nremote_write:\n  - url: http://h" + keys, faults);
    INFO(faults.text());
    REQUIRE(config.has_value());
    const auto& http = config->scrape_configs[0].http;
    CHECK(http == config->backends[0].http);
    CHECK(http.oauth2->token_url.host == "t");
    CHECK(http.oauth2->tls.server_name == "t");
    CHECK(http.tls.ca == "PEM");
    CHECK(http.tls.min_version == http::TlsVersion::tls10);
    CHECK(http.tls.max_version == http::TlsVersion::tls13);
    CHECK(http.proxy.url->port == 3128);
    CHECK(http.proxy.connect_headers == std::vector<http::Header>{{"X-Way", "in"}, {"X-Way", "out"}});
    CHECK_FALSE(http.follow_redirects);
    REQUIRE(http.headers.size() == 1);
    CHECK(http.headers[0].values == std::vector<std::string>{"1", "2"});
    CHECK(http.headers[0].secrets.at(0).reveal().value() == "s");
}

TEST_CASE("defaults of the HTTP options are Prometheus's") {
    const auto plain = job("honor_labels: false");
    CHECK(plain.http == HttpOptions{});
    CHECK(plain.http.follow_redirects);
    CHECK(plain.enable_compression);
    CHECK_FALSE(plain.fallback_protocol);
    CHECK(plain.protocols.list.front() == ScrapeProtocol::openmetrics_1_0_0);
    CHECK(plain.protocols.escaping == NameEscaping::allow_utf_8);
    const auto bearer = authorization_header(job("bearer_token: t").http.authorization).value();
    CHECK(bearer->value == "Bearer t");
}

TEST_CASE("of the ways to authenticate there is one at most") {
    CHECK(faults_of("basic_auth: {username: u}\n  bearer_token: t") == "f.yml:4:17: " + one_of);
    CHECK(faults_of("basic_auth: {username: u}\n  oauth2: {client_id: c, token_url: 'http://t'}") ==
          "f.yml:4:11: " + one_of);
    CHECK(
        faults_of("basic_auth: {username: u, password: p, password_file: /no}").find("exclude each other") !=
        std::string::npos);
    CHECK(faults_of("authorization: {type: Basic, credentials: c}") ==
          "f.yml:3:25: the type cannot be 'basic': use basic_auth");
    CHECK(faults_of("oauth2: {scopes: [a]}") ==
          "f.yml:3:11: oauth2 needs a client_id\nf.yml:3:11: oauth2 needs a token_url");
}

TEST_CASE("what does not go together in TLS and proxies is told") {
    CHECK(faults_of("tls_config: {cert: C}") ==
          "f.yml:3:15: cert_file and key_file (or cert and key) go together");
    CHECK(faults_of("tls_config: {min_version: TLS1}") ==
          "f.yml:3:29: expected TLS10, TLS11, TLS12 or TLS13, not 'TLS1'");
    CHECK(faults_of("tls_config: {max_version: TLS11}") ==
          "f.yml:3:29: max_version is below min_version, which is TLS12 by itself");
    CHECK(faults_of("tls_config: {ca: C, ca_file: /no/such}").find("ca and ca_file exclude each other") !=
          std::string::npos);
    for (const std::string proxy : {"socks5://h", "https://h"})
        CHECK(
            faults_of("proxy_url: '" + proxy + "'")
                .starts_with("f.yml:3:14: a proxy of this kind is not supported: expected http://host:port"));
    CHECK(faults_of("no_proxy: a") == "f.yml:3:13: no_proxy needs a proxy_url");
    CHECK(faults_of("proxy_from_environment: true\n  proxy_url: 'http://h'") ==
          "f.yml:4:14: proxy_url and proxy_from_environment exclude each other");
    CHECK(faults_of("proxy_connect_header: {a: [b]}").find("needs a proxy_url") != std::string::npos);
}

TEST_CASE("headers of one's own may not say what a request says of itself") {
    CHECK(
        faults_of("http_headers: {host: {values: [a]}}") ==
        "f.yml:3:18: the header 'host' cannot be set here: pifleet-forwarder sets it itself, or it has a key "
        "of its own");
    CHECK(faults_of("http_headers: {X-A: {files: [/no/such]}}").find("/no/such") != std::string::npos);
    CHECK(faults_of("http_headers: {X-A: {value: [a]}}").find("did you mean 'values'") != std::string::npos);
}

TEST_CASE("formats and names are checked as Prometheus does") {
    CHECK(faults_of("scrape_protocols: []") == "f.yml:3:21: scrape_protocols needs at least one protocol");
    CHECK(faults_of("scrape_protocols: [PrometheusText0.0.4, PrometheusText0.0.4]") ==
          "f.yml:3:43: 'PrometheusText0.0.4' is named twice");
    CHECK(faults_of("scrape_protocols: [PrometheusText0.0.5]")
              .starts_with("f.yml:3:22: 'PrometheusText0.0.5' is not known here (did you mean "
                           "'PrometheusText0.0.4'?); expected OpenMetricsText0.0.1, "));
    CHECK(faults_of("fallback_scrape_protocol: PrometheusProto").find("not read here") != std::string::npos);
    // Judged by promtool 3.5 in the same way.
    CHECK(faults_of("metric_name_validation_scheme: legacy").starts_with("f.yml:3:34: "));
    CHECK(job("metric_name_validation_scheme: legacy\n  metric_name_escaping_scheme: dots")
              .protocols.escaping == NameEscaping::dots);
    config::Faults faults("f.yml");
    const auto config = parse_config(
        "global: {metric_name_validation_scheme: legacy, scrape_protocols: [PrometheusProto]}\n"
        "scrape_configs: [{job_name: a}, {job_name: b, metric_name_validation_scheme: utf8}]",
        faults);
    REQUIRE(config.has_value());
    CHECK(config->scrape_configs[0].protocols.escaping == NameEscaping::underscores);
    CHECK(config->scrape_configs[1].protocols.validation == NameValidation::utf8);
    CHECK(config->scrape_configs[1].protocols.list == config->global.protocols.list);
    REQUIRE(config->notices.size() == 1);
    CHECK(config->notices[0].starts_with("PrometheusProto: "));
}
