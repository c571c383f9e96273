#include "forwarder/backends/remote_write.hpp"

#include "common/process/run.hpp"
#include "forwarder/backends/http_verdict.hpp"

#include <snappy.h>

#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_answer = 4096;  // of an error's body: enough to say why

http::ClientOptions client_options(const RemoteWriteConfig& config) {
    http::ClientOptions options;
    options.tls = config.http.tls;
    return options;
}

}  // namespace

RemoteWrite::RemoteWrite(asio::any_io_executor executor, RemoteWriteConfig config, OwnedLabels external)
    : config_(std::move(config)),
      external_(std::move(external)),
      client_(std::move(executor), config_.url, client_options(config_)) {}

Encoded RemoteWrite::encode(std::span<const Sample> samples, const SeriesTable& series) const {
    std::string raw;
    append_write_request(samples, series, external_, raw);
    Encoded encoded;
    encoded.raw_bytes = raw.size();
    snappy::Compress(raw.data(), raw.size(), &encoded.body);
    return encoded;
}

Result<http::Request> RemoteWrite::request(const Encoded& batch) const {
    http::Request request;
    request.method = "POST";
    request.target = config_.url.target;
    for (const auto& [name, value] : config_.headers) request.headers.push_back({name, value});
    request.headers.push_back({"Content-Type", "application/x-protobuf"});
    request.headers.push_back({"Content-Encoding", "snappy"});
    request.headers.push_back({"X-Prometheus-Remote-Write-Version", "0.1.0"});
    request.headers.push_back(
        {"User-Agent", "pifleet-forwarder/" + std::string(process::build_info().version)});
    auto authorization = authorization_header(config_.http.authorization);
    if (!authorization) return authorization.error();
    if (*authorization) request.headers.push_back(std::move(**authorization));
    request.body = batch.body;
    return request;
}

asio::awaitable<Verdict> RemoteWrite::send(const Encoded& batch, const AttemptLimits& limits) {
    auto prepared = request(batch);
    if (!prepared) co_return Verdict{Verdict::Kind::denied, prepared.error().message, {}};
    client_.connect_within(limits.connect);
    const auto answer = co_await client_.send(*prepared, limits.deadline, most_answer);
    if (!answer) co_return Verdict{Verdict::Kind::retry, answer.error().message, {}};
    co_return verdict_of(*answer, std::chrono::system_clock::now());
}

}  // namespace pifleet::forwarder
