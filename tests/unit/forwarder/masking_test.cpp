#include "forwarder/config/masking.hpp"

#include "forwarder/config/own_metrics.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

config::Node tree(std::string_view yaml) {
    config::Faults faults("test.yml");
    auto root = config::parse_yaml(yaml, faults);
    INFO(faults.text());
    REQUIRE(root);
    REQUIRE(faults.empty());
    return std::move(*root);
}

bool same(const config::Node& a, const config::Node& b) {
    if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() ||
        a.members.size() != b.members.size())
        return false;
    for (std::size_t i = 0; i < a.items.size(); ++i)
        if (!same(a.items[i], b.items[i])) return false;
    for (std::size_t i = 0; i < a.members.size(); ++i)
        if (!same(a.members[i].key, b.members[i].key) || !same(a.members[i].value, b.members[i].value))
            return false;
    return true;
}

}  // namespace

TEST_CASE("masking: what names a secret") {
    for (const auto* name : {"password",
                             "Api-Key",
                             "X-License-Key",
                             "token",
                             "bearer_token",
                             "client_secret",
                             "access_key",
                             "credentials",
                             "apikey",
                             "signature",
                             "auth"})
        CHECK(names_secret(name));
    for (const auto* name : {"password_file",
                             "token_url",
                             "key_file",
                             "username",
                             "module",
                             "basic_auth",
                             "authorization",
                             "job_name",
                             "credentials_file",
                             "keep_dropped_targets"})
        CHECK_FALSE(names_secret(name));
}

TEST_CASE("masking: URLs within texts") {
    const auto some = [](std::string_view text) {
        return without_url_secrets(text, QueryValues::secret_names);
    };
    CHECK(some("no URL: a@b?token=c") == "no URL: a@b?token=c");
    CHECK(some("http://u:p@ss@h:1/x@y") == "http://u:<secret>@h:1/x@y");
    CHECK(some("http://u@h/") == "http://u@h/");
    CHECK(some("see https://:p@h and http://a:b@c.") == "see https://:<secret>@h and http://a:<secret>@c.");
    CHECK(some("http://h/?a=1&token=2&&key") == "http://h/?a=1&token=<secret>&&key");
    CHECK(without_url_secrets("http://h?a=1&b", QueryValues::all) == "http://h?a=<secret>&<secret>");
    CHECK(some("http://h/probe?target=http://u:p@x?token=y&z=1") ==
          "http://h/probe?target=http://u:<secret>@x?token=<secret>&z=1");
    CHECK(some("a://b://c:d@e") == "a://b://c:<secret>@e");
}

TEST_CASE("masking: a target's labels") {
    const Pairs labels{{"__meta_url", "http://u:p@h/sd?api_key=1&page=2"},
                       {"__param_auth_token", "t"},
                       {"__param_module", "icmp"},
                       {"key", "shown: a label of the target's own"}};
    CHECK(without_secrets(labels) == Pairs{{"__meta_url", "http://u:<secret>@h/sd?api_key=<secret>&page=2"},
                                           {"__param_auth_token", "<secret>"},
                                           {"__param_module", "icmp"},
                                           {"key", "shown: a label of the target's own"}});
}

TEST_CASE("masking: a configuration without its secrets") {
    const auto shown = shown_config(tree(R"(# a comment with a password
global: {scrape_interval: 15s}
scrape_configs:
  - job_name: a  # another: s3cret
    basic_auth: {username: u, password: 's3cret'}
    oauth2: {client_id: c, client_secret: s3cret, token_url: 'https://u:s3cret@h/?x=s3cret',
             endpoint_params: {api_key: s3cret, aud: b}}
    tls_config: {key_file: /k, key: "s3\ncret"}
    params: {token: [s3cret, s3cret], module: [icmp]}
    http_headers: {X-A: {values: [seen], secrets: [s3cret]}, X-Api-Key: {values: [s3cret]}}
    proxy_connect_header: {X-P: [s3cret]}
    relabel_configs: [{target_label: __param_key, replacement: s3cret}, {action: keep, replacement: r}]
    static_configs:
      - targets: ['h:1']
        labels: {__param_password: s3cret}
remote_write:
  - url: http://h/write?license=s3cret
    bearer_token: s3cret
    headers: {Whatever: s3cret}
    password:
)"));
    CHECK(shown == R"(global:
  scrape_interval: 15s
scrape_configs:
- job_name: a
  basic_auth:
    username: u
    password: <secret>
  oauth2:
    client_id: c
    client_secret: <secret>
    token_url: "https://u:<secret>@h/?x=<secret>"
    endpoint_params:
      api_key: <secret>
      aud: b
  tls_config:
    key_file: /k
    key: <secret>
  params:
    token:
    - <secret>
    - <secret>
    module:
    - icmp
  http_headers:
    X-A:
      values:
      - seen
      secrets:
      - <secret>
    X-Api-Key:
      values:
      - <secret>
  proxy_connect_header:
    X-P:
    - <secret>
  relabel_configs:
  - target_label: __param_key
    replacement: <secret>
  - action: keep
    replacement: r
  static_configs:
  - targets:
    - "h:1"
    labels:
      __param_password: <secret>
remote_write:
- url: http://h/write?license=<secret>
  bearer_token: <secret>
  headers:
    Whatever: <secret>
  password: null
)");
}

TEST_CASE("masking: what is shown reads as what was read") {
    for (const auto* yaml :
         {"a: [1, 'yes', \"q\\\"\\\\ \\t\\x01ä\", '', ~, {}, [], [[x, [y]], {b: c, d: [e]}]]",
          "a: |\n  two\n  lines\nb: >-\n  folded\n  text\n\n  more\n'c: d': '# e'",
          "a: plain # comment\nb: {c: {d: {}}}\n'null': 'null'\ne: -x\n",
          "rule: {regex: '(.+)[.]\\d+:(.+)', replacement: $1}\nbase: &x {y: [z]}\nalias: *x"}) {
        const auto root = tree(yaml);
        const auto shown = shown_config(root);
        INFO(shown);
        CHECK(same(tree(shown), root));
    }
}

TEST_CASE("masking: Prometheus scraping itself is known") {
    const auto known = [](const std::string& job, const std::string& target) {
        Config config;
        ScrapeConfig other, scrape;
        scrape.job_name = job;
        scrape.static_configs = {{{"h:1"}, {}}, {{target}, {}}};
        config.scrape_configs = {other, scrape};
        return scrapes_prometheus_itself(config);
    };
    CHECK(known("prometheus", "localhost:9090"));
    CHECK(known("prometheus", "127.0.0.1:9090"));
    CHECK(known("prometheus", "[::1]:9090"));
    CHECK_FALSE(known("prometheus", "pi:9090"));
    CHECK_FALSE(known("prometheus", "localhost:9091"));
    CHECK_FALSE(known("node", "localhost:9090"));
    CHECK_FALSE(scrapes_prometheus_itself({}));
}
