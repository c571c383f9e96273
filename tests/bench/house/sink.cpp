#include "tests/bench/house/sink.hpp"

#include "remote_write.pb.h"

#include <snappy.h>

#include <string>
#include <utility>

namespace pifleet::bench {

namespace {

constexpr std::size_t largest_body = 64 << 20;

}  // namespace

Sink::Sink(boost::asio::io_context& io, bool sequenced) : io_(io), sequenced_(sequenced) {}

Result<void> Sink::open() {
    hole_.reset();
    busy_until_.reset();
    if (!server_) {
        http::ServerLimits limits;
        limits.body_bytes = largest_body;
        server_ = std::make_unique<http::Server>(
            io_,
            [this](http::Request request) -> boost::asio::awaitable<http::Response> {
                co_return answer(request);
            },
            limits);
        auto port = server_->listen("127.0.0.1:" + std::to_string(port_));
        if (!port) return port.error();
        port_ = *port;
    }
    opened_ = Clock::now();
    report_.first_success_ms.reset();
    return {};
}

void Sink::refuse() {
    hole_.reset();
    if (server_) server_->stop();
    server_.reset();
}

Result<void> Sink::black_hole() {
    refuse();
    auto hole = BlackHole::at(port_);
    if (!hole) return hole.error();
    hole_.emplace(std::move(*hole));
    return {};
}

void Sink::busy(std::chrono::seconds time) {
    busy_until_ = Clock::now() + time;
}

http::Response Sink::busy_answer() {
    ++report_.turned_away;
    const auto left = std::chrono::ceil<std::chrono::seconds>(*busy_until_ - Clock::now());
    auto response = http::text_response(429, "busy\n");
    response.headers.push_back({"Retry-After", std::to_string(left.count())});
    return response;
}

http::Response Sink::answer(const http::Request& request) {
    if (busy_until_ && Clock::now() < *busy_until_) return busy_answer();
    if (!take(request.body)) {
        ++report_.broken;
        return http::text_response(400, "not a remote_write 1.0 request\n");
    }
    if (!report_.first_success_ms)
        report_.first_success_ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - opened_).count();
    http::Response taken;
    taken.status = 204;
    return taken;
}

bool Sink::take(const std::string& body) {
    std::size_t size = 0;
    std::string plain;
    if (!snappy::GetUncompressedLength(body.data(), body.size(), &size) || size > largest_body ||
        !snappy::Uncompress(body.data(), body.size(), &plain))
        return false;
    remote_write::WriteRequest request;
    if (!request.ParseFromString(plain)) return false;
    if (request.timeseries().empty()) {
        ++report_.metadata_requests;
        return true;
    }
    ++report_.requests;
    report_.body_bytes += body.size();
    for (const auto& series : request.timeseries()) {
        report_.samples += static_cast<std::uint64_t>(series.samples_size());
        if (sequenced_) ledger_.take(series);
    }
    return true;
}

SinkReport Sink::report() const {
    auto report = report_;
    report.counts = ledger_.counts();
    return report;
}

}  // namespace pifleet::bench
