#include "forwarder/pipeline.hpp"

#include "common/process/build_info.hpp"
#include "common/process/log.hpp"
#include "forwarder/backends/catalogue.hpp"
#include "forwarder/backends/context.hpp"
#include "forwarder/backends/registry.hpp"
#include "forwarder/config/own_metrics.hpp"
#include "forwarder/discovery/build_targets.hpp"
#include "forwarder/guard/held_file.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::chrono::seconds tick_every{2};
constexpr std::chrono::milliseconds last_attempt{
    800};  // a stop takes less than a second, whatever a backend does

std::int64_t now_ms() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

SenderOptions sender_options(const BackendConfig& config) {
    SenderOptions options;
    options.batch_samples = static_cast<std::size_t>(config.queue.max_samples_per_send);
    options.gather = config.queue.batch_send_deadline;
    options.timeout = config.remote_timeout;
    options.samples_per_second = static_cast<std::uint64_t>(config.queue.max_samples_per_second);
    options.max_age = config.max_sample_age;
    if (options.max_age.count() == 0) options.max_age = find_protocol(config.protocol)->max_age;
    options.limits.backoff.first = config.queue.min_backoff;
    options.limits.backoff.most = config.queue.max_backoff;
    options.switches = {config.queue.probe_on_denied, config.queue.split_on_413, config.queue.bisect_on_400};
    return options;
}

// A right clock is later than this program, and than what it left on the disk.
ClockGuardOptions clock_options(const ClockConfig& config, std::int64_t newest_ms) {
    return {config.check, config.max_hold.count(), std::max(process::build_info().time * 1000, newest_ms)};
}

// Whose Date the clock may be compared with: the first backend that is not on this machine.
std::optional<http::Url> date_host(const Config& config) {
    for (const auto& backend : config.backends) {
        if (!may_be_another_host(backend.url)) continue;
        http::Url origin;  // without user, path and query: there may be keys in them
        origin.tls = backend.url.tls;
        origin.host = backend.url.host;
        origin.port = backend.url.port;
        return origin;
    }
    return std::nullopt;
}

}  // namespace

Pipeline::Pipeline(boost::asio::io_context& io,
                   std::string config_file,
                   std::unique_ptr<Folder> folder,
                   StoreOptions storage)
    : io_(io),
      config_file_(std::move(config_file)),
      storage_(storage),
      folder_(std::move(folder)),
      discovery_(io, [this](const std::string& job) { targets_.update(job); }),
      targets_({io,
                series_,
                metadata_,
                now_ms,
                [this] { return clock_->stamp(); },
                [this] { return log_.end() + held_.size() + 1; },
                [this](Record record) { append(std::move(record)); }},
               [this](const std::string& job) { return discovery_.groups(job); }),
      clock_(std::make_shared<ClockWatch>(io, guard_, [this] { clock_trusted(); })),
      stop_timer_(io),
      tick_timer_(io),
      started_ms_(now_ms()) {
    if (!folder_) return;
    const auto elsewhere = [this](Work work, std::function<void(const Result<void>&)> done) {
        offload(std::move(work), std::move(done));
    };
    log_.keep_in(std::make_unique<Store>(*folder_, series_, storage, elsewhere));
    recall_held();
    tick();
}

void Pipeline::offload(Work work, std::function<void(const Result<void>&)> done) {
    boost::asio::post(disk_, [this, work = std::move(work), done = std::move(done)] {
        boost::asio::post(io_, [outcome = work(), done] { done(outcome); });
    });
}

void Pipeline::tick() {
    tick_timer_.expires_after(tick_every);
    tick_timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        log_.tick();
        tick();
    });
}

Pipeline::~Pipeline() = default;

Result<void> Pipeline::load() {
    auto loaded = load_config(config_file_, catalogue());
    if (!loaded) {
        load_error_ = loaded.error().message;
        return loaded.error();
    }
    auto config = std::make_shared<const Config>(std::move(*loaded));
    // A target that stands in the file, cannot be one, and that no rule could mend or drop is a fault of the
    // file; of others the log tells.
    for (const auto& job : config->scrape_configs) {
        const auto built = build_targets(job, static_groups(job));
        if (built.failures.empty() || !job.relabel_configs.empty()) continue;
        load_error_ = config_file_ + ": " + built.failures.front();
        return failure(load_error_);
    }
    for (const auto& warning : config->warnings) log::warn("configuration", {{"warning", warning}});
    for (const auto& notice : config->notices) log::info("accepted without effect", {{"key", notice}});
    const bool was_noted = config_ && scrapes_prometheus_itself(*config_);
    if (scrapes_prometheus_itself(*config) && !was_noted)
        log::info(
            "the job prometheus scrapes a Prometheus on this machine; if the forwarder has taken its place, "
            "let the job scrape the forwarder's own /metrics, at --web.listen-address (127.0.0.1:9095)");
    clock_->configure(clock_options(config->clock, log_.newest_ms()), date_host(*config));
    // Backends first: what the first scrapes yield is owed to all of them.
    apply_backends(*config);
    if (!config_) log_.forget_others();
    discovery_.apply(*config);
    targets_.reload(config);
    config_ = std::move(config);
    loaded_ms_ = now_ms();
    load_error_.clear();
    return {};
}

void Pipeline::apply_backends(const Config& config) {
    std::vector<Backend> after;
    for (const auto& wanted : config.backends) {
        const auto known = std::find_if(backends_.begin(), backends_.end(), [&](const Backend& backend) {
            return backend.sender && backend.config == wanted &&
                   backend.external_labels == config.global.external_labels;
        });
        if (known != backends_.end()) {
            known->sender->reloaded();
            after.push_back(
                {wanted, known->external_labels, std::exchange(known->sender, nullptr), known->waits_for});
        } else {
            after.push_back(
                {wanted, config.global.external_labels, make_sender(wanted, config.global.external_labels)});
        }
    }
    for (auto& gone : backends_) {
        if (!gone.sender) continue;
        // Its successor of the same name goes on where it ends: what waits is lost to no reload.
        const auto next = std::find_if(after.begin(), after.end(), [&](const Backend& backend) {
            return backend.sender->name() == gone.sender->name();
        });
        if (next != after.end())
            next->waits_for = gone.waits_for != nullptr ? gone.waits_for : gone.sender.get();
        if (gone.waits_for == nullptr) gone.sender->stop(last_attempt);
    }
    backends_ = std::move(after);
    for (auto& backend : backends_)
        if (backend.waits_for == nullptr) start_sender(backend.sender);
}

std::shared_ptr<Sender> Pipeline::make_sender(const BackendConfig& config, const Pairs& external_labels) {
    const Sender::Surroundings around{
        io_,
        log_,
        series_,
        now_ms,
        [this] { return std::uniform_real_distribution<double>(0, 1)(random_); },
        [this] { series_.sweep(log_.begin()); }};
    auto backend =
        find_protocol(config.protocol)
            ->make(
                config,
                {io_.get_executor(), external_labels, metadata_, folder_ ? folder_->path() : std::string()});
    return std::make_shared<Sender>(std::move(backend), sender_options(config), around);
}

void Pipeline::start_sender(const std::shared_ptr<Sender>& sender) {
    if (sender->started()) return;
    ++senders_running_;
    sender->start([this, ending = sender.get()] { sender_ended(ending); });
}

void Pipeline::append(Record record) {
    if (!guard_.trusted()) return held_.add(std::move(record));
    HeldRecords::resolve(record, guard_);  // a scrape that began before the clock was trusted
    hand_over(std::move(record));
}

void Pipeline::clock_trusted() {
    held_.release(guard_, [this](Record record) { hand_over(std::move(record)); });
    for (const auto id : std::exchange(recalled_, {})) series_.release(id, log_.end() + 1);
}

// What waited for the clock when the program was stopped.
void Pipeline::recall_held() {
    auto kept = take_held(*folder_, series_, boot_id());
    if (kept.other_boots > 0)
        log::warn("samples of before the machine's start are lost: their time was never known",
                  {{"samples", kept.other_boots}});
    for (auto& record : kept.records) held_.add(std::move(record));
    recalled_ = std::move(kept.uses);
}

void Pipeline::keep_held() {
    const auto samples = held_.samples();
    if (samples == 0) return;
    auto records = held_.take_all();
    for (auto& record : records)  // these know their times
        if (!record.timed.empty()) log_.append({0, {}, std::move(record.timed)});
    const auto boot = boot_id();
    auto saved = folder_ && !boot.empty() ? save_held(*folder_, series_, boot, records)
                                          : Result<void>(failure("there is no folder to keep them in"));
    if (saved)
        log::info("samples wait for the clock; they are kept for the next start", {{"samples", samples}});
    else
        log::warn("samples are lost: the clock was never trusted",
                  {{"samples", samples}, {"error", saved.error()}});
}

void Pipeline::hand_over(Record record) {
    log_.append(std::move(record));
    series_.sweep(log_.begin());
    for (auto& backend : backends_) backend.sender->wake();
}

void Pipeline::stop(std::function<void()> ended) {
    clock_->stop();
    discovery_.stop();
    targets_.stop();
    keep_held();
    log_.begin_stop();
    for (auto& backend : backends_) backend.sender->stop(last_attempt);
    ended_ = std::move(ended);
    stop_timer_.expires_after(senders_running_ == 0 ? std::chrono::milliseconds(0) : last_attempt);
    stop_timer_.async_wait([this](const boost::system::error_code&) {
        log_.finish();
        ended_();
    });
}

void Pipeline::sender_ended(const Sender* sender) {
    --senders_running_;
    for (auto& backend : backends_) {
        if (backend.waits_for != sender) continue;
        backend.waits_for = nullptr;
        if (!ended_) start_sender(backend.sender);
    }
    if (senders_running_ == 0 && ended_) stop_timer_.cancel();
}

}  // namespace pifleet::forwarder
