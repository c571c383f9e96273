#include "forwarder/backends/influx_line.hpp"

#include "forwarder/backends/context.hpp"
#include "forwarder/backends/registry.hpp"
#include "forwarder/backends/settings.hpp"
#include "tests/unit/forwarder/encoded.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace pifleet::forwarder::encoded;

namespace {

std::string lines(Scene& scene, InfluxLayout layout, bool underscored = false) {
    return scene.body(InfluxEncoder({layout, underscored}));
}

Verdict judged(unsigned status, std::string body, std::size_t samples = 10) {
    return InfluxEncoder({}).judge(answer(status, std::move(body)), samples, {});
}

}  // namespace

TEST_CASE("influx: by metric, a line is measurement, tags, value and milliseconds") {
    Scene scene;
    scene.add("node_load1", {{"job", "node"}, {"instance", "pi:9100"}}, 0.42);
    scene.add("up", {}, 1);
    CHECK(lines(scene, InfluxLayout::metric) ==
          "node_load1,instance=pi:9100,job=node value=0.42 1763812800123\n"
          "up value=1 1763812800123\n");
}

TEST_CASE("influx: what separates is escaped, what cannot be is replaced") {
    Scene scene;
    scene.add("a b,c=d", {{"x y", "1,2=3 4"}, {"back", "C:\\"}, {"fore", "a\\b"}, {"two", "a\\\\b"}}, 1);
    CHECK(lines(scene, InfluxLayout::metric) ==
          "a\\ b\\,c=d,back=C:/,fore=a\\b,two=a/\\b,x\\ y=1\\,2\\=3\\ 4 value=1 1763812800123\n");
    Scene reserved;
    reserved.add("_m", {{"_l", "v"}, {"time", "t"}, {"line", "a\nb"}}, 1);
    CHECK(lines(reserved, InfluxLayout::metric) == "x_m,line=a\\ b,x_l=v,x_time=t value=1 1763812800123\n");
    Scene plain;
    plain.add("job:rate.5m", {{"a.b", "c.d"}}, 1);
    CHECK(lines(plain, InfluxLayout::metric, true) == "job_rate_5m,a_b=c.d value=1 1763812800123\n");
}

TEST_CASE("influx: by job, the metrics of one label set and time share a line") {
    Scene scene;
    const Scene::Labels cpu0{{"job", "node"}, {"cpu", "0"}}, cpu1{{"job", "node"}, {"cpu", "1"}};
    scene.add("a", cpu0, 1);
    scene.add("a", cpu1, 2);
    scene.add("b", cpu0, 3);
    scene.add("b", cpu0, 4, noon + 1);
    scene.add("jobless", {}, 5);
    CHECK(scene.leave_out(InfluxEncoder({InfluxLayout::job}))[LeftOut::unsupported] == 1);
    CHECK(lines(scene, InfluxLayout::job) ==
          "node,cpu=0 a=1,b=3 1763812800123\n"
          "node,cpu=1 a=2 1763812800123\n"
          "node,cpu=0 b=4 1763812800124\n");
}

TEST_CASE("influx: single, all in one measurement") {
    Scene scene;
    scene.add("up", {{"job", "node"}, {"metric", "mine"}}, 1);
    CHECK(lines(scene, InfluxLayout::single) ==
          "prom,metric=up,job=node,exported_metric=mine value=1 1763812800123\n");
}

TEST_CASE("influx: what is no number is left out, by reason") {
    Scene scene;
    fill_usual(scene);
    const auto out = scene.leave_out(InfluxEncoder({}));
    CHECK(out[LeftOut::nan] == 1);
    CHECK(out[LeftOut::infinite] == 1);
    CHECK(out[LeftOut::stale] == 1);
    CHECK(out.total() == 3);
    CHECK(scene.batch.size() == 4);
}

TEST_CASE("influx: bodies stay what they were") {
    for (const auto& [layout, name] : {std::pair{InfluxLayout::metric, "influx_metric.txt"},
                                       {InfluxLayout::job, "influx_job.txt"},
                                       {InfluxLayout::single, "influx_single.txt"}}) {
        Scene scene;
        fill_usual(scene);
        const auto text = lines(scene, layout);
        CHECK(text == golden(name, text));
    }
}

TEST_CASE("influx: names that come to the same are found out") {
    Scene scene;
    scene.add("a.b", {{"job", "x"}}, 1);
    scene.add("a_b", {{"job", "x"}}, 2);
    CHECK(scene.leave_out(InfluxEncoder({InfluxLayout::metric, true}))[LeftOut::collision] == 1);
    CHECK(lines(scene, InfluxLayout::metric, true) == "a_b,job=x value=2 1763812800123\n");
}

TEST_CASE("influx: answers about a part of the lines") {
    using Kind = Verdict::Kind;
    CHECK(judged(204, "").kind == Kind::delivered);
    const auto conflict =
        judged(400, R"({"error":"partial write: field type conflict: input field \"value\" dropped=3"})");
    CHECK(conflict.kind == Kind::dropped);
    CHECK(conflict.written == 7);
    CHECK(judged(400,
                 "{\"error\":\"partial write: unable to parse 'a': x\\nunable to parse 'b': y dropped=0\"}")
              .written == 8);
    CHECK(judged(422, R"({"message":"partial write: points beyond retention policy dropped=99"})").written ==
          0);
    CHECK(
        judged(
            400,
            R"({"error":"partial write of line protocol occurred","data":[{"line_number":1},{"line_number":5}]})")
            .written == 8);
    const auto serverless = judged(
        400,
        R"({"message":"failed to parse line protocol: errors encountered on line(s): line 2: bad; line 4: bad"})");
    CHECK(serverless.kind == Kind::dropped);
    CHECK(serverless.written == 8);
    CHECK(judged(400, R"({"error":"unable to parse 'x'"})").kind == Kind::refused);
    CHECK(
        judged(
            400,
            "{\"message\":\"failed to parse line protocol:errors encountered on line(s):\\nerror in line 1: "
            "x\",\"errorId\":\"1\"}")
            .kind == Kind::refused);
    CHECK(judged(404, R"({"error":"database not found: \"pi\""})").kind == Kind::denied);
    CHECK(judged(413, "").kind == Kind::too_large);
    CHECK(judged(503, "").kind == Kind::retry);
}

TEST_CASE("influx: settings and the precision in the address") {
    const auto* protocol = find_protocol("influx");
    REQUIRE(protocol != nullptr);
    BackendConfig config;
    config.settings = {{"layout", "metric"}, {"names", "as_they_are"}};
    config.url.target = "/write?db=pi";
    CHECK_FALSE(protocol->check(config).has_value());
    config.url.target = "/write?db=pi&precision=s";
    CHECK(protocol->check(config)->key == "url");
    config.url.target = "/api/v3/write_lp?db=pi&precision=millisecond";
    CHECK_FALSE(protocol->check(config).has_value());
    config.settings[0].second = "wide";
    CHECK(protocol->check(config)->what == "expected one of metric, job, single, not 'wide'");

    CHECK(with_parameter("/write", "precision", "ms") == "/write?precision=ms");
    CHECK(with_parameter("/write?db=a", "precision", "ms") == "/write?db=a&precision=ms");
    CHECK(with_parameter("/write?precision=s", "precision", "ms") == "/write?precision=s");
    CHECK_FALSE(parameter("/write?xprecision=s", "precision").has_value());
    CHECK(parameter("/write?a=1&precision", "precision") == std::string_view{});
}
