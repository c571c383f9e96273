#include "exporters/k8s_state/options.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

Result<Options> parsed(std::vector<const char*> words) {
    process::CommandLine line({"k8s", "", "", ""});
    line.declare(option_flags());
    const auto spelt = go_spellings(words);
    words.clear();
    for (const auto& word : spelt) words.push_back(word.c_str());
    REQUIRE_FALSE(line.parse(words));
    return read_options(line);
}

}  // namespace

TEST_CASE("without flags the defaults are kube-state-metrics's", "[options]") {
    const auto options = parsed({});
    REQUIRE(options.has_value());
    CHECK(*options == Options{});
    CHECK(options->port == 8080);
    CHECK(options->telemetry_port == 8081);
    CHECK(options->host == "::");
    CHECK(options->stale_after == std::chrono::minutes(5));
}

TEST_CASE("flags are read as Go's programs are given them", "[options]") {
    const auto options = parsed({"--resources=pods,nodes",
                                 "--resources",
                                 "jobs",
                                 "--namespaces=media, ci",
                                 "--metric-labels-allowlist=pods=[app,team/*],*=[x]",
                                 "--use-apiserver-cache",
                                 "--enable-gzip-encoding=true",
                                 "--port=9000",
                                 "--server-read-timeout=1m30s",
                                 "-v=4",
                                 "--shard=1",
                                 "--total-shards=3",
                                 "--node=a,b"});
    REQUIRE(options.has_value());
    CHECK(options->resources == Names{"pods", "nodes", "jobs"});
    CHECK(options->namespaces == Names{"media", "ci"});
    CHECK(options->labels_allowlist == AllowLists{{"*", {"x"}}, {"pods", {"app", "team/*"}}});
    CHECK(options->use_apiserver_cache);
    CHECK(options->gzip);
    CHECK(options->port == 9000);
    CHECK(options->read_timeout == std::chrono::seconds(90));
    CHECK(options->verbosity == "4");
    CHECK(options->shard == 1);
    CHECK(options->nodes == Names{"a", "b"});
    CHECK(go_spellings(std::vector<const char*>{"version"}) == Names{"--version"});
    CHECK(go_spellings(std::vector<const char*>{"-v", "2"}) == Names{"--v", "2"});
}

TEST_CASE("a flag's fault names the flag", "[options]") {
    CHECK(parsed({"--port=http"}).error().message == "--port: 'http' is not a whole number from 0");
    CHECK(parsed({"--stale-after=soon"}).error().message.starts_with("--stale-after: "));
    CHECK(parsed({"--metric-labels-allowlist=pods"})
              .error()
              .message.starts_with("--metric-labels-allowlist: at 'pods': there is no '='"));
}

TEST_CASE("allow-lists of labels", "[options]") {
    CHECK(parse_allow_lists("")->empty());
    CHECK(*parse_allow_lists("pods=[]") == AllowLists{{"pods", {}}});
    CHECK(*parse_allow_lists("*=[*]") == AllowLists{{"*", {"*"}}});
    CHECK(*parse_allow_lists(" pods = [ a , b ] , nodes=[c]") ==
          AllowLists{{"nodes", {"c"}}, {"pods", {"a", "b"}}});
    for (const auto* text : {"pods",
                             "=[a]",
                             "pods=a",
                             "pods=[a",
                             "pods=[a]x",
                             "pods=[a],",
                             "pods=[a,]",
                             "pods=[,a]",
                             "pods=[*a*]",
                             ",pods=[a]"}) {
        INFO(text);
        CHECK_FALSE(parse_allow_lists(text).has_value());
    }
}

TEST_CASE("the file of --config has the same options and wins", "[options]") {
    auto flags = *parsed({"--config=/x.yml", "--port=1", "--resources=pods", "--namespaces=a"});
    const auto read = with_config(flags, R"(
resources: {nodes: {}, jobs: }
namespaces: [b, c]
metric_denylist: {kube_node_created: {}}
labels_allow_list: {pods: [app, team/*]}
annotations_allow_list: {"*": ["*"]}
port: 9090
server_read_timeout: 30s
enable_gzip_encoding: true
namespace: monitoring
node: pi-1
)");
    REQUIRE(read.has_value());
    CHECK(read->resources == Names{"nodes", "jobs"});
    CHECK(read->namespaces == Names{"b", "c"});
    CHECK(read->metric_denylist == Names{"kube_node_created"});
    CHECK(read->labels_allowlist == AllowLists{{"pods", {"app", "team/*"}}});
    CHECK(read->annotations_allowlist == AllowLists{{"*", {"*"}}});
    CHECK(read->port == 9090);
    CHECK(read->read_timeout == std::chrono::seconds(30));
    CHECK(read->gzip);
    CHECK(read->pod_namespace == "monitoring");
    CHECK(read->nodes == Names{"pi-1"});
    CHECK(*with_config(flags, "") == flags);
    CHECK(with_config(flags, "resources: pods,nodes")->resources == Names{"pods", "nodes"});
}

TEST_CASE("a fault of the file has its place, and the nearest key", "[options]") {
    Options flags;
    flags.config = "x.yml";
    const auto read = with_config(flags, "resource: {pods: {}}\nport: [1]\nshard: -1\n");
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message.find("x.yml:1:1: ") != std::string::npos);
    CHECK(read.error().message.find("'resources'") != std::string::npos);
    CHECK(read.error().message.find("x.yml:2:") != std::string::npos);
    CHECK(read.error().message.find("x.yml:3:") != std::string::npos);
    CHECK_FALSE(with_config(flags, "- a\n").has_value());
    CHECK_FALSE(with_config(flags, "a: [").has_value());
}
