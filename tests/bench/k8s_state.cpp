// What a change of an object costs: parsed, rendered, stored; and what a scrape of many costs. The objects
// are those of tests/conformance/k8s. Run: build/release/bin/pifleet_bench_k8s_state
#include "common/base/files.hpp"
#include "exporters/k8s_state/page_source.hpp"
#include "exporters/k8s_state/registry.hpp"
#include "exporters/k8s_state/renderer.hpp"

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

std::vector<std::string> captured(const std::string& kind) {
    const auto list = read_file(
        std::string(PIFLEET_SOURCE_DIR) + "/tests/conformance/k8s/captures/list-" + kind + ".json", 64 << 20);
    if (!list) std::abort();
    std::vector<std::string> out;
    const auto parsed = boost::json::parse(*list);
    for (const auto& object : parsed.at("items").as_array()) out.push_back(boost::json::serialize(object));
    return out;
}

// An item is an object; bytes are its JSON.
void render(benchmark::State& state, const char* name, bool labels, bool lines) {
    const auto& kind = *find_kind(name);
    RenderOptions options;
    for (const auto& family : kind.families)
        if (!family.opt_in) options.families.push_back(&family);
    if (labels) options.labels = options.annotations = LabelAllowList({"*"});
    Renderer renderer(kind, options);
    const auto objects = captured(name);
    std::size_t bytes = 0, text = 0;
    for (auto _ : state) {
        for (const auto& object : objects) {
            if (!renderer.read(object)) std::abort();
            bytes += object.size();
            if (lines) text += renderer.render().text.size();
        }
    }
    const auto count = static_cast<double>(state.iterations()) * static_cast<double>(objects.size());
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(count));
    state.counters["json"] = static_cast<double>(bytes) / count;
    state.counters["text"] = static_cast<double>(text) / count;
}

BENCHMARK_CAPTURE(render, pods_read, "pods", false, false);
BENCHMARK_CAPTURE(render, pods, "pods", false, true);
BENCHMARK_CAPTURE(render, pods_with_labels, "pods", true, true);
BENCHMARK_CAPTURE(render, nodes, "nodes", false, true);
BENCHMARK_CAPTURE(render, deployments, "deployments", false, true);
BENCHMARK_CAPTURE(render, services, "services", false, true);

// Clones of the captured pods under names and uids of their own, rendered and stored.
struct Fleet {
    explicit Fleet(std::int64_t count) {
        for (const auto& pod : captured("pods")) originals.push_back(boost::json::parse(pod).as_object());
        feed->store().begin_list(0);
        for (std::int64_t i = 0; i < count; ++i) feed->object(0, pod(i, 0));
        feed->store().end_list(0);
    }
    // Pod i, whose container has been restarted so often.
    std::string pod(std::int64_t i, int restarts) {
        auto object = originals[static_cast<std::size_t>(i) % originals.size()];
        auto& metadata = object["metadata"].as_object();
        metadata["name"] = "pod-" + std::to_string(i);
        metadata["uid"] = "00000000-0000-0000-0000-" + std::to_string(100'000'000'000 + i);
        metadata["resourceVersion"] = std::to_string(1000 + restarts);
        auto* const statuses = object["status"].as_object().if_contains("containerStatuses");
        if (statuses != nullptr) statuses->as_array()[0].as_object()["restartCount"] = restarts;
        return boost::json::serialize(object);
    }
    static RenderOptions options() {
        RenderOptions out;
        for (const auto& family : find_kind("pods")->families)
            if (!family.opt_in) out.families.push_back(&family);
        return out;
    }

    std::vector<boost::json::object> originals;
    std::shared_ptr<Feed> feed = std::make_shared<Feed>(*find_kind("pods"), options(), Shard{});
};

// The page as it is handed to the sockets, without them. Bytes are the page's.
void scrape(benchmark::State& state) {
    Fleet fleet(state.range(0));
    std::size_t bytes = 0;
    std::vector<std::string_view> pieces;
    for (auto _ : state) {
        PageSource page({fleet.feed}, metrics::Format::text_0_0_4);
        do {
            pieces.clear();
            page.next(pieces, 256 * 1024);
            for (const auto piece : pieces) bytes += piece.size();
        } while (!pieces.empty());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.counters["text"] =
        static_cast<double>(fleet.feed->store().bytes()) / static_cast<double>(state.range(0));
}
BENCHMARK(scrape)->Arg(30)->Arg(1030)->Arg(5030);

// A pod's container is restarted: with a scrape under way, the texts that change are copied.
void event(benchmark::State& state, bool scraped) {
    Fleet fleet(5030);
    std::vector<std::string> events;
    for (int i = 0; i < 5030; ++i) events.push_back(fleet.pod(i, 7));
    for (int i = 0; i < 5030; ++i) events.push_back(fleet.pod(i, 12345));
    std::size_t at = 0;
    Store::Snapshot snapshot;
    for (auto _ : state) {
        if (scraped && at % 100 == 0) snapshot = fleet.feed->store().share();
        fleet.feed->object(0, events[at]);
        at = (at + 1) % events.size();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(event, alone, false);
BENCHMARK_CAPTURE(event, with_scrapes, true);

// A list of what is there already.
void relist(benchmark::State& state) {
    Fleet fleet(5030);
    std::vector<std::string> objects;
    for (int i = 0; i < 5030; ++i) objects.push_back(fleet.pod(i, 0));
    for (auto _ : state) {
        fleet.feed->store().begin_list(0);
        for (const auto& object : objects) fleet.feed->object(0, object);
        fleet.feed->store().end_list(0);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 5030);
}
BENCHMARK(relist);

// From nothing to 5,030 pods.
void list(benchmark::State& state) {
    Fleet fleet(0);
    std::vector<std::string> objects;
    for (int i = 0; i < 5030; ++i) objects.push_back(fleet.pod(i, 0));
    for (auto _ : state) {
        Feed feed(*find_kind("pods"), Fleet::options(), Shard{});
        for (const auto& object : objects) feed.object(0, object);
        auto size = feed.store().size();
        benchmark::DoNotOptimize(size);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 5030);
}
BENCHMARK(list)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
