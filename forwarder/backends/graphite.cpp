#include "forwarder/backends/graphite.hpp"

#include "common/base/files.hpp"
#include "common/http/tls.hpp"
#include "common/process/log.hpp"
#include "forwarder/backends/graphite_lines.hpp"
#include "forwarder/backends/values.hpp"
#include "forwarder/config/protocol.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

// Long enough for a program to read what its machine has taken, or to be seen dead; and as much as Linux lets
// wait to be read.
constexpr std::chrono::seconds remembered{30};
constexpr std::size_t most_remembered = 6 * 1024 * 1024;
constexpr unsigned no_prefix = 1;  // a batch that could not be encoded

http::Url origin_of(const BackendConfig& config) {
    http::Url origin;
    if (const auto address = http::parse_host_port(setting(config, "address"))) {
        origin.host = address->host;
        origin.port = address->port;
    }
    origin.tls = setting(config, "tls") == "true";
    return origin;
}

}  // namespace

Graphite::Graphite(const BackendConfig& config, const BackendContext& context)
    : config_(config),
      external_(context.external),
      relabeling_(config_.write_relabel_configs, external_),
      metadata_(context.metadata),
      executor_(context.executor),
      origin_(origin_of(config)) {
    if (!setting(config_, "prefix_file").empty() && !origin_.tls)
        log::warn("the key in prefix_file goes over the network for all to read; `tls: true` hides it",
                  {{"backend", name()}});
}

LeftOutCounts Graphite::leave_out(std::vector<Sample>& batch, const SeriesTable& series) {
    LeftOutCounts out;
    out[LeftOut::rules] = relabeling_.leave_out(batch, series);
    out += leave_out_values(batch, {});
    out += leave_out_of_graphite(batch, sent(series));
    return out;
}

// A key may be replaced while the program runs.
Result<std::string> Graphite::prefix() const {
    const std::string file(setting(config_, "prefix_file"));
    if (file.empty()) return std::string(setting(config_, "prefix"));
    auto key = read_line(file);
    if (!key) return failure("prefix_file: " + key.error().message);
    if (key->empty()) return failure("prefix_file: " + file + " is empty");
    if (!legal_graphite_prefix(*key + '.'))
        return failure("prefix_file: " + file + " holds characters that no path may have");
    return *key + '.';
}

Encoded Graphite::encode(std::span<const Sample> samples, const SeriesTable& series) const {
    const auto before = prefix();
    if (!before) return {before.error().message, no_prefix, samples.size()};
    Encoded batch{{}, 0, samples.size()};
    append_graphite_lines(samples, sent(series), *before, batch.body);
    return batch;
}

void Graphite::forget() {
    while (!written_.empty() &&
           (written_bytes_ > most_remembered || Clock::now() - written_.front().when > remembered)) {
        written_bytes_ -= written_.front().lines.size();
        written_.pop_front();
    }
}

asio::awaitable<Result<void>> Graphite::open(const AttemptLimits& limits) {
    http::ClientOptions options;
    options.tls = config_.http.tls;
    options.connect = limits.connect;
    http::Destination destination{origin_, options, nullptr, nullptr};
    if (origin_.tls) {
        auto context = http::tls_context(options.tls);
        if (!context) co_return context.error();
        destination.tls = std::move(*context);
    }
    auto opened = co_await http::Connection::open(executor_, destination, limits.deadline);
    if (!opened) co_return opened.error();
    connection_ = std::move(*opened);
    for (auto& before : written_) {
        const auto again = co_await write(before.lines, limits);
        if (!again) co_return again;
        before.when = Clock::now();
    }
    co_return Result<void>{};
}

asio::awaitable<Result<void>> Graphite::write(const std::string& lines, const AttemptLimits& limits) {
    connection_->expires_at(limits.deadline);
    const auto error = co_await connection_->write(lines, {});
    if (http::timed_out(error)) co_return failure("the receiver does not take what it is sent");
    if (error) co_return failure("the connection broke: " + connection_->reason(error));
    co_return Result<void>{};
}

// There is no call that waits for this.
asio::awaitable<Result<void>> Graphite::acknowledged(const AttemptLimits& limits) {
    asio::steady_timer timer(executor_);
    std::chrono::milliseconds pause{1}, most{50};
    while (connection_->unacknowledged() > 0 && !connection_->peer_has_closed()) {
        if (Clock::now() >= limits.deadline) co_return failure("no acknowledgement of what was sent");
        timer.expires_after(pause);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        pause = std::min(2 * pause, most);
    }
    if (connection_->peer_has_closed()) co_return failure("the receiver closed the connection");
    co_return Result<void>{};
}

asio::awaitable<Verdict> Graphite::send(const Encoded& batch, const AttemptLimits& limits) {
    if (batch.format == no_prefix) co_return Verdict{Verdict::Kind::denied, batch.body};
    forget();
    if (connection_ && connection_->peer_has_closed()) connection_.reset();
    Result<void> done;
    if (!connection_) done = co_await open(limits);
    if (done) done = co_await write(batch.body, limits);
    if (done) done = co_await acknowledged(limits);
    if (!done) {
        connection_.reset();
        co_return Verdict{Verdict::Kind::retry, done.error().message};
    }
    written_bytes_ += batch.body.size();
    written_.push_back({batch.body, Clock::now()});
    co_return Verdict{};
}

namespace {

constexpr Setting settings[] = {
    {"address", "", "Where plain text is taken, host:port.", true},
    {"tls", "false", "true: by TLS, with the certificates of tls_config."},
    {"prefix", "", "Stands before every name, with the dot that it may need."},
    {"prefix_file", "", "File with a key that stands before every name, a dot behind it."},
};

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    return std::make_unique<Graphite>(config, context);
}

std::optional<SettingFault> check(const BackendConfig& config) {
    const auto address = http::parse_host_port(setting(config, "address"));
    if (!address) return SettingFault{"address", address.error().message};
    if (address->host.empty()) return SettingFault{"address", "expected host:port"};
    const auto tls = setting(config, "tls");
    if (tls != "true" && tls != "false")
        return SettingFault{"tls", "expected true or false, not '" + std::string(tls) + "'"};
    const auto prefix = setting(config, "prefix");
    if (!legal_graphite_prefix(prefix))
        return SettingFault{"prefix", "expected letters, digits, _, -, : and single dots"};
    if (!prefix.empty() && !setting(config, "prefix_file").empty())
        return SettingFault{"prefix_file", "there is a prefix already"};
    return {};
}

}  // namespace

extern const Protocol graphite_protocol;
constinit const Protocol graphite_protocol{
    "graphite", "Graphite's plain text with tags over TCP or TLS", settings, make, check, false};

}  // namespace pifleet::forwarder
