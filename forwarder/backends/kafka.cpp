// Kafka and what speaks its protocol: a record of JSON a sample (kafka_records.hpp). librdkafka is in a
// module, which works in a thread of its own.
#include "common/base/text.hpp"
#include "common/http/url.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/context.hpp"
#include "forwarder/backends/kafka/module.hpp"
#include "forwarder/backends/kafka_records.hpp"
#include "forwarder/backends/loaded_module.hpp"
#include "forwarder/backends/settings.hpp"
#include "forwarder/backends/write_relabeling.hpp"

#include <array>
#include <functional>
#include <memory>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

class Kafka final : public Backend {
  public:
    Kafka(const BackendConfig& config, const BackendContext& context)
        : config_(config),
          external_(context.external),
          relabeling_(config_.write_relabel_configs, external_),
          metadata_(context.metadata) {}

    std::string_view name() const override { return config_.name; }
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SeriesTable& series) override {
        LeftOutCounts out;
        out[LeftOut::rules] = relabeling_.leave_out(batch, series);
        out[LeftOut::unsupported] =
            std::erase_if(batch, [](const Sample& sample) { return !kafka_time(sample.time_ms); });
        return out;
    }
    Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const override {
        const SentSeries sent(series, relabeling_, external_, metadata_);
        return {kafka_records(samples, sent), 0, samples.size()};
    }
    asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override;

  private:
    BackendConfig config_;
    OwnedLabels external_;
    WriteRelabeling relabeling_;
    const MetadataTable& metadata_;
    const PifleetKafkaModule* module_ = nullptr;    // stays loaded
    std::shared_ptr<PifleetKafkaSession> session_;  // of the thread
    BlockingThreads thread_{1};
};

std::string_view codec(Compression compression) {
    constexpr std::string_view names[] = {"gzip", "none", "gzip", "zstd"};
    return names[static_cast<std::size_t>(compression)];
}

// What the thread works with: it may go on after everybody else has gone.
struct Job {
    Job(const BackendConfig& config, std::string password, std::string bytes);
    const PifleetKafkaModule* module = nullptr;
    std::shared_ptr<PifleetKafkaSession> session;
    std::array<std::string, 10> texts;
    PifleetKafkaSettings settings{};
    std::string records;
    PifleetKafkaAnswer answer{};
};

Job::Job(const BackendConfig& config, std::string password, std::string bytes) : records(std::move(bytes)) {
    const auto text = [&config](std::string_view key) { return std::string(setting(config, key)); };
    const auto& tls = config.http.tls;
    texts = {text("brokers"),
             text("topic"),
             text("security"),
             text("mechanism"),
             text("username"),
             std::move(password),
             std::string(codec(config.compression)),
             tls.ca_file,
             tls.cert_file,
             tls.key_file};
    settings = {texts[0].c_str(),
                texts[1].c_str(),
                texts[2].c_str(),
                texts[3].c_str(),
                texts[4].c_str(),
                texts[5].c_str(),
                texts[6].c_str(),
                texts[7].c_str(),
                texts[8].c_str(),
                texts[9].c_str(),
                tls.insecure_skip_verify};
}

asio::awaitable<Verdict> Kafka::send(const Encoded& batch, const AttemptLimits& limits) {
    using Kind = Verdict::Kind;
    auto password = password_of(config_);
    if (!password) co_return Verdict{Kind::denied, password.error().message};
    if (module_ == nullptr) {
        const auto loaded = load_table<PifleetKafkaModule>(
            "pifleet-forwarder-kafka.so", kafka_module_entry, kafka_module_version);
        if (!loaded) co_return Verdict{Kind::denied, loaded.error().message};
        module_ = *loaded;
        session_ = {module_->open(), module_->close};
    }
    auto job = std::make_shared<Job>(config_, std::move(*password), batch.body);
    job->module = module_;
    job->session = session_;
    constexpr std::chrono::milliseconds grace{500};  // a producer that is given up ends its threads
    std::function<void(std::chrono::milliseconds)> work = [job](std::chrono::milliseconds left) {
        const auto& records = job->records;
        job->module->send(
            job->session.get(), &job->settings, records.data(), records.size(), left.count(), &job->answer);
    };
    const auto failed = co_await run_attempt(std::move(work), limits, grace, thread_);
    if (failed) co_return *failed;
    const auto& answer = job->answer;
    constexpr Kind kinds[] = {Kind::delivered, Kind::retry, Kind::denied, Kind::too_large, Kind::refused};
    Verdict verdict{kinds[answer.result], answer.reason};
    if (answer.lost > 0) verdict.kind = Kind::dropped;
    if (answer.lost > 0) verdict.written = batch.samples - answer.lost;
    co_return verdict;
}

constexpr Setting settings[] = {
    {"brokers", "", "host:port of one or more, with commas.", true},
    {"topic", "metrics", "The topic, which must be there."},
    {"security", "plaintext", "plaintext, ssl, sasl_plaintext or sasl_ssl; tls_config has the certificates."},
    {"mechanism", "PLAIN", "Of SASL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."},
    {"username", "", "User name for SASL."},
    {"password_file", "", "File with the password."},
};

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    return std::make_unique<Kafka>(config, context);
}

std::optional<SettingFault> check(const BackendConfig& config) {
    for (const auto broker : split(setting(config, "brokers"), ',')) {
        const auto address = http::parse_host_port(trim(broker));
        if (!address) return SettingFault{"brokers", address.error().message};
        if (address->host.empty()) return SettingFault{"brokers", "expected host:port"};
    }
    if (setting(config, "topic").empty()) return SettingFault{"topic", "must not be empty"};
    if (auto wrong = one_of(config, "security", {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"}))
        return wrong;
    if (auto wrong = one_of(config, "mechanism", {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})) return wrong;
    const bool sasl = setting(config, "security").starts_with("sasl");
    for (const auto key : {"username", "password_file"}) {
        if (sasl && setting(config, key).empty()) return SettingFault{key, "SASL needs it"};
        if (!sasl && !setting(config, key).empty())
            return SettingFault{key, "needs security: sasl_ssl (or sasl_plaintext, for all to read)"};
    }
    return tls_files_only(config, true);
}

}  // namespace

extern const Protocol kafka_protocol;
constinit const Protocol kafka_protocol{
    "kafka", "Kafka: Redpanda, Azure Event Hubs and others", settings, make, check, false};

}  // namespace pifleet::forwarder
