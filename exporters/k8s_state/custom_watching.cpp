#include "exporters/k8s_state/custom_watching.hpp"

#include "common/process/log.hpp"
#include "exporters/k8s_state/custom/discovery.hpp"
#include "exporters/k8s_state/custom/kind.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace pifleet::k8s {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct CustomWatching::State {
    std::vector<CustomResourceConfig> configs;
    Options options;
    Shard shard;
    std::shared_ptr<Api> api;

    bool alive = true;  // the object that this belongs to
    bool asking = false;
    Clock::time_point next{};
    std::string said;                                // the trouble or lack that was last logged
    std::optional<std::vector<ApiResource>> server;  // what was found last
    std::unique_ptr<Watching> watching;

    void say(const char* what, const std::string& detail);
    void take(std::vector<ApiResource> found);
};

namespace {

// Nothing: there is no such path, so no such group or version.
asio::awaitable<Result<std::optional<boost::json::value>>> get(const Api& api, std::string path) {
    auto pending = api.get(path);
    const auto answer = co_await std::move(pending);
    if (!answer) co_return answer.error();
    if (answer->status == 404) co_return std::optional<boost::json::value>();
    if (answer->status != 200)
        co_return failure(path + ": the API server answered " + std::to_string(answer->status));
    boost::system::error_code error;
    auto document = boost::json::parse(answer->body, error);
    if (error) co_return failure(path + ": the answer is no JSON");
    co_return std::optional<boost::json::value>(std::move(document));
}

asio::awaitable<Result<std::vector<ApiResource>>> find(const Api& api,
                                                       const std::vector<CustomResourceConfig>& configs) {
    std::optional<boost::json::value> groups;
    if (needs_groups(configs)) {
        auto pending = get(api, "/apis");
        auto answer = co_await std::move(pending);
        if (!answer) co_return answer.error();
        groups = std::move(*answer);
    }
    std::vector<ApiResource> out;
    for (const auto& path : resource_paths(configs, groups ? Json(*groups) : Json())) {
        auto pending = get(api, path);
        const auto answer = co_await std::move(pending);
        if (!answer) co_return answer.error();
        if (!*answer) continue;
        auto resources = read_resources(Json(**answer));
        out.insert(out.end(), resources.begin(), resources.end());
    }
    co_return out;
}

}  // namespace

void CustomWatching::State::say(const char* what, const std::string& detail) {
    if (std::exchange(said, detail) != detail && !detail.empty()) log::warn(what, {{"what", detail}});
}

void CustomWatching::State::take(std::vector<ApiResource> found) {
    if (server == found) return;
    const auto kinds = std::make_shared<CustomKinds>(make_custom_kinds(configs, found));
    server = std::move(found);
    std::string missing;
    for (const auto& text : kinds->missing) missing += (missing.empty() ? "" : ", ") + text;
    say("custom resources that the API server does not have yet", missing);
    watching.reset();
    std::vector<const ResourceKind*> rows;
    for (const auto& kind : kinds->kinds) rows.push_back(&kind->kind());
    auto plan = make_custom_plan(options, rows, kinds);
    if (!plan) return say("custom resources cannot be shown", plan.error().message);
    watching =
        std::make_unique<Watching>(std::move(*plan), shard, options.stale_after, api->watch, Clock::now());
}

asio::awaitable<void> CustomWatching::discover(std::shared_ptr<State> state) {
    auto pending = find(*state->api, state->configs);
    auto found = co_await std::move(pending);
    state->asking = false;
    if (!state->alive) co_return;
    if (found)
        state->take(std::move(*found));
    else
        state->say("custom resources cannot be looked for", found.error().message);
    // Definitions come seldom, but who waits for one should not wait long.
    state->next = Clock::now() + (!found ? 5s : state->said.empty() ? 60s : 10s);
}

CustomWatching::CustomWatching(asio::any_io_executor executor,
                               std::vector<CustomResourceConfig> configs,
                               Options options,
                               Shard shard,
                               std::shared_ptr<Api> api)
    : executor_(std::move(executor)), state_(std::make_shared<State>()) {
    state_->configs = std::move(configs);
    state_->options = std::move(options);
    state_->shard = shard;
    state_->api = std::move(api);
    look(Clock::now());
}

CustomWatching::~CustomWatching() {
    state_->alive = false;
    state_->watching.reset();
}

void CustomWatching::look(Clock::time_point now) {
    if (!state_->asking && now >= state_->next) {
        state_->asking = true;
        asio::co_spawn(executor_, discover(state_), [](std::exception_ptr) {});
    }
    if (state_->watching) state_->watching->look(now);
}

Watching* CustomWatching::watching() {
    return state_->watching.get();
}

}  // namespace pifleet::k8s
