#include "forwarder/backends/remote_write.hpp"

#include "common/process/log.hpp"
#include "common/process/run.hpp"
#include "forwarder/backends/http_verdict.hpp"
#include "forwarder/backends/label_changes.hpp"
#include "forwarder/backends/own_secrets.hpp"
#include "forwarder/backends/sent_series.hpp"
#include "forwarder/backends/settings.hpp"
#include "forwarder/backends/write_request.hpp"
#include "forwarder/backends/write_request_v2.hpp"
#include "forwarder/backends/zstd_body.hpp"
#include "forwarder/config/protocol.hpp"

#include <snappy.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_answer = 4096;  // of an error's body: enough to say why
constexpr unsigned zstd_format = 2;        // beside WriteMessage in Encoded::format

WriteMessage message_of(const Encoded& batch) {
    return static_cast<WriteMessage>(batch.format & ~zstd_format);
}

// Not by snappy's own call for strings, which clears, and so makes resident, all that the result might take:
// fifteen times what it does.
Encoded compressed(const std::string& raw, WriteMessage message) {
    const std::unique_ptr<char[]> room(new char[snappy::MaxCompressedLength(raw.size())]);
    std::size_t size = 0;
    snappy::RawCompress(raw.data(), raw.size(), room.get(), &size);
    return {std::string(room.get(), size), static_cast<unsigned>(message)};
}

// The next families from number `from` on, as a request of their own.
Encoded metadata_request(const MetadataTable& metadata, std::size_t from, std::size_t most) {
    std::string raw;
    for (auto n = from; n < metadata.size() && n - from < most; ++n) append_metadata(metadata.at(n), raw);
    return compressed(raw, WriteMessage::v1);
}

}  // namespace

RemoteWrite::RemoteWrite(const BackendConfig& config, const BackendContext& context)
    : config_(config),
      external_(context.external),
      relabeling_(config_.write_relabel_configs, external_),
      names_(external_),
      metadata_(context.metadata),
      client_(context.executor, config_.url, config_.http),
      message_(config_.message),
      zstd_(config_.compression == Compression::zstd),
      newrelic_types_(setting(config_, "type_hints") == "newrelic"),
      fold_labels_(setting(config_, "fold_labels") == "name") {}

void RemoteWrite::reloaded() {
    message_ = config_.message;
    proven_ = false;
    metadata_refused_ = false;
    zstd_ = config_.compression == Compression::zstd;
    zstd_proven_ = false;
}

// Names are looked at for 2.0, too: the receiver may turn out not to know it, and then this batch goes
// as 1.0.
LeftOutCounts RemoteWrite::leave_out(std::vector<Sample>& batch, const SeriesTable& series) {
    LeftOutCounts out;
    out[LeftOut::rules] = relabeling_.leave_out(batch, series);
    names_.look_at(batch, series, relabeling_);
    change_labels(batch, series);
    if (message_ == WriteMessage::v1)
        out[LeftOut::collision] = names_.leave_out_collisions(batch, series, relabeling_);
    return out;
}

void RemoteWrite::change_labels(const std::vector<Sample>& batch, const SeriesTable& series) {
    if (message_ != WriteMessage::v1) return;
    if (newrelic_types_) {
        const SentSeries sent(series, relabeling_, external_, metadata_, &names_);
        const auto type = [&](SeriesId id) {
            const auto name = sent.own_name(id);
            return newrelic_type(name, sent.family(id, name));
        };
        std::string_view wanted;
        names_.change(
            batch,
            series,
            relabeling_,
            [&](SeriesId id) { return !(wanted = type(id)).empty(); },
            [&](LabelBuilder& labels) {
                labels.set("newrelic_metric_type", std::string(wanted));
                return true;
            });
    }
    if (fold_labels_)
        names_.change(
            batch, series, relabeling_, [](SeriesId) { return true; }, fold_labels);
}

Encoded RemoteWrite::encode(std::span<const Sample> samples, const SeriesTable& series) const {
    raw_.clear();
    if (message_ == WriteMessage::v2)
        append_write_request_v2(samples, series, metadata_, external_, raw_, &relabeling_);
    else
        append_write_request(samples, series, external_, raw_, &relabeling_, &names_);
    if (zstd_ && message_ == WriteMessage::v1)
        return {zstd_body(raw_), static_cast<unsigned>(message_) | zstd_format, samples.size()};
    auto encoded = compressed(raw_, message_);
    encoded.samples = samples.size();
    return encoded;
}

Result<PreparedRequest> RemoteWrite::request(const Encoded& batch) const {
    const bool v2 = message_of(batch) == WriteMessage::v2;
    http::Request request;
    request.method = "POST";
    request.target = config_.url.target;
    // Keys travel in such headers; a redirect to another host is not to take them along.
    for (const auto& [name, value] : config_.headers) request.credentials.push_back({name, value});
    request.headers.push_back(
        {"Content-Type",
         v2 ? "application/x-protobuf;proto=io.prometheus.write.v2.Request" : "application/x-protobuf"});
    request.headers.push_back({"Content-Encoding", (batch.format & zstd_format) != 0 ? "zstd" : "snappy"});
    request.headers.push_back({"X-Prometheus-Remote-Write-Version", v2 ? "2.0.0" : "0.1.0"});
    request.headers.push_back(
        {"User-Agent", "pifleet-forwarder/" + std::string(process::build_info().version)});
    request.body = batch.body;
    return client_.prepare(std::move(request));
}

asio::awaitable<Verdict> RemoteWrite::send(const Encoded& batch, const AttemptLimits& limits) {
    const bool v2 = message_of(batch) == WriteMessage::v2;
    // Encoded before the receiver turned out not to know 2.0.
    if (v2 && message_ == WriteMessage::v1)
        co_return Verdict{Verdict::Kind::not_understood, "encoded as 2.0", {}};
    auto prepared = request(batch);
    if (!prepared) co_return Verdict{Verdict::Kind::denied, prepared.error().message, {}};
    const OwnSecrets secrets(prepared->request);
    client_.connect_within(limits.connect);
    auto answer = co_await client_.send(std::move(*prepared), limits.deadline, most_answer);
    if (!answer) co_return Verdict{Verdict::Kind::retry, answer.error().message, {}};
    secrets.hide(*answer);
    if (const auto again = without_zstd(batch, *answer)) co_return *again;
    if (v2 && means_not_understood(*answer, proven_)) co_return fall_back(*answer);
    const auto verdict = verdict_of(*answer, std::chrono::system_clock::now());
    const bool taken = verdict.kind == Verdict::Kind::delivered;
    proven_ = proven_ || (v2 && taken);
    if (taken && metadata_due()) co_await send_metadata(limits.deadline);
    co_return verdict;
}

// What a receiver answers to a body that it cannot unpack. One that has unpacked others means the samples.
std::optional<Verdict> RemoteWrite::without_zstd(const Encoded& batch, const http::Response& answer) {
    if ((batch.format & zstd_format) == 0) return {};
    zstd_proven_ = zstd_proven_ || (answer.status >= 200 && answer.status < 300);
    if (zstd_proven_ || (answer.status != 400 && answer.status != 415)) return {};
    zstd_ = false;
    const auto reason = "status " + std::to_string(answer.status) + " to a body packed by zstd";
    log::warn("backend does not unpack zstd; it gets snappy until the next reload or start",
              {{"backend", name()}, {"error", reason}});
    return Verdict{Verdict::Kind::not_understood, reason};
}

Verdict RemoteWrite::fall_back(const http::Response& answer) {
    message_ = WriteMessage::v1;
    Verdict verdict{Verdict::Kind::not_understood,
                    "status " + std::to_string(answer.status) + " to remote_write 2.0",
                    {}};
    if (answer.status < 300) verdict.reason += ", and no word of how many samples were written";
    if (const auto said = excerpt(answer.body); !said.empty()) verdict.reason += ": " + said;
    log::warn("backend does not understand remote_write 2.0; it gets 1.0 until the next reload or start",
              {{"backend", name()}, {"error", verdict.reason}});
    return verdict;
}

bool RemoteWrite::metadata_due() const {
    return config_.metadata.send && message_ == WriteMessage::v1 && !metadata_refused_ &&
           metadata_.size() > 0 && std::chrono::steady_clock::now() >= next_metadata_;
}

// In requests of their own, as Prometheus does: a receiver that refuses metadata refuses no sample with them.
// Only behind a batch that was taken, so that an outage is not made longer; what fails waits for the next
// time.
asio::awaitable<void> RemoteWrite::send_metadata(std::chrono::steady_clock::time_point deadline) {
    constexpr std::chrono::seconds most_time{5};  // the batches behind it wait
    const auto now = std::chrono::steady_clock::now();
    next_metadata_ = now + config_.metadata.send_interval;
    deadline = std::min(deadline, now + most_time);
    const auto most = static_cast<std::size_t>(config_.metadata.max_samples_per_send);
    for (std::size_t from = 0; from < metadata_.size(); from += most) {
        const auto batch = metadata_request(metadata_, from, most);
        auto prepared = request(batch);
        if (!prepared) co_return;
        const OwnSecrets secrets(prepared->request);
        auto answer = co_await client_.send(std::move(*prepared), deadline, most_answer);
        if (!answer) co_return;
        secrets.hide(*answer);
        const auto verdict = verdict_of(*answer, std::chrono::system_clock::now());
        const bool refused = verdict.kind == Verdict::Kind::refused ||
                             verdict.kind == Verdict::Kind::dropped ||
                             verdict.kind == Verdict::Kind::too_large;
        if (refused) {
            metadata_refused_ = true;
            log::warn("backend refuses metadata; it gets samples only until the next reload or start",
                      {{"backend", name()}, {"error", verdict.reason}});
        }
        if (verdict.kind != Verdict::Kind::delivered) co_return;
    }
}

bool means_not_understood(const http::Response& answer, bool proven) {
    if (answer.status == 415) return true;
    for (const auto header : {"X-Prometheus-Remote-Write-Samples-Written",
                              "X-Prometheus-Remote-Write-Histograms-Written",
                              "X-Prometheus-Remote-Write-Exemplars-Written"})
        if (!http::find_header(answer.headers, header).empty()) return false;
    const bool success = answer.status >= 200 && answer.status < 300;
    return success || (answer.status == 400 && !proven);
}

namespace {

constexpr Setting settings[] = {
    {"type_hints",
     "none",
     "newrelic: the label newrelic_metric_type where New Relic would take a metric for another type than its "
     "page says."},
    {"fold_labels", "none", "name: labels but job and instance become part of the name, for Gnocchi."},
};

std::optional<SettingFault> check(const BackendConfig& config) {
    if (auto wrong = one_of(config, "type_hints", {"none", "newrelic"})) return wrong;
    if (auto wrong = one_of(config, "fold_labels", {"none", "name"})) return wrong;
    if (config.compression == Compression::none || config.compression == Compression::gzip)
        return SettingFault{"compression",
                            "remote_write is packed by snappy, or by zstd for VictoriaMetrics"};
    return {};
}

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    return std::make_unique<RemoteWrite>(config, context);
}

}  // namespace

extern const Protocol remote_write_protocol;
constinit const Protocol remote_write_protocol{
    "remote_write", "Prometheus remote_write 1.0 and 2.0", settings, make, check};

}  // namespace pifleet::forwarder
