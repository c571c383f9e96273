#include "forwarder/pipeline.hpp"

#include "common/process/build_info.hpp"
#include "common/process/log.hpp"
#include "forwarder/backends/remote_write.hpp"
#include "forwarder/discovery/build_targets.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <map>
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

SenderOptions sender_options(const RemoteWriteConfig& config) {
    SenderOptions options;
    options.batch_samples = static_cast<std::size_t>(config.queue.max_samples_per_send);
    options.gather = config.queue.batch_send_deadline;
    options.timeout = config.remote_timeout;
    options.samples_per_second = static_cast<std::uint64_t>(config.queue.max_samples_per_second);
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
    for (const auto& backend : config.remote_write) {
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
      clock_(std::make_shared<ClockWatch>(io, guard_, [this] { clock_trusted(); })),
      stop_timer_(io),
      tick_timer_(io),
      started_ms_(now_ms()) {
    if (!folder_) return;
    const auto elsewhere = [this](Work work, std::function<void(const Result<void>&)> done) {
        offload(std::move(work), std::move(done));
    };
    log_.keep_in(std::make_unique<Store>(*folder_, series_, storage, elsewhere));
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
    auto loaded = load_config(config_file_);
    if (!loaded) {
        load_error_ = loaded.error().message;
        return loaded.error();
    }
    auto config = std::make_shared<const Config>(std::move(*loaded));
    auto discovered = discover(*config);
    if (!discovered) {
        load_error_ = config_file_ + ": " + discovered.error().message;
        return failure(load_error_);
    }
    for (const auto& notice : config->notices) log::info("accepted without effect", {{"key", notice}});
    clock_->configure(clock_options(config->clock, log_.newest_ms()), date_host(*config));
    // Backends first: what the first scrapes yield is owed to all of them.
    apply_backends(*config);
    if (!config_) log_.forget_others();
    apply_targets(config, std::move(discovered->targets));
    dropped_ = std::move(discovered->dropped);
    dropped_count_ = discovered->dropped_count;
    config_ = std::move(config);
    loaded_ms_ = now_ms();
    load_error_.clear();
    return {};
}

Result<Pipeline::Discovered> Pipeline::discover(const Config& config) const {
    Discovered all;
    for (const auto& job : config.scrape_configs) {
        auto built = build_targets(job, static_groups(job));
        // Without rules that might mend or drop it, an address that is none is the configuration's mistake.
        if (job.relabel_configs.empty() && !built.failures.empty()) return failure(built.failures.front());
        for (const auto& what : built.failures) log::warn("target cannot be scraped", {{"error", what}});
        std::move(built.targets.begin(), built.targets.end(), std::back_inserter(all.targets));
        for (auto& labels : built.dropped) all.dropped.push_back({job.job_name, std::move(labels)});
        all.dropped_count += built.dropped_count;
    }
    return all;
}

void Pipeline::apply_targets(const std::shared_ptr<const Config>& config, std::vector<Target> targets) {
    std::map<std::string, std::shared_ptr<ScrapeLoop>> before;
    for (auto& loop : loops_) before.emplace(loop->target().identity(), loop);
    const ScrapeLoop::Surroundings around{io_,
                                          series_,
                                          metadata_,
                                          now_ms,
                                          [this] { return clock_->stamp(); },
                                          [this] { return log_.end() + held_.size() + 1; },
                                          [this](Record record) { append(std::move(record)); }};
    std::vector<std::shared_ptr<ScrapeLoop>> after, fresh;
    for (auto& target : targets) {
        const auto identity = target.identity();
        const auto known = before.find(identity);
        if (known != before.end() && same_scraping(known->second->target(), target)) {
            known->second->set_discovered(std::move(target.discovered));
            after.push_back(known->second);
            before.erase(known);
            continue;
        }
        const bool twice = std::any_of(after.begin(), after.end(), [&](const auto& loop) {
            return loop->target().identity() == identity;
        });
        if (twice) {
            log::warn("target is named twice; it is scraped once", {{"target", target.url.shown()}});
            continue;
        }
        std::shared_ptr<const ScrapeConfig> job(config, target.job);
        fresh.push_back(std::make_shared<ScrapeLoop>(std::move(job), std::move(target), around));
        after.push_back(fresh.back());
    }
    for (auto& [identity, loop] : before) loop->stop(true);
    loops_ = std::move(after);
    for (auto& loop : fresh) loop->start();
}

void Pipeline::apply_backends(const Config& config) {
    std::vector<Backend> after;
    for (const auto& wanted : config.remote_write) {
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

std::shared_ptr<Sender> Pipeline::make_sender(const RemoteWriteConfig& config, const Pairs& external_labels) {
    const Sender::Surroundings around{
        io_,
        log_,
        series_,
        now_ms,
        [this] { return std::uniform_real_distribution<double>(0, 1)(random_); },
        [this] { series_.sweep(log_.begin()); }};
    auto backend = std::make_unique<RemoteWrite>(io_.get_executor(), config, external_labels, metadata_);
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
}

void Pipeline::hand_over(Record record) {
    log_.append(std::move(record));
    series_.sweep(log_.begin());
    for (auto& backend : backends_) backend.sender->wake();
}

void Pipeline::stop(std::function<void()> ended) {
    clock_->stop();
    if (held_.samples() > 0)
        log::warn("samples are lost: the clock was never trusted", {{"samples", held_.samples()}});
    for (auto& loop : loops_) loop->stop(false);
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
