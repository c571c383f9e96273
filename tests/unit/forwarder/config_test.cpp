#include "forwarder/config/config.hpp"

#include "tests/catch.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::string faults_of(std::string_view text) {
    config::Faults faults("f.yml");
    const auto config = parse_config(text, faults);
    CHECK(config.has_value() == faults.empty());
    return faults.text();
}

Config good(std::string_view text) {
    config::Faults faults("f.yml");
    auto config = parse_config(text, faults);
    INFO(faults.text());
    REQUIRE(config);
    return *config;
}

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "pifleet-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(path / name) << text;
        return (path / name).string();
    }
};

}  // namespace

TEST_CASE("what a job does not say it takes from global") {
    const auto config = good(R"(
global: {scrape_interval: 15s, scrape_timeout: 4s, external_labels: {z: last, cluster: home}, sample_limit: 9}
scrape_configs:
  - job_name: a
    static_configs: [{targets: ['x:1', 'y:2'], labels: {room: attic}}]
  - {job_name: b, scrape_interval: 2s, body_size_limit: 1MB, sample_limit: 0, honor_labels: true}
)");
    const auto& a = config.scrape_configs[0];
    CHECK(a.interval == Duration(15'000));
    CHECK(a.timeout == Duration(4'000));
    CHECK(a.sample_limit == 9);
    CHECK(a.body_size_limit.count == 64u << 20);
    CHECK(a.static_configs[0].targets == std::vector<std::string>{"x:1", "y:2"});
    const auto& b = config.scrape_configs[1];
    CHECK(b.timeout == Duration(2'000));  // never longer than the interval
    CHECK(b.sample_limit == 0);
    CHECK(b.body_size_limit.count == 1u << 20);
    CHECK(b.honor_labels);
    CHECK(config.global.external_labels == Pairs{{"cluster", "home"}, {"z", "last"}});
}

TEST_CASE("defaults are Prometheus's") {
    const auto config = good("scrape_configs: [{job_name: a}]\nremote_write: [{url: 'http://h/write'}]");
    CHECK(config.scrape_configs[0].interval == Duration(60'000));
    CHECK(config.scrape_configs[0].timeout == Duration(10'000));
    CHECK(config.scrape_configs[0].metrics_path == "/metrics");
    CHECK(config.backends[0].name == "h");
    CHECK(config.backends[0].remote_timeout == Duration(30'000));
    CHECK(config.backends[0].queue.max_samples_per_send == 2000);
}

TEST_CASE("the configuration of the original owner is taken unchanged") {
    const auto config = good(R"(
global:
  scrape_interval:     60s
  evaluation_interval: 60s
  external_labels:
      monitor: 'pikube'

rule_files:
  - alert.yml
alerting:
  alertmanagers:
    - static_configs:
      - targets: ['localhost:9093']
scrape_configs:
  - job_name: 'prometheus'

    static_configs:
      - targets: ['localhost:9090']

  - job_name: node
    static_configs:
      - targets:
        - 192.168.99.100:9100
        labels:
          node_name: pikube01
remote_write:
  - url: 'https://metric-api.newrelic.com/prometheus/v1/write?X-License-Key=0123&prometheus_server=prometheus'
)");
    CHECK(config.notices.size() == 2);
    CHECK(config.backends[0].url.tls);
    CHECK(config.backends[0].url.shown().find("0123") == std::string::npos);
}

TEST_CASE("every fault is told at once, with its place and what was expected") {
    CHECK(faults_of(R"(global:
  scrape_intervall: 5s
  scrape_timeout: 10 seconds
scrape_configs:
  - job_name: a
    scrape_interval: 0s
    scheme: ftp
    kubernetes_sd_configs: []
    honor_labels: maybe
    static_configs: {targets: x}
  - static_configs: [{targets: ['x:1'], labels: {'a-b': c}}]
remote_write:
  - name: nowhere
  - url: 'ftp://x'
)") == "f.yml:2:3: unknown key 'scrape_intervall' (did you mean 'scrape_interval'?)\n"
       "f.yml:3:19: expected a duration such as 15s or 1m30s, not '10 seconds'\n"
       "f.yml:6:22: expected a duration longer than 0, such as 15s\n"
       "f.yml:7:13: expected http or https, not 'ftp'\n"
       "f.yml:8:28: Prometheus has this key, this version of pifleet-forwarder does not support it\n"
       "f.yml:9:19: expected true or false, not 'maybe'\n"
       "f.yml:10:21: expected a list, not a mapping\n"
       "f.yml:11:5: this job has no job_name\n"
       "f.yml:11:50: 'a-b' is no label name: letters, digits and _ only, no digit first\n"
       "f.yml:13:5: this remote_write has no url\n"
       "f.yml:14:10: the URL's scheme is neither http nor https");
}

TEST_CASE("what two keys together cannot be is told") {
    CHECK(faults_of("scrape_configs: [{job_name: a, scrape_interval: 5s, scrape_timeout: 6s}]") ==
          "f.yml:1:69: scrape_timeout (6s) is longer than scrape_interval (5s)");
    CHECK(faults_of("scrape_configs: [{job_name: a}, {job_name: a}]").find("the name 'a' is taken") !=
          std::string::npos);
    CHECK(faults_of("remote_write: [{url: http://h, basic_auth: {username: u, password: p}, authorization: "
                    "{credentials: c}}]")
              .find("at most one of basic_auth, authorization") != std::string::npos);
    CHECK(faults_of("").find("the file is empty") != std::string::npos);
}

TEST_CASE("the message and the metadata of remote_write are read as in Prometheus") {
    const auto config = good(R"(
remote_write:
  - {url: 'http://a'}
  - url: http://b
    protobuf_message: io.prometheus.write.v2.Request
    metadata_config: {send: false, send_interval: 30s, max_samples_per_send: 5}
    queue_config: {max_samples_per_send: 50000}
)");
    const auto& preset = config.backends[0];
    CHECK(preset.message == WriteMessage::v1);
    CHECK(preset.metadata == MetadataConfig{true, Duration(60'000), 2000});
    const auto& given = config.backends[1];
    CHECK(given.message == WriteMessage::v2);
    CHECK(given.metadata == MetadataConfig{false, Duration(30'000), 5});
    CHECK(given.queue.max_samples_per_send == 10'000);
    CHECK(config.notices.size() == 1);
    CHECK(faults_of("remote_write: [{url: 'http://h', protobuf_message: v2}]") ==
          "f.yml:1:52: expected prometheus.WriteRequest or io.prometheus.write.v2.Request, not 'v2'");
    CHECK(faults_of("remote_write: [{url: 'http://h', metadata_config: {max_samples_per_send: 0}}]")
              .find("at least 1") != std::string::npos);
}

TEST_CASE("headers that a request says of itself cannot be replaced") {
    for (const std::string name : {"content-type",
                                   "Content-Encoding",
                                   "USER-AGENT",
                                   "X-Prometheus-Remote-Write-Version",
                                   "Authorization"}) {
        const auto faults =
            faults_of("remote_write: [{url: 'http://h', headers: {X-Scope-OrgID: me, " + name + ": x}}]");
        CAPTURE(faults);
        CHECK(faults.starts_with("f.yml:1:63: the header '" + name + "' cannot be set here"));
    }
    CHECK(good("remote_write: [{url: 'http://h', headers: {X-Scope-OrgID: me}}]").backends[0].headers ==
          Pairs{{"X-Scope-OrgID", "me"}});
}

TEST_CASE("when the clock is trusted can be set") {
    CHECK(good("scrape_configs: []").clock.check);
    CHECK(good("scrape_configs: []").clock.max_hold == Duration(600'000));
    const auto config = good("clock: {max_hold: 90s, check: false}");
    CHECK_FALSE(config.clock.check);
    CHECK(config.clock.max_hold == Duration(90'000));
    CHECK(faults_of("clock: {max_hold: 0s}").find("longer than 0") != std::string::npos);
}

TEST_CASE("two receivers on one host get names that differ") {
    const auto config =
        good("remote_write: [{url: 'http://h:1'}, {url: 'http://h:2'}, {url: 'http://h:2/b'}]");
    CHECK(config.backends[0].name == "h");
    CHECK(config.backends[1].name == "h:2");
    CHECK(config.backends[2].name == "h:2#3");
}

TEST_CASE("secrets come from files, and a file that cannot be read is told at once") {
    const Folder folder;
    const auto key = folder.file("key", "s3cret\n");
    const auto config = good(
        "remote_write: [{url: 'http://h', authorization: {type: Token, credentials_file: '" + key + "'}}]");
    const auto header = authorization_header(config.backends[0].http.authorization).value();
    REQUIRE(header);
    CHECK(header->value == "Token s3cret");
    std::ofstream(key) << "changed";
    CHECK(authorization_header(config.backends[0].http.authorization).value()->value == "Token changed");

    const auto missing =
        faults_of("remote_write: [{url: 'http://h', basic_auth: {username: u, password_file: /no/such}}]");
    CHECK(missing.starts_with("f.yml:1:"));
    CHECK(missing.find("/no/such") != std::string::npos);
    CHECK(faults_of("remote_write: [{url: 'https://h', tls_config: {ca_file: /no/such}}]").find("/no/such") !=
          std::string::npos);
}

TEST_CASE("basic auth is encoded") {
    const auto config =
        good("remote_write: [{url: 'http://h', basic_auth: {username: Aladdin, password: open sesame}}]");
    CHECK(authorization_header(config.backends[0].http.authorization).value()->value ==
          "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    const auto in_url = good("remote_write: [{url: 'http://Aladdin:open%20sesame@h/w'}]");
    CHECK(authorization_header(in_url.backends[0].http.authorization).value()->value ==
          "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_CASE("a file that is not there is told with the flag that names it") {
    const auto loaded = load_config("/no/such/forwarder.yml");
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().message.find("/no/such/forwarder.yml") != std::string::npos);
    CHECK(loaded.error().message.find("--config.file") != std::string::npos);
}

TEST_CASE("what an owner may say about answers that are no success") {
    const auto preset = good("remote_write: [{url: 'http://h/'}]").backends[0].queue;
    CHECK(preset.max_backoff == Duration(3'000));
    CHECK(preset.max_samples_per_second == 0);
    CHECK((preset.probe_on_denied && preset.split_on_413 && preset.bisect_on_400));
    const auto own = good(R"(
remote_write:
  - url: http://h/
    queue_config: {max_samples_per_second: 500, probe_on_denied: false, split_on_413: false, bisect_on_400: false}
)")
                         .backends[0]
                         .queue;
    CHECK(own.max_samples_per_second == 500);
    CHECK_FALSE((own.probe_on_denied || own.split_on_413 || own.bisect_on_400));
    CHECK(faults_of("remote_write: [{url: 'http://h/', queue_config: {max_samples_per_second: -1}}]") != "");
}

TEST_CASE("external labels take environment variables; one that is not set leaves none and a warning") {
    ::setenv("PIFLEET_TEST_ROOM", "attic", 1);
    ::setenv("PIFLEET_TEST_BROKEN", "\xff", 1);
    ::unsetenv("PIFLEET_TEST_UNSET");
    const auto config = good(R"(
global:
  external_labels: {room: 'the ${PIFLEET_TEST_ROOM}', gone: '$PIFLEET_TEST_UNSET', price: 5$$, none: ''}
scrape_configs: [{job_name: a}]
)");
    CHECK(config.global.external_labels == Pairs{{"price", "5$"}, {"room", "the attic"}});
    REQUIRE(config.warnings.size() == 1);
    CHECK(config.warnings[0].find("PIFLEET_TEST_UNSET") != std::string::npos);
    CHECK(faults_of("global: {external_labels: {a: $PIFLEET_TEST_BROKEN}}\n").starts_with("f.yml:1:"));
}

TEST_CASE("node_name is auto or off") {
    CHECK(good("global: {node_name: auto}\nscrape_configs: [{job_name: a}]\n")
              .scrape_configs[0]
              .learn_node_name);
    for (const auto text :
         {"global: {node_name: off}\nscrape_configs: [{job_name: a}]\n", "scrape_configs: [{job_name: a}]\n"})
        CHECK_FALSE(good(text).scrape_configs[0].learn_node_name);
    CHECK(faults_of("global: {node_name: yes}\n") == "f.yml:1:21: expected auto or off, not 'yes'");
}
