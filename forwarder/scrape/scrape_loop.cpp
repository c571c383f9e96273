#include "forwarder/scrape/scrape_loop.hpp"

#include "common/base/text.hpp"
#include "common/process/log.hpp"
#include "common/process/run.hpp"
#include "forwarder/scrape/negotiation.hpp"
#include "forwarder/scrape/node_name.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <limits>
#include <optional>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

// Reads the page while it comes; which format it has is known at its head.
class PageSink final : public http::BodySink {
  public:
    PageSink(metrics::PageHandler& handler, const ScrapeConfig& job)
        : handler_(handler), limit_(job.body_size_limit.count), fallback_(job.fallback_protocol) {}

    Result<void> on_head(const http::ResponseHead& head) override {
        if (head.status != 200)
            return failure("the target answered with status " + std::to_string(head.status));
        const auto format = page_format(http::find_header(head.headers, "Content-Type"), fallback_);
        if (!format) return format.error();
        bytes_ = 0;
        parser_.emplace(*format, handler_);
        return {};
    }
    Result<void> on_body(std::string_view piece) override {
        bytes_ += piece.size();
        if (too_large())
            return failure("the page is larger than " + std::to_string(limit_) + " bytes (body_size_limit)");
        return parser_->feed(piece);
    }
    Result<void> finish(bool framed) { return parser_->finish(framed); }
    std::int64_t bytes() const { return too_large() ? -1 : static_cast<std::int64_t>(bytes_); }

  private:
    bool too_large() const { return limit_ > 0 && bytes_ > limit_; }

    metrics::PageHandler& handler_;
    std::uint64_t limit_, bytes_ = 0;
    std::optional<ScrapeProtocol> fallback_;
    std::optional<metrics::PageParser> parser_;
};

http::ClientOptions client_options(Duration timeout) {
    http::ClientOptions options;
    options.connect = timeout;
    options.body_bytes = std::numeric_limits<std::size_t>::max();  // the sink sees to that
    return options;
}

}  // namespace

ScrapeLoop::ScrapeLoop(std::shared_ptr<const ScrapeConfig> job, Target target, const Surroundings& around)
    : job_(std::move(job)),
      target_(std::move(target)),
      around_(around),
      client_(around.io.get_executor(), target_.url, job_->http, client_options(target_.timeout)),
      timer_(around.io),
      offset_(static_cast<std::int64_t>(hash_bytes(target_.identity()) %
                                        static_cast<std::uint64_t>(target_.interval.count()))),
      name_open_(job_->learn_node_name && target_.label("node_name").empty()) {
    target_.job = job_.get();
    if (name_open_) target_.node_name = target_.url.host;
    state_.emplace(target_, around_.series, around_.metadata);
}

void ScrapeLoop::start() {
    const auto self = shared_from_this();
    asio::co_spawn(
        around_.io,
        [self] { return self->run(); },
        [self](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);  // a bug: it ends in main's catch
        });
}

void ScrapeLoop::stop(bool retire) {
    if (std::exchange(stopped_, true)) return;
    timer_.cancel();
    client_.close();
    if (retire) around_.deliver(state_->retire(around_.stamp(), around_.mark()));
}

// Turns are counted from the clock's zero, so they stay where they are whatever a scrape takes.
Clock::time_point ScrapeLoop::next_turn(Clock::time_point now) const {
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) - offset_;
    const auto turns = since / target_.interval + 1;
    return Clock::time_point(offset_ + turns * target_.interval);
}

asio::awaitable<void> ScrapeLoop::run() {
    while (!stopped_) {
        co_await scrape();
        if (stopped_) break;
        timer_.expires_at(next_turn(Clock::now()));
        boost::system::error_code cancelled;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

asio::awaitable<Result<void>> ScrapeLoop::fetch(metrics::PageHandler& page, std::int64_t& body_bytes) {
    http::Request request;
    request.target = target_.url.target;
    request.headers = {{"Accept", accept_header(job_->protocols)},
                       {"User-Agent", "pifleet-forwarder/" + std::string(process::build_info().version)},
                       {"X-Prometheus-Scrape-Timeout-Seconds",
                        number_text(std::chrono::duration<double>(target_.timeout).count())}};
    request.headers.push_back({"Accept-Encoding", job_->enable_compression ? "gzip" : "identity"});
    auto prepared = client_.prepare(std::move(request));
    if (!prepared) co_return prepared.error();

    PageSink sink(page, *job_);
    const auto deadline = Clock::now() + target_.timeout;
    const auto head = co_await client_.send(std::move(*prepared), deadline, sink);
    body_bytes = sink.bytes();
    if (!head) co_return head.error();
    co_return sink.finish(head->framed);
}

asio::awaitable<Result<void>> ScrapeLoop::learn_node_name(std::int64_t& body_bytes) {
    NodeNameReader reader;
    auto read = co_await fetch(reader, body_bytes);
    if (stopped_ || !read) co_return read;
    name_open_ = false;
    if (reader.name().empty() || reader.name() == target_.node_name) co_return read;
    auto ended = state_->retire(around_.stamp(), around_.mark());
    if (ended.size() > 0) around_.deliver(std::move(ended));
    target_.node_name = reader.name();
    state_.emplace(target_, around_.series, around_.metadata);
    co_return read;
}

asio::awaitable<void> ScrapeLoop::scrape() {
    auto began = Clock::now();
    const auto time_ms = around_.now_ms();
    FetchFigures figures;
    Result<void> fetched = {};
    if (!refusal_.empty()) fetched = failure(refusal_);
    if (fetched && name_open_) {
        fetched = co_await learn_node_name(figures.body_bytes);
        if (stopped_) co_return;
        if (fetched) began = Clock::now();
    }
    state_->begin(around_.stamp());
    if (fetched) fetched = co_await fetch(*state_, figures.body_bytes);
    if (stopped_) co_return;

    figures.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    const bool good = fetched.has_value();
    around_.deliver(good ? state_->succeed(figures, around_.mark()) : state_->fail(figures, around_.mark()));
    ++status_.scrapes;
    if (!good) {
        ++status_.failures;
        log::warn("scrape failed",
                  {{"job", job_->job_name}, {"target", target_.url.shown()}, {"error", fetched.error()}});
    } else if (status_.health == ScrapeStatus::Health::down) {
        log::info("scrape works again", {{"job", job_->job_name}, {"target", target_.url.shown()}});
    }
    status_.health = good ? ScrapeStatus::Health::up : ScrapeStatus::Health::down;
    status_.time_ms = time_ms;
    status_.seconds = figures.seconds;
    status_.bytes = figures.body_bytes;
    status_.samples = good ? state_->samples() : 0;
    status_.error = good ? std::string() : fetched.error().message;
}

}  // namespace pifleet::forwarder
