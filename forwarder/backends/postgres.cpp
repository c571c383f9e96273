#include "forwarder/backends/postgres.hpp"

#include "common/base/text.hpp"
#include "common/process/log.hpp"
#include "forwarder/backends/loaded_module.hpp"
#include "forwarder/backends/settings.hpp"
#include "forwarder/backends/sql_batch.hpp"
#include "forwarder/backends/sql_verdict.hpp"
#include "forwarder/backends/values.hpp"
#include "forwarder/config/protocol.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

constexpr std::int64_t day_ms = 86'400'000, most_time_ms = 253'402'300'799'999;  // the end of the year 9999
constexpr std::string_view dialects[] = {"postgresql", "timescaledb", "cockroachdb", "cratedb"};
constexpr const char* system_certificates = "/etc/ssl/certs/ca-certificates.crt";

std::int64_t days_of(std::string_view retention) {
    const auto duration = config::parse_duration(retention);
    return duration ? (duration->count() + day_ms - 1) / day_ms : 0;
}

}  // namespace

// What the thread works with: it may go on after everybody else has gone.
struct Postgres::Job {
    Job(const BackendConfig& config, std::string password, std::int64_t retention_days, std::string bytes);

    const PifleetSqlModule* module = nullptr;
    std::shared_ptr<PifleetSqlSession> session;
    std::array<std::string, 9> texts;
    PifleetSqlSettings settings{};
    SqlBatch batch;
    PifleetSqlAnswer answer{};
};

Postgres::Job::Job(const BackendConfig& config, std::string password, std::int64_t days, std::string bytes)
    : batch(std::move(bytes)) {
    const auto text = [&config](std::string_view key) { return std::string(setting(config, key)); };
    const auto& tls = config.http.tls;
    texts = {text("host"),
             text("port"),
             text("database"),
             text("user"),
             std::move(password),
             text("sslmode"),
             tls.ca_file,
             tls.cert_file,
             tls.key_file};
    // libpq would look in a home folder that a service has not.
    if (texts[6].empty() && texts[5].starts_with("verify")) texts[6] = system_certificates;
    settings = {texts[0].c_str(),
                texts[1].c_str(),
                texts[2].c_str(),
                texts[3].c_str(),
                texts[4].c_str(),
                texts[5].c_str(),
                texts[6].c_str(),
                texts[7].c_str(),
                texts[8].c_str(),
                "postgresql",
                days};
    for (const auto dialect : dialects)
        if (dialect != "timescaledb" && dialect == setting(config, "dialect"))
            settings.dialect = dialect.data();
}

Postgres::Postgres(const BackendConfig& config, const BackendContext& context)
    : config_(config),
      external_(context.external),
      relabeling_(config_.write_relabel_configs, external_),
      metadata_(context.metadata),
      retention_days_(days_of(setting(config_, "retention"))) {}

// What retention would drop at once is not sent, so that no day is made for it.
LeftOutCounts Postgres::leave_out(std::vector<Sample>& batch, const SeriesTable& series) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto oldest = retention_days_ > 0 ? (now.count() / day_ms - retention_days_) * day_ms : 0;
    LeftOutCounts out;
    out[LeftOut::rules] = relabeling_.leave_out(batch, series);
    out[LeftOut::too_old] =
        std::erase_if(batch, [oldest](const Sample& sample) { return sample.time_ms < oldest; });
    out[LeftOut::unsupported] =
        std::erase_if(batch, [](const Sample& sample) { return sample.time_ms > most_time_ms; });
    return out;
}

Encoded Postgres::encode(std::span<const Sample> samples, const SeriesTable& series) const {
    return {sql_batch(samples, SentSeries(series, relabeling_, external_, metadata_)), 0, samples.size()};
}

asio::awaitable<Verdict> Postgres::send(const Encoded& batch, const AttemptLimits& limits) {
    auto password = password_of(config_);
    if (!password) co_return Verdict{Verdict::Kind::denied, password.error().message};
    if (module_ == nullptr) {
        const auto loaded = load_table<PifleetSqlModule>(
            "pifleet-forwarder-postgres.so", sql_module_entry, sql_module_version);
        if (!loaded) co_return Verdict{Verdict::Kind::denied, loaded.error().message};
        module_ = *loaded;
        session_ = {module_->open(), module_->close};
    }
    auto job = std::make_shared<Job>(config_, std::move(*password), retention_days_, batch.body);
    job->module = module_;
    job->session = session_;
    constexpr std::chrono::milliseconds grace{100};  // its own answer says more than that there was none
    std::function<void(std::chrono::milliseconds)> work = [job](std::chrono::milliseconds left) {
        const auto view = job->batch.view();
        job->module->send(job->session.get(), &job->settings, &view, left.count(), &job->answer);
    };
    const auto failed = co_await run_attempt(std::move(work), limits, grace, thread_);
    if (failed) co_return *failed;
    const auto& answer = job->answer;
    if (*answer.notice != '\0') log::warn(answer.notice, {{"backend", name()}});
    if (answer.done) co_return Verdict{};
    co_return verdict_of_sqlstate(answer.sqlstate, answer.reason);
}

namespace {

constexpr Setting settings[] = {
    {"host", "", "The server's name or address, or the folder of its socket.", true},
    {"port", "5432", "Its port."},
    {"database", "", "The database, which must be there.", true},
    {"user", "", "User name.", true},
    {"password_file", "", "File with the password."},
    {"sslmode", "prefer", "libpq's sslmode; tls_config has the certificates."},
    {"dialect", "postgresql", "postgresql (TimescaleDB is found by itself), cockroachdb or cratedb."},
    {"retention", "0d", "How long samples are kept, in days; 0d: for ever."},
};

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    return std::make_unique<Postgres>(config, context);
}

std::optional<SettingFault> check(const BackendConfig& config) {
    const auto port = to_unsigned(setting(config, "port"));
    if (!port || *port == 0 || *port > 65'535) return SettingFault{"port", "expected a port"};
    for (const auto key : {"host", "database", "user"})
        if (setting(config, key).empty()) return SettingFault{key, "must not be empty"};
    if (auto wrong =
            one_of(config, "sslmode", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}))
        return wrong;
    if (auto wrong = one_of(config, "dialect", {"postgresql", "timescaledb", "cockroachdb", "cratedb"}))
        return wrong;
    if (auto wrong = tls_files_only(config, false)) return wrong;
    const auto retention = config::parse_duration(setting(config, "retention"));
    if (!retention) return SettingFault{"retention", retention.error().message};
    return {};
}

}  // namespace

extern const Protocol postgres_protocol;
constinit const Protocol postgres_protocol{
    "postgres", "SQL: PostgreSQL, TimescaleDB, CockroachDB, CrateDB", settings, make, check, false};

}  // namespace pifleet::forwarder
