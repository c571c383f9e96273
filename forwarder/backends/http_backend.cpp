#include "forwarder/backends/http_backend.hpp"

#include "common/http/gzip.hpp"
#include "common/process/run.hpp"
#include "forwarder/backends/delta_state.hpp"
#include "forwarder/backends/own_secrets.hpp"
#include "forwarder/backends/values.hpp"
#include "forwarder/backends/zstd_body.hpp"

#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_answer = 1024 * 1024;  // some systems name every sample that they refuse

std::string packed(std::string body, Compression compression) {
    if (compression == Compression::gzip) return http::gzip(body);
    if (compression == Compression::zstd) return zstd_body(body);
    return body;
}

std::string_view encoding_name(Compression compression) {
    return compression == Compression::gzip ? "gzip" : compression == Compression::zstd ? "zstd" : "";
}

}  // namespace

HttpBackend::HttpBackend(const BackendConfig& config,
                         const BackendContext& context,
                         std::unique_ptr<Encoder> encoder,
                         Compression preset)
    : config_(config),
      external_(context.external),
      relabeling_(config_.write_relabel_configs, external_),
      metadata_(context.metadata),
      state_folder_(context.state_folder),
      encoder_(std::move(encoder)),
      deltas_(encoder_->counters()),
      compression_(config_.compression == Compression::preset ? preset : config_.compression),
      client_(context.executor, config_.url, config_.http) {
    if (const auto* rules = encoder_->names()) {
        names_.emplace(external_, *rules);
        external_ = names_->external();
    }
}

// A name may hold anything; what a file's name may hold is less.
std::string HttpBackend::state_file() const {
    return state_folder_ + "/counters-" + std::to_string(stable_hash(config_.name));
}

void HttpBackend::begins_at(Cursor place) {
    if (deltas_ && !state_folder_.empty()) deltas_->restore(state_file(), place);
}

void HttpBackend::batch_done() {
    if (deltas_) deltas_->batch_done();
}

void HttpBackend::ends_at(Cursor place) {
    if (deltas_ && !state_folder_.empty()) deltas_->save(state_file(), place);
}

std::size_t HttpBackend::whole(std::span<const Sample> batch, const SeriesTable& series) {
    return encoder_->whole(batch, sent(series));
}

LeftOutCounts HttpBackend::leave_out(std::vector<Sample>& batch, const SeriesTable& series) {
    LeftOutCounts out;
    out[LeftOut::rules] = relabeling_.leave_out(batch, series);
    if (names_) {
        names_->look_at(batch, series, relabeling_);
        out[LeftOut::collision] = names_->leave_out_collisions(batch, series, relabeling_);
    }
    const auto all = sent(series);
    out += encoder_->leave_out(batch, all);
    if (deltas_)
        out += deltas_->take(batch, series, [&](SeriesId id) { return is_cumulative(all.part(id)); });
    out += leave_out_values(batch, encoder_->values());
    return out;
}

Encoded HttpBackend::encode(std::span<const Sample> samples, const SeriesTable& series) const {
    std::string body;
    encoder_->encode(samples, sent(series), body);
    return {packed(std::move(body), compression_), 0, samples.size()};
}

http::Request HttpBackend::request(const Encoded& batch) const {
    http::Request request;
    request.method = "POST";
    request.target = config_.url.target;
    for (const auto& [name, value] : config_.headers) request.credentials.push_back({name, value});
    request.headers = encoder_->headers();
    request.headers.push_back({"Content-Type", std::string(encoder_->content_type())});
    if (const auto encoding = encoding_name(compression_); !encoding.empty())
        request.headers.push_back({"Content-Encoding", std::string(encoding)});
    request.headers.push_back(
        {"User-Agent", "pifleet-forwarder/" + std::string(process::build_info().version)});
    request.body = batch.body;
    return request;
}

asio::awaitable<Verdict> HttpBackend::send(const Encoded& batch, const AttemptLimits& limits) {
    auto prepared = client_.prepare(request(batch));
    if (!prepared) co_return Verdict{Verdict::Kind::denied, prepared.error().message};
    const OwnSecrets secrets(prepared->request);
    client_.connect_within(limits.connect);
    auto answer = co_await client_.send(std::move(*prepared), limits.deadline, most_answer);
    if (!answer) co_return Verdict{Verdict::Kind::retry, answer.error().message};
    secrets.hide(*answer);
    co_return encoder_->judge(*answer, batch.samples, std::chrono::system_clock::now());
}

}  // namespace pifleet::forwarder
