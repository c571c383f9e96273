// What the encoder writes, read by protobuf's own code.
#include "forwarder/backends/otlp.hpp"

#include "otlp.pb.h"
#include "tests/unit/forwarder/encoded.hpp"

using namespace pifleet;
namespace forwarder = pifleet::forwarder;
using namespace pifleet::forwarder;
using namespace pifleet::forwarder::encoded;

namespace {

using Request = ::pifleet::otlp::ExportMetricsServiceRequest;
using Metric = ::pifleet::otlp::Metric;

Request decoded(Scene& scene, bool delta = false) {
    OtlpOptions options;
    options.request.delta = delta;
    Request request;
    REQUIRE(request.ParseFromString(scene.body(OtlpEncoder(options))));
    return request;
}

const Metric* find(const Request& request, const std::string& name) {
    for (const auto& resource : request.resource_metrics())
        for (const auto& scope : resource.scope_metrics())
            for (const auto& metric : scope.metrics())
                if (metric.name() == name) return &metric;
    return nullptr;
}

template <class Attributes>
std::string text(const Attributes& attributes) {
    std::string out;
    for (const auto& one : attributes) out += one.key() + "=" + one.value().string_value() + ";";
    return out;
}

const Scene::Labels node{{"instance", "pi1:9100"}, {"job", "node"}};

// A histogram as a page has it; `upto`: of le 0.5, 1 and +Inf.
void add_histogram(Scene& scene, std::array<double, 3> upto, double sum, std::int64_t time = noon) {
    scene.metadata.note_type("h", metrics::Type::histogram);
    const std::array<std::string, 3> bounds{"0.5", "1", "+Inf"};
    for (std::size_t i = 0; i < 3; ++i) {
        auto labels = node;
        labels.insert(labels.end(), {{"le", bounds[i]}, {"path", "/"}});
        scene.add("h_bucket", labels, upto[i], time);
    }
    auto labels = node;
    labels.emplace_back("path", "/");
    scene.add("h_sum", labels, sum, time);
    scene.add("h_count", labels, upto[2], time);
}

}  // namespace

TEST_CASE("otlp: job and instance are the resource, series of one name one metric") {
    Scene scene;
    fill_usual(scene);
    scene.add("up", {{"job", "other"}}, 1);
    const auto request = decoded(scene);
    REQUIRE(request.resource_metrics_size() == 2);
    CHECK(text(request.resource_metrics(0).resource().attributes()) ==
          "service.name=node;service.instance.id=pi1:9100;");
    CHECK(text(request.resource_metrics(1).resource().attributes()) == "service.name=other;");
    CHECK(request.resource_metrics(0).scope_metrics(0).scope().name() == "pifleet-forwarder");

    const auto* load = find(request, "node_load1");
    REQUIRE(load != nullptr);
    REQUIRE(load->gauge().data_points_size() == 1);
    CHECK(load->gauge().data_points(0).as_double() == 0.42);
    CHECK(load->gauge().data_points(0).time_unix_nano() == 1763812800123000000u);
    CHECK(load->gauge().data_points(0).start_time_unix_nano() == 0);

    const auto* cpu = find(request, "node_cpu_seconds_total");
    REQUIRE(cpu != nullptr);
    CHECK(cpu->description() == "Seconds the CPUs spent in each mode.");
    CHECK(cpu->sum().is_monotonic());
    CHECK(cpu->sum().aggregation_temporality() == ::pifleet::otlp::CUMULATIVE);
    REQUIRE(cpu->sum().data_points_size() == 2);
    CHECK(text(cpu->sum().data_points(1).attributes()) == "cpu=0;mode=idle;");
    CHECK(cpu->sum().data_points(1).as_double() == 1249.25);
    CHECK(cpu->sum().data_points(1).start_time_unix_nano() == 1763812800123000000u);
}

TEST_CASE("otlp: a gauge may be no number, a series that ended has the flag") {
    Scene scene;
    fill_usual(scene);
    const auto request = decoded(scene);
    CHECK(std::isnan(find(request, "gone")->gauge().data_points(0).as_double()));
    CHECK(std::isinf(find(request, "endless")->gauge().data_points(0).as_double()));
    const auto& stale = find(request, "stale")->gauge().data_points(0);
    CHECK(stale.flags() == 1);
    CHECK(stale.value_case() == ::pifleet::otlp::NumberDataPoint::VALUE_NOT_SET);
}

TEST_CASE("otlp: a counter that is none is left out") {
    Scene scene;
    scene.add("a_total", node, no_number);
    scene.add("b_total", node, -1);
    scene.add("c_sum", node, -1);
    const auto out = scene.leave_out(OtlpEncoder({}));
    CHECK(out[LeftOut::nan] == 1);
    CHECK(out[LeftOut::unsupported] == 1);
    REQUIRE(scene.batch.size() == 1);
    std::string body;
    OtlpEncoder({}).encode(scene.batch, scene.sent(), body);
    Request request;
    REQUIRE(request.ParseFromString(body));
    CHECK_FALSE(find(request, "c_sum")->sum().is_monotonic());
}

TEST_CASE("otlp: a histogram's series are one histogram again") {
    Scene scene;
    add_histogram(scene, {2, 5, 9}, 4.5);
    const auto request = decoded(scene);
    const auto* metric = find(request, "h");
    REQUIRE(metric != nullptr);
    CHECK(metric->histogram().aggregation_temporality() == ::pifleet::otlp::CUMULATIVE);
    REQUIRE(metric->histogram().data_points_size() == 1);
    const auto& point = metric->histogram().data_points(0);
    CHECK(text(point.attributes()) == "path=/;");
    CHECK(std::vector<std::uint64_t>(point.bucket_counts().begin(), point.bucket_counts().end()) ==
          std::vector<std::uint64_t>{2, 3, 4});
    CHECK(std::vector<double>(point.explicit_bounds().begin(), point.explicit_bounds().end()) ==
          std::vector<double>{0.5, 1});
    CHECK(point.count() == 9);
    CHECK(point.sum() == 4.5);
    CHECK(point.start_time_unix_nano() == 1763812800123000000u);
    CHECK(find(request, "h_bucket") == nullptr);
}

TEST_CASE("otlp: what does not add up to a histogram goes as sums") {
    const auto falls_back = [](auto change) {
        Scene scene;
        add_histogram(scene, {2, 5, 9}, 4.5);
        change(scene.batch);
        std::string body;
        const OtlpEncoder encoder({});
        scene.leave_out(encoder);
        encoder.encode(scene.batch, scene.sent(), body);
        Request request;
        REQUIRE(request.ParseFromString(body));
        const auto* buckets = find(request, "h_bucket");
        return find(request, "h") == nullptr && buckets != nullptr &&
               text(buckets->sum().data_points(0).attributes()) == "path=/;le=0.5;";
    };
    using Batch = std::vector<Sample>;
    const auto value = [](double number) { return std::bit_cast<std::uint64_t>(number); };
    CHECK_FALSE(falls_back([](Batch&) {}));
    CHECK_FALSE(falls_back([](Batch& b) { b.erase(b.begin() + 3, b.end()); }));  // buckets alone will do
    CHECK(falls_back([](Batch& b) { b.erase(b.begin() + 2); }));                 // none for +Inf
    CHECK(falls_back([&](Batch& b) { b[1].value_bits = value(1); }));            // goes down
    CHECK(falls_back([&](Batch& b) { b[1].value_bits = value(4.5); }));          // no count
    CHECK(falls_back([&](Batch& b) { b[4].value_bits = value(8); }));            // another count
    CHECK(falls_back([](Batch& b) { b[1].value_bits = metrics::stale_marker_bits; }));
}

TEST_CASE("otlp: a histogram that ended is one point with the flag") {
    Scene scene;
    add_histogram(scene, {2, 5, 9}, 4.5);
    for (auto& sample : scene.batch) sample.value_bits = metrics::stale_marker_bits;
    const auto request = decoded(scene);
    const auto& point = find(request, "h")->histogram().data_points(0);
    CHECK(point.flags() == 1);
    CHECK(point.bucket_counts_size() == 0);
}

TEST_CASE("otlp: deltas of counters and histograms since the sample before") {
    Scene scene;
    scene.add("a_total", node, 5);
    scene.add("a_total", node, 7, noon + 1000);
    add_histogram(scene, {2, 5, 9}, 4.5);
    add_histogram(scene, {3, 8, 12}, 6, noon + 1000);
    const auto request = decoded(scene, true);
    const auto& sum = find(request, "a_total")->sum();
    CHECK(sum.aggregation_temporality() == ::pifleet::otlp::DELTA);
    REQUIRE(sum.data_points_size() == 1);
    CHECK(sum.data_points(0).as_double() == 2);
    CHECK(sum.data_points(0).start_time_unix_nano() == 1763812800123000000u);
    CHECK(sum.data_points(0).time_unix_nano() == 1763812801123000000u);
    const auto& histogram = find(request, "h")->histogram();
    CHECK(histogram.aggregation_temporality() == ::pifleet::otlp::DELTA);
    REQUIRE(histogram.data_points_size() == 1);
    CHECK(histogram.data_points(0).count() == 3);
    CHECK(histogram.data_points(0).bucket_counts(1) == 2);
    CHECK(histogram.data_points(0).sum() == 1.5);
}

TEST_CASE("otlp: summaries, and what becomes of them as deltas") {
    const auto fill = [](Scene& scene, double more, std::int64_t time) {
        scene.metadata.note_type("s", metrics::Type::summary);
        scene.add("s", {{"job", "x"}, {"quantile", "0.5"}}, 0.25, time);
        scene.add("s", {{"job", "x"}, {"quantile", "0.99"}}, no_number, time);
        scene.add("s_sum", {{"job", "x"}}, 3 + more, time);
        scene.add("s_count", {{"job", "x"}}, 4 + more, time);
    };
    Scene scene;
    fill(scene, 0, noon);
    const auto request = decoded(scene);
    REQUIRE(find(request, "s") != nullptr);
    const auto& point = find(request, "s")->summary().data_points(0);
    CHECK(point.count() == 4);
    CHECK(point.sum() == 3);
    REQUIRE(point.quantile_values_size() == 1);
    CHECK(point.quantile_values(0).quantile() == 0.5);
    CHECK(point.quantile_values(0).value() == 0.25);

    Scene deltas;
    fill(deltas, 0, noon);
    fill(deltas, 2, noon + 1000);
    const auto as_deltas = decoded(deltas, true);
    CHECK(find(as_deltas, "s")->has_gauge());
    CHECK(text(find(as_deltas, "s")->gauge().data_points(0).attributes()) == "quantile=0.5;");
    CHECK(find(as_deltas, "s_count")->sum().data_points(0).as_double() == 2);
}

TEST_CASE("otlp: a full batch ends before the histogram that its end would tear") {
    Scene scene;
    scene.add("up", node, 1);
    add_histogram(scene, {2, 5, 9}, 4.5);
    const OtlpEncoder encoder({});
    const auto sent = scene.sent();
    std::span<const Sample> batch(scene.batch);
    CHECK(encoder.whole(batch, sent) == 1);
    CHECK(encoder.whole(batch.first(3), sent) == 1);
    CHECK(encoder.whole(batch.first(1), sent) == 1);
    CHECK(encoder.whole(batch.subspan(1), sent) == 0);
    CHECK(encoder.whole({}, sent) == 0);
}

TEST_CASE("otlp: the body stays what it was") {
    Scene scene;
    fill_usual(scene);
    add_histogram(scene, {2, 5, 9}, 4.5);
    OtlpOptions options;
    options.request.resource = {{"deployment.environment", "home"}};
    std::string hex;
    for (const char c : scene.body(OtlpEncoder(options))) {
        constexpr char digits[] = "0123456789abcdef";
        hex += digits[static_cast<unsigned char>(c) >> 4];
        hex += digits[c & 15];
        if (hex.size() % 121 == 120) hex += '\n';
    }
    hex += '\n';
    CHECK(hex == golden("otlp.hex", hex));
}

TEST_CASE("otlp: answers") {
    using Kind = Verdict::Kind;
    const OtlpEncoder encoder({});
    const auto judge = [&](unsigned status, std::string body) {
        return encoder.judge(answer(status, std::move(body), "application/x-protobuf"), 10, {});
    };
    CHECK(judge(200, "").kind == Kind::delivered);
    ::pifleet::otlp::ExportMetricsServiceResponse response;
    response.mutable_partial_success()->set_error_message("a warning");
    CHECK(judge(200, response.SerializeAsString()).kind == Kind::delivered);
    response.mutable_partial_success()->set_rejected_data_points(3);
    response.mutable_partial_success()->set_error_message("no such unit");
    const auto partial = judge(200, response.SerializeAsString());
    CHECK(partial.kind == Kind::dropped);
    CHECK(partial.written == 7);
    CHECK(partial.reason == "3 data points rejected: no such unit");
    for (const char* garbage : {"\x0a", "\x0a\x7f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "{}"})
        CHECK(judge(200, garbage).kind == Kind::delivered);
    const auto error = judge(400, std::string("\x08\x03\x12\x05wrong", 9));
    CHECK(error.kind == Kind::refused);
    CHECK(error.reason == "status 400: wrong");
    CHECK(judge(429, "").kind == Kind::retry);
    CHECK(judge(413, "").kind == Kind::too_large);
    CHECK(encoder.judge(answer(200, "<html>", "text/html"), 10, {}).kind == Kind::delivered);
}
