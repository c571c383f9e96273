#include "forwarder/discovery/target.hpp"

#include <algorithm>
#include <map>

namespace pifleet::forwarder {

namespace {

using LabelMap = std::map<std::string, std::string>;  // sorted by name, as series want them

// What stands in a query after "name=": everything but letters, digits and -._~ as %XX.
std::string percent_encoded(std::string_view text) {
    constexpr char hex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', hex[byte >> 4], hex[byte & 15]};
        }
    }
    return out;
}

// As Prometheus: the job's params, of each the first value replaced by __param_NAME where a target has it.
std::string query(const ScrapeConfig& job, const LabelMap& labels) {
    std::map<std::string, std::vector<std::string>> params;
    for (const auto& param : job.params) params[param.name] = param.values;
    constexpr std::string_view prefix = "__param_";
    for (const auto& [name, value] : labels) {
        if (!name.starts_with(prefix)) continue;
        auto& values = params[name.substr(prefix.size())];
        if (values.empty())
            values.push_back(value);
        else
            values.front() = value;
    }
    std::string out;
    for (const auto& [name, values] : params)
        for (const auto& value : values)
            out += (out.empty() ? '?' : '&') + percent_encoded(name) + "=" + percent_encoded(value);
    return out;
}

Result<Duration> duration_label(const LabelMap& labels, const std::string& name, Duration preset) {
    const auto found = labels.find(name);
    if (found == labels.end()) return preset;
    auto duration = config::parse_duration(found->second);
    if (!duration) return failure(name + ": " + duration.error().message);
    if (duration->count() == 0) return failure(name + " must be longer than 0");
    return duration;
}

Result<Target> make_target(const ScrapeConfig& job, LabelMap labels) {
    const auto text = labels["__scheme__"] + "://" + labels["__address__"] + labels["__metrics_path__"] +
                      query(job, labels);
    auto url = http::parse_url(text);
    if (!url) return url.error();
    const auto interval = duration_label(labels, "__scrape_interval__", job.interval);
    if (!interval) return interval.error();
    const auto timeout = duration_label(labels, "__scrape_timeout__", job.timeout);
    if (!timeout) return timeout.error();
    labels.try_emplace("instance", labels["__address__"]);
    Target target{&job, std::move(*url), {}, *interval, std::min(*interval, *timeout)};
    for (auto& [name, value] : labels)
        if (!name.starts_with("__") && !value.empty()) target.labels.emplace_back(name, value);
    return target;
}

}  // namespace

const std::string& Target::label(std::string_view name) const {
    static const std::string none;
    const auto found =
        std::find_if(labels.begin(), labels.end(), [name](const auto& label) { return label.first == name; });
    return found == labels.end() ? none : found->second;
}

std::string Target::identity() const {
    std::string out = (url.tls ? "https://" : "http://") + url.authority() + url.target;
    for (const auto& [name, value] : labels) out += "\x01" + name + "\x02" + value;
    return out;
}

bool same_scraping(const Target& a, const Target& b) {
    auto one = *a.job, other = *b.job;
    one.static_configs.clear();
    other.static_configs.clear();
    return a.interval == b.interval && a.timeout == b.timeout && one == other;
}

Result<std::vector<Target>> static_targets(const ScrapeConfig& job) {
    std::vector<Target> targets;
    for (const auto& group : job.static_configs) {
        for (const auto& address : group.targets) {
            LabelMap labels(group.labels.begin(), group.labels.end());
            labels.try_emplace("job", job.job_name);
            labels.try_emplace("__scheme__", job.scheme);
            labels.try_emplace("__metrics_path__", job.metrics_path);
            labels["__address__"] = address;
            auto target = make_target(job, std::move(labels));
            if (!target)
                return failure("job '" + job.job_name + "': target '" + address +
                               "': " + target.error().message);
            targets.push_back(std::move(*target));
        }
    }
    return targets;
}

}  // namespace pifleet::forwarder
