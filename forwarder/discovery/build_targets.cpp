#include "forwarder/discovery/build_targets.hpp"

#include "common/base/utf8.hpp"
#include "common/http/percent.hpp"
#include "forwarder/relabel/label_builder.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view meta_prefix = "__meta_", internal_prefix = "__", param_prefix = "__param_";

std::string path(std::string_view given) {
    const auto encoded = http::percent_encode(given, "/$&+,:;=@");  // a ? in a path begins no query
    return encoded.starts_with('/') ? encoded : "/" + encoded;
}

// The job's params, of each the first value replaced by __param_NAME where the target has it.
std::string query(const ScrapeConfig& job, const LabelBuilder& labels) {
    std::map<std::string, std::vector<std::string>> params;
    for (const auto& param : job.params) params[param.name] = param.values;
    for (const auto& [name, value] : labels.labels()) {
        if (!name.starts_with(param_prefix)) continue;
        auto& values = params[name.substr(param_prefix.size())];
        if (values.empty())
            values.push_back(value);
        else
            values.front() = value;
    }
    std::string out;
    for (const auto& [name, values] : params)
        for (const auto& value : values)
            out += (out.empty() ? '?' : '&') + http::percent_encode(name) + "=" + http::percent_encode(value);
    return out;
}

void add_defaults(const ScrapeConfig& job, LabelBuilder& labels) {
    labels.set_if_absent("job", job.job_name);
    labels.set_if_absent("__scrape_interval__", config::duration_text(job.interval));
    labels.set_if_absent("__scrape_timeout__", config::duration_text(job.timeout));
    labels.set_if_absent("__metrics_path__", job.metrics_path);
    labels.set_if_absent("__scheme__", job.scheme);
    for (const auto& param : job.params)
        if (!param.values.empty())
            labels.set_if_absent(std::string(param_prefix) + param.name, param.values.front());
}

Result<Duration> duration_label(const LabelBuilder& labels, std::string_view name) {
    auto duration = config::parse_duration(labels.get(name));
    if (!duration) return failure(std::string(name) + ": " + duration.error().message);
    if (duration->count() == 0) return failure(std::string(name) + " must be longer than 0");
    return duration;
}

Result<http::Url> url_of(const ScrapeConfig& job, const LabelBuilder& labels) {
    const std::string address(labels.get("__address__"));
    if (address.empty()) return failure("it has no __address__");
    if (address.find_first_of("/?#@") != std::string::npos)
        return failure("'" + address + "' is no address; expected host:port");
    return http::parse_url(std::string(labels.get("__scheme__")) + "://" + address +
                           path(labels.get("__metrics_path__")) + query(job, labels));
}

// Of labels that relabeling has kept.
Result<Target> make_target(const ScrapeConfig& job, LabelBuilder labels) {
    auto url = url_of(job, labels);
    if (!url) return url.error();
    const auto interval = duration_label(labels, "__scrape_interval__");
    if (!interval) return interval.error();
    const auto timeout = duration_label(labels, "__scrape_timeout__");
    if (!timeout) return timeout.error();
    if (*timeout > *interval)
        return failure("__scrape_timeout__ (" + config::duration_text(*timeout) +
                       ") is longer than __scrape_interval__ (" + config::duration_text(*interval) + ")");
    labels.set_if_absent("instance", std::string(labels.get("__address__")));
    Target target{&job, std::move(*url), {}, *interval, *timeout};
    for (const auto& [name, value] : labels.labels()) {
        if (!name.starts_with(meta_prefix) && !valid_utf8(value))
            return failure("the value of its label " + name + " is no UTF-8");
        if (!name.starts_with(internal_prefix)) target.labels.emplace_back(name, value);
    }
    return target;
}

void build(const ScrapeConfig& job, const std::string& source, const Pairs& discovered, Built& into) {
    LabelBuilder labels(discovered);
    add_defaults(job, labels);
    auto before = labels.labels();
    if (!job.relabel_configs.apply(labels)) {
        const auto most = static_cast<std::uint64_t>(job.keep_dropped_targets);
        if (most == 0 || into.dropped_count < most) into.dropped.push_back(std::move(before));
        ++into.dropped_count;
        return;
    }
    if (auto target = make_target(job, std::move(labels))) {
        target->discovered = std::move(before);
        into.targets.push_back(std::move(*target));
    } else if (++into.failures_count <= Built::most_failures) {
        const std::string address(LabelBuilder(std::move(before)).get("__address__"));
        into.failures.push_back("job '" + job.job_name + "': target '" + address + "' of " + source + ": " +
                                target.error().message);
    }
}

}  // namespace

Built build_targets(const ScrapeConfig& job, std::span<const DiscoveredGroup> groups) {
    Built built;
    for (const auto& group : groups)
        for (const auto& discovered : group.targets) build(job, group.source, discovered, built);
    return built;
}

}  // namespace pifleet::forwarder
