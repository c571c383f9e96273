// http_sd_configs: a list of targets at a URL, asked for on one kept connection.
#include "common/base/text.hpp"
#include "common/http/client.hpp"
#include "common/process/run.hpp"
#include "forwarder/auth/client.hpp"
#include "forwarder/discovery/provider.hpp"
#include "forwarder/discovery/target_list.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

// Gathers a body that is a list of targets by its head; what is not is refused before it is read.
class ListSink final : public http::BodySink {
  public:
    Result<void> on_head(const http::ResponseHead& head) override {
        body_.clear();
        if (head.status != 200) return failure("it answered with status " + std::to_string(head.status));
        const auto type = http::find_header(head.headers, "Content-Type");
        const auto parts = split(type, ';');
        if (!equal_ignoring_case(trim(parts.front()), "application/json"))
            return failure("it answered with '" + std::string(type) + "', not application/json");
        return {};
    }
    Result<void> on_body(std::string_view piece) override {
        if (body_.size() + piece.size() > most_list_bytes) return failure("its answer is larger than 4 MiB");
        body_ += piece;
        return {};
    }
    const std::string& body() const { return body_; }

  private:
    std::string body_;
};

class HttpProvider final : public Provider, public std::enable_shared_from_this<HttpProvider> {
  public:
    HttpProvider(const HttpDiscovery& config, const ProviderSurroundings& around)
        : config_(config), executor_(around.executor), client_(around.executor, config_.url, config_.http) {}

    std::string_view mechanism() const override { return "http"; }
    Duration interval() const override { return config_.refresh_interval; }
    void stop() override { client_.close(); }

    void refresh(Done done) override {
        asio::co_spawn(
            executor_,
            [self = shared_from_this(), done = std::move(done)]() -> asio::awaitable<void> {
                auto targets = co_await self->fetch();
                std::vector<Finding> found;
                found.push_back({self->config_.url_text, std::move(targets)});
                done(std::move(found));
            },
            [](const std::exception_ptr& thrown) {
                if (thrown) std::rethrow_exception(thrown);  // a bug: it ends in main's catch
            });
    }

  private:
    asio::awaitable<Result<std::vector<Pairs>>> fetch() {
        auto targets = co_await ask();
        if (targets) co_return targets;
        co_return failure(config_.url.shown() + ": " + targets.error().message);
    }

    asio::awaitable<Result<std::vector<Pairs>>> ask() {
        http::Request request;
        request.target = config_.url.target;
        const auto seconds = std::chrono::duration<double>(config_.refresh_interval).count();
        request.headers = {{"Accept", "application/json"},
                           {"User-Agent", "pifleet-forwarder/" + std::string(process::build_info().version)},
                           {"X-Prometheus-Refresh-Interval-Seconds", number_text(seconds)}};
        auto prepared = client_.prepare(std::move(request));
        if (!prepared) co_return prepared.error();

        ListSink sink;
        const auto deadline = std::chrono::steady_clock::now() + config_.refresh_interval;
        const auto head = co_await client_.send(std::move(*prepared), deadline, sink);
        if (!head) co_return head.error();
        const auto groups = read_target_list(sink.body(), ListFormat::json, "the answer");
        if (!groups) co_return groups.error();
        const Pairs extra{{"__meta_url", config_.url_text}};
        co_return label_sets(*groups, extra);
    }

    HttpDiscovery config_;
    asio::any_io_executor executor_;
    AuthorizedClient client_;
};

}  // namespace

std::shared_ptr<Provider> make_provider(const HttpDiscovery& config, const ProviderSurroundings& around) {
    return std::make_shared<HttpProvider>(config, around);
}

}  // namespace pifleet::forwarder
