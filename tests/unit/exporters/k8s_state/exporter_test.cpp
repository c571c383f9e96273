#include "exporters/k8s_state/exporter.hpp"

#include "exporters/k8s_state/web.hpp"
#include "fake_api.hpp"
#include "tests/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <unistd.h>

#include <cstdio>
#include <fstream>

using namespace pifleet;
using namespace pifleet::k8s;
using namespace pifleet::k8s::test;

namespace {

// A file that goes with the test.
struct File {
    ~File() { std::remove(name.c_str()); }
    void write(const std::string& text) const { std::ofstream(name) << text; }
    const std::string name = "/tmp/k8s_exporter_test." + std::to_string(getpid()) + ".yml";
};

struct Scene {
    Connect connect() {
        return [this](const Options& options) -> Result<std::shared_ptr<Api>> {
            if (options.apiserver == "bad") return failure("no cluster");
            ++connected;
            auto made = std::make_shared<Api>();
            made->watch = api.watch();
            made->get = [this](std::string path) -> boost::asio::awaitable<Result<http::Response>> {
                ++asked;
                http::Response response;
                response.status = alive ? 200 : 500;
                if (path.starts_with("/apis")) response.status = custom.empty() ? 404 : 200;
                response.body = custom;
                co_return response;
            };
            return made;
        };
    }
    // What a page answers.
    http::Response ask(Web& web, const std::string& target, bool own = false) {
        auto routes = http::route(own ? web.own_routes({}) : web.cluster_routes({}));
        http::Request request;
        request.target = target;
        http::Response out;
        io.restart();
        boost::asio::co_spawn(io, routes(std::move(request)), [&](std::exception_ptr, http::Response got) {
            out = std::move(got);
        });
        io.run();
        std::vector<std::string_view> pieces;
        while (out.source != nullptr) {
            pieces.clear();
            out.source->next(pieces, 1000);
            for (const auto piece : pieces) out.body += piece;
            if (pieces.empty()) out.source.reset();
        }
        return out;
    }

    boost::asio::io_context io;
    FakeApi api;
    std::string custom;  // the answer for the group of custom resources
    int connected = 0, asked = 0;
    bool alive = true;
};

const std::string configmap =
    R"({"metadata":{"namespace":"media","name":"a","uid":"u","creationTimestamp":"1970-01-01T00:01:40Z"}})";

Options only_configmaps() {
    Options options;
    options.resources = {"configmaps"};
    return options;
}

}  // namespace

TEST_CASE("from the list to the page", "[exporter]") {
    Scene scene;
    Exporter exporter(scene.io.get_executor(), only_configmaps(), scene.connect());
    REQUIRE(exporter.begin());
    Web web(exporter);
    REQUIRE(scene.api.open.size() == 1);
    CHECK(scene.api.open[0]->options.path == "/api/v1/configmaps");
    CHECK(scene.ask(web, "/readyz").status == 503);
    CHECK(scene.ask(web, "/metrics").body == "# configmaps withdrawn: it has not been listed yet\n");
    scene.api.open[0]->list({configmap});
    const auto page = scene.ask(web, "/metrics");
    CHECK(page.body.find("kube_configmap_info{namespace=\"media\",configmap=\"a\"} 1\n") !=
          std::string::npos);
    CHECK(http::find_header(page.headers, "Content-Type").starts_with("text/plain; version=0.0.4"));
    CHECK(scene.ask(web, "/readyz", true).status == 200);
    CHECK(scene.ask(web, "/healthz").status == 200);
    CHECK(scene.ask(web, "/").body.find("configmaps") != std::string::npos);
    CHECK(scene.ask(web, "/metrics?resources=pods").body.empty());
    CHECK(scene.ask(web, "/metrics?exclude_resources=x,configmaps").body.empty());
    CHECK(scene.ask(web, "/metrics?resources=configmaps").body == page.body);
    const auto own = scene.ask(web, "/metrics", true).body;
    CHECK(own.find("kube_state_metrics_list_total{result=\"success\",resource=\"configmaps\"} 1\n") !=
          std::string::npos);
    CHECK(own.find("pifleet_k8s_state_objects{resource=\"configmaps\"} 1\n") != std::string::npos);
    CHECK(own.find("http_request_duration_seconds_count{handler=\"metrics\",method=\"get\"} 5\n") !=
          std::string::npos);
}

TEST_CASE("the API server is asked whether it lives, once a second at most", "[exporter]") {
    Scene scene;
    Exporter exporter(scene.io.get_executor(), only_configmaps(), scene.connect());
    REQUIRE(exporter.begin());
    Web web(exporter);
    CHECK(scene.ask(web, "/livez").status == 200);
    CHECK(scene.ask(web, "/livez").status == 200);
    CHECK(scene.asked == 1);
    Web other(exporter);
    scene.alive = false;
    CHECK(scene.ask(other, "/livez").status == 503);
}

TEST_CASE("a changed configuration is used, a broken one is not", "[exporter]") {
    Scene scene;
    File file;
    file.write("resources: {configmaps: {}}\n");
    Options flags;
    flags.config = file.name;
    Exporter exporter(scene.io.get_executor(), flags, scene.connect());
    REQUIRE(exporter.begin());
    CHECK(exporter.options().resources == Names{"configmaps"});
    CHECK(scene.api.made == 1);
    exporter.look();
    CHECK(scene.api.made == 1);
    file.write("resources: {configmaps: {}}\nnamespaces: [a, b]\n");
    exporter.look();
    CHECK(scene.api.made == 3);
    CHECK(scene.api.open.size() == 2);
    CHECK(scene.connected == 1);
    CHECK(exporter.files()[0].good);
    const auto hash = exporter.files()[0].hash;
    for (const auto* text : {"resources: {configmap: {}}\n", "resource: 1\n", "["}) {
        file.write(text);
        exporter.look();
        CHECK(scene.api.made == 3);
        CHECK_FALSE(exporter.files()[0].good);
        CHECK(exporter.files()[0].hash == hash);
        CHECK(exporter.options().namespaces == Names{"a", "b"});
    }
    std::remove(file.name.c_str());
    exporter.look();
    CHECK(scene.api.open.size() == 2);
    file.write("apiserver: http://other\n");
    exporter.reload();
    CHECK(scene.connected == 2);
}

TEST_CASE("what keeps the exporter from beginning is said with its flag", "[exporter]") {
    Scene scene;
    const auto error = [&](Options options) {
        Exporter exporter(scene.io.get_executor(), std::move(options), scene.connect());
        const auto begun = exporter.begin();
        return begun ? std::string() : begun.error().message;
    };
    Options options;
    options.apiserver = "bad";
    CHECK(error(options) == "no cluster");
    options = {};
    options.shard = 2;
    options.total_shards = 2;
    CHECK(error(options) == "--shard: 2 is not below --total-shards (2): the first shard is 0");
    options = {};
    options.pod = "a-0";
    CHECK(error(options) == "--pod and --pod-namespace: both are needed, or none");
    options.pod = "a";
    options.pod_namespace = "b";
    CHECK(error(options) == "--pod: 'a' is no pod of a StatefulSet: its name does not end in -NUMBER");
    options = {};
    options.config = "/nowhere/x.yml";
    CHECK(error(options).starts_with("--config: "));
    options.continue_without_config = true;
    CHECK(error(options).empty());
}

TEST_CASE("a pod of a StatefulSet finds its shard, and follows it", "[exporter]") {
    Scene scene;
    auto options = only_configmaps();
    options.pod = "state-1";
    options.pod_namespace = "monitoring";
    Exporter exporter(scene.io.get_executor(), options, scene.connect());
    REQUIRE(exporter.begin());
    REQUIRE(scene.api.open.size() == 1);
    CHECK(!exporter.begun());
    auto* const set = scene.api.open[0];
    CHECK(set->options.path == "/apis/apps/v1/namespaces/monitoring/statefulsets");
    CHECK(set->options.field_selector == "metadata.name=state");
    set->list({R"({"metadata":{"name":"state"},"spec":{"replicas":3}})"});
    exporter.look();
    REQUIRE(exporter.begun());
    CHECK(exporter.shard() == Shard{1, 3});
    CHECK(scene.api.open.size() == 2);
    set->sink.object(R"({"metadata":{"name":"state"},"spec":{"replicas":4}})");
    exporter.look();
    CHECK(exporter.shard() == Shard{1, 4});
    CHECK(scene.api.made == 3);
    set->sink.object("{");
    set->sink.object(R"({"metadata":{"name":"other"},"spec":{"replicas":9}})");
    set->sink.object(R"({"metadata":{"name":"state"},"spec":{"replicas":1}})");  // this pod is about to go
    exporter.look();
    CHECK(exporter.shard() == Shard{1, 4});
}

TEST_CASE("custom resources are looked for, watched and shown behind the others", "[exporter]") {
    Scene scene;
    auto options = only_configmaps();
    options.custom_config = R"(
kind: CustomResourceStateMetrics
spec:
  resources:
    - groupVersionKind: {group: myteam.io, version: v1, kind: Foo}
      metrics:
        - name: uptime
          help: How long it has been up.
          each: {type: Gauge, gauge: {path: [status, uptime]}}
)";
    scene.custom =
        R"({"groupVersion":"myteam.io/v1","resources":[{"name":"foos","kind":"Foo","namespaced":true,)"
        R"("verbs":["list","watch"]}]})";
    Exporter exporter(scene.io.get_executor(), options, scene.connect());
    REQUIRE(exporter.begin());
    Web web(exporter);
    scene.api.open[0]->list({configmap});
    CHECK_FALSE(exporter.ready());  // what the server has is not known yet
    scene.io.run();
    REQUIRE(scene.api.open.size() == 2);
    CHECK(scene.api.open[1]->options.path == "/apis/myteam.io/v1/foos");
    scene.api.open[1]->list({R"({"metadata":{"name":"a","namespace":"b"},"status":{"uptime":12.5}})"});
    const auto page = scene.ask(web, "/metrics").body;
    CHECK(page.find("kube_configmap_info{") < page.find("# TYPE kube_customresource_uptime gauge\n"));
    CHECK(page.find("kube_customresource_uptime{") != std::string::npos);
    CHECK(page.ends_with(" 12.5\n"));
    CHECK(exporter.ready());
    CHECK(exporter.status().size() == 2);
}

TEST_CASE("the configuration of custom resources has its faults said, and what is missing is waited for",
          "[exporter]") {
    Scene scene;
    auto options = only_configmaps();
    options.custom_config = "kind: CustomResourceStateMetrics\nspec: {resource: []}\n";
    {
        Exporter exporter(scene.io.get_executor(), options, scene.connect());
        const auto begun = exporter.begin();
        REQUIRE_FALSE(begun);
        CHECK(begun.error().message.starts_with("--custom-resource-state-config:2:"));
    }
    options.custom_config =
        "kind: CustomResourceStateMetrics\nspec: {resources: [{groupVersionKind: {group: a.io, version: v1, "
        "kind: Foo}, metrics: []}]}\n";
    options.custom_only = true;
    Exporter exporter(scene.io.get_executor(), options, scene.connect());
    REQUIRE(exporter.begin());
    scene.io.run();
    CHECK(exporter.feeds().empty());
    CHECK(scene.api.made == 0);
}
