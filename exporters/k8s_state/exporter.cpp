#include "exporters/k8s_state/exporter.hpp"

#include "common/base/files.hpp"
#include "common/process/log.hpp"
#include "exporters/k8s_state/registry.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace pifleet::k8s {

namespace {

double now_seconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Nothing: no file, and none is needed.
Result<std::optional<std::string>> read_optional(std::string_view flag,
                                                 const std::string& file,
                                                 bool may_miss) {
    if (file.empty()) return std::optional<std::string>();
    auto text = read_file(file);
    if (text) return std::optional<std::string>(std::move(*text));
    if (may_miss && text.error().kind == Error::Kind::absent) return std::optional<std::string>();
    return failure(std::string(flag) + ": " + text.error().message);
}

Result<void> check_shards(const Options& options) {
    if (options.pod.empty() != options.pod_namespace.empty())
        return failure("--pod and --pod-namespace: both are needed, or none");
    if (options.total_shards == 0) return failure("--total-shards: there is one shard at least");
    if (options.pod.empty() && options.shard >= options.total_shards)
        return failure("--shard: " + std::to_string(options.shard) + " is not below --total-shards (" +
                       std::to_string(options.total_shards) + "): the first shard is 0");
    return {};
}

Result<std::vector<CustomResourceConfig>> read_custom(const Options& options,
                                                      const std::optional<std::string>& file_text) {
    const bool inline_text = !options.custom_config.empty();
    if (!inline_text && !file_text) return std::vector<CustomResourceConfig>();
    config::Faults faults(inline_text ? "--custom-resource-state-config" : options.custom_config_file);
    auto out = parse_custom_config(inline_text ? options.custom_config : *file_text, faults);
    if (!faults.empty() || !out) return failure(faults.text());
    return std::move(*out);
}

// What a running server cannot change.
bool servers_differ(const Options& a, const Options& b) {
    const auto parts = [](const Options& o) {
        return std::tie(o.host,
                        o.port,
                        o.telemetry_host,
                        o.telemetry_port,
                        o.tls_config,
                        o.read_timeout,
                        o.read_header_timeout,
                        o.write_timeout,
                        o.idle_timeout);
    };
    return parts(a) != parts(b);
}

}  // namespace

Exporter::Exporter(boost::asio::any_io_executor executor, Options flags, Connect connect)
    : executor_(std::move(executor)),
      flags_(std::move(flags)),
      connect_(std::move(connect)),
      options_(flags_) {}
Exporter::~Exporter() = default;

Result<Exporter::Texts> Exporter::read() const {
    Texts out;
    auto config = read_optional("--config", flags_.config, flags_.continue_without_config);
    if (!config) return config.error();
    out.config = std::move(*config);
    // Where the other file is may be said by the first.
    std::string custom_file = flags_.custom_config_file;
    if (out.config && out.config == texts_.config)
        custom_file = options_.custom_config_file;
    else if (out.config)
        if (const auto options = with_config(flags_, *out.config)) custom_file = options->custom_config_file;
    auto custom = read_optional(
        "--custom-resource-state-config-file", custom_file, flags_.continue_without_custom_config_file);
    if (!custom) return custom.error();
    out.custom = std::move(*custom);
    return out;
}

Result<void> Exporter::begin() {
    auto texts = read();
    if (!texts) return texts.error();
    return apply(*texts);
}

Result<void> Exporter::apply(const Texts& texts) {
    texts_ = texts;
    auto options = flags_;
    if (texts.config) {
        auto read = with_config(flags_, *texts.config);
        if (!read) {
            note_files(texts, false);
            return read.error();
        }
        options = std::move(*read);
    }
    auto done = rebuild(std::move(options), texts);
    note_files(texts, done.has_value());
    return done;
}

Result<void> Exporter::connect(const Options& options) {
    if (api_ && options.apiserver == options_.apiserver && options.kubeconfig == options_.kubeconfig)
        return {};
    auto connected = connect_(options);
    if (!connected) return connected.error();
    custom_watching_.reset();  // what goes on over the old one ends before it
    watching_.reset();
    own_shard_.reset();
    api_ = std::move(*connected);
    log::info("the cluster", {{"server", api_->where}});
    return {};
}

// What can fail comes first; then the old is let go before the new is begun, for memory's sake.
Result<void> Exporter::rebuild(Options options, const Texts& texts) {
    if (const auto good = check_shards(options); !good) return good.error();
    auto plan = make_plan(options, registry());
    if (!plan) return plan.error();
    auto custom = read_custom(options, texts.custom);
    if (!custom) return custom.error();
    std::unique_ptr<OwnShard> own;
    if (!options.pod.empty()) {
        auto made = OwnShard::make(options.pod_namespace, options.pod);
        if (!made) return made.error();
        own = std::move(*made);
    }
    const bool first = api_ == nullptr;
    if (const auto connected = connect(options); !connected) return connected.error();
    for (const auto& warning : plan->warnings)
        log::warn("an option may not be meant as it stands", {{"option", warning}});
    if (!first && servers_differ(options, options_))
        log::warn("addresses, TLS and timeouts of the servers change by a restart only");
    custom_watching_.reset();
    watching_.reset();
    own_shard_ = std::move(own);
    plan_ = std::move(*plan);
    custom_ = std::move(*custom);
    options_ = std::move(options);
    shard_.reset();
    if (own_shard_)
        own_shard_->start(api_->watch);
    else
        shard_ = Shard{static_cast<std::uint32_t>(options_.shard),
                       static_cast<std::uint32_t>(options_.total_shards)};
    if (shard_) begin_watching();
    return {};
}

void Exporter::begin_watching() {
    custom_watching_.reset();
    watching_.reset();
    watching_ =
        std::make_unique<Watching>(plan_, *shard_, options_.stale_after, api_->watch, Watching::Clock::now());
    if (!custom_.empty())
        custom_watching_ = std::make_unique<CustomWatching>(executor_, custom_, options_, *shard_, api_);
}

void Exporter::note_files(const Texts& texts, bool good) {
    const auto note = [&](const char* type, const std::string& name, const std::optional<std::string>& text) {
        if (!text) return;
        auto found = std::find_if(
            files_.begin(), files_.end(), [&](const FileState& file) { return file.type == type; });
        if (found == files_.end()) found = files_.insert(files_.end(), FileState{type, name, 0, false, {}});
        found->name = name;
        found->good = good;
        if (!good) return;
        found->hash = hash_value(*text);
        found->read_at = now_seconds();
    };
    note("config", flags_.config, texts.config);
    note("customresourceconfig", options_.custom_config_file, texts.custom);
}

void Exporter::look() {
    auto texts = read();
    const auto error = texts ? std::string() : texts.error().message;
    if (error != read_error_ && !error.empty())
        log::error("a configuration file cannot be read; going on with what it was", {{"err", error}});
    read_error_ = error;
    if (texts && *texts != texts_) {
        if (const auto done = apply(*texts); !done)
            log::error("the configuration cannot be used; going on with what it was",
                       {{"err", done.error()}});
        else
            log::info("the configuration has been read again");
    }
    if (own_shard_ && own_shard_->shard() && own_shard_->shard() != shard_) {
        shard_ = own_shard_->shard();
        begin_watching();
    }
    if (watching_) watching_->look(Watching::Clock::now());
    if (custom_watching_) custom_watching_->look(Watching::Clock::now());
}

std::vector<std::shared_ptr<const Feed>> Exporter::feeds() {
    std::vector<std::shared_ptr<const Feed>> out;
    for (auto* watching : {watching_.get(), custom_watching_ ? custom_watching_->watching() : nullptr}) {
        if (watching == nullptr) continue;
        watching->look(Watching::Clock::now());  // what has just been listed is shown at once
        out.insert(out.end(), watching->feeds().begin(), watching->feeds().end());
    }
    return out;
}

std::vector<KindStatus> Exporter::status() const {
    std::vector<KindStatus> out;
    if (watching_) out = watching_->status();
    if (custom_watching_ && custom_watching_->watching() != nullptr)
        for (auto& status : custom_watching_->watching()->status()) out.push_back(std::move(status));
    return out;
}

bool Exporter::ready() const {
    const auto all = status();
    return begun() && (!custom_watching_ || custom_watching_->watching() != nullptr) &&
           std::all_of(all.begin(), all.end(), [](const KindStatus& kind) { return kind.settled; });
}

void Exporter::reload() {
    texts_ = Texts{std::string("\0", 1), {}};  // no file is like this
    look();
}

}  // namespace pifleet::k8s
