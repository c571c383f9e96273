// From a file to a configuration that can be run: reading, then what a single key cannot know.
#include "common/base/files.hpp"
#include "common/base/glob.hpp"
#include "common/base/utf8.hpp"
#include "forwarder/config/environment.hpp"
#include "forwarder/config/masking.hpp"
#include "forwarder/config/tables.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>

namespace pifleet::forwarder {

using config::Faults;
using config::Node;

namespace {

constexpr std::size_t most_config_bytes = 4 * 1024 * 1024;

// A job takes from `global` what it does not say itself.
void inherit(ScrapeConfig& job, const Global& global, const Node& node, Faults& faults) {
    if (job.interval.count() == 0) job.interval = global.scrape_interval;
    const bool own_timeout = job.timeout.count() != 0;
    if (!own_timeout) job.timeout = std::min(global.scrape_timeout, job.interval);
    if (own_timeout && job.timeout > job.interval)
        faults.add(node.find("scrape_timeout")->place,
                   "scrape_timeout (" + config::duration_text(job.timeout) +
                       ") is longer than scrape_interval (" + config::duration_text(job.interval) + ")");
    const auto take = [&node](const char* key, auto& own, const auto& from) {
        if (node.find(key) == nullptr) own = from;
    };
    take("body_size_limit", job.body_size_limit, global.body_size_limit);
    take("sample_limit", job.sample_limit, global.sample_limit);
    take("label_limit", job.label_limit, global.label_limit);
    take("label_name_length_limit", job.label_name_length_limit, global.label_name_length_limit);
    take("label_value_length_limit", job.label_value_length_limit, global.label_value_length_limit);
    take("target_limit", job.target_limit, global.target_limit);
    take("extra_scrape_metrics", job.extra_scrape_metrics, global.extra_scrape_metrics);
    if (job.keep_dropped_targets == 0) job.keep_dropped_targets = global.keep_dropped_targets;
    inherit(job.protocols, global.protocols, node, faults);
    job.learn_node_name = global.learn_node_name;
}

bool wants_protobuf(const ScrapeConfig& job) {
    const auto& list = job.protocols.list;
    return std::find(list.begin(), list.end(), ScrapeProtocol::protobuf) != list.end();
}

// Names of things in a list must differ.
void expect_unique(const std::vector<const Node*>& items,
                   std::string_view key,
                   const std::vector<std::string>& names,
                   Faults& faults) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty() || seen.insert(names[i]).second) continue;
        const auto* named = items[i]->find(key);
        faults.add(named != nullptr ? named->place : items[i]->place,
                   "the name '" + names[i] + "' is taken by an earlier one; give this one another " +
                       std::string(key));
    }
}

// A label that comes out empty is none: no receiver takes one.
void expand_external_labels(const Node& global, Config& config, Faults& faults) {
    const auto value_of = [&config](const std::string& name) {
        const char* const value = std::getenv(name.c_str());
        if (value != nullptr && *value != '\0') return std::string(value);
        config.warnings.push_back("external_labels: the environment variable '" + name +
                                  "' is not set or empty");
        return std::string();
    };
    auto& labels = config.global.external_labels;
    for (auto& [name, value] : labels) {
        value = expand_variables(value, value_of);
        if (valid_utf8(value)) continue;
        faults.add(global.find("external_labels")->place,
                   "the label '" + name + "' is no UTF-8 with what the environment variables say");
    }
    std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
}

void check(const Node& root, Config& config, Faults& faults) {
    std::vector<std::string> names;
    const auto* global = root.find("global");
    if (global != nullptr) expand_external_labels(*global, config, faults);
    complete(config.global.protocols, global != nullptr ? *global : root, faults);
    if (const auto* jobs = root.find("scrape_configs")) {
        for (std::size_t i = 0; i < config.scrape_configs.size(); ++i) {
            inherit(config.scrape_configs[i], config.global, jobs->items[i], faults);
            names.push_back(config.scrape_configs[i].job_name);
        }
        std::vector<const Node*> items;
        for (const auto& item : jobs->items) items.push_back(&item);
        expect_unique(items, "job_name", names, faults);
        if (std::any_of(config.scrape_configs.begin(), config.scrape_configs.end(), wants_protobuf))
            config.notices.push_back(
                "PrometheusProto: No effect: it is not asked for, the text formats are.");
    }
}

// Two receivers on one host are usual at home; only names that were given must differ.
void name_backends(const std::vector<const Node*>& entries, Config& config, Faults& faults) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < config.backends.size(); ++i) {
        auto& backend = config.backends[i];
        if (backend.queue.max_samples_per_send > BackendConfig::most_series) {
            backend.queue.max_samples_per_send = BackendConfig::most_series;
            config.notices.push_back("max_samples_per_send: No effect beyond " +
                                     std::to_string(BackendConfig::most_series) + ".");
        }
        const bool named = entries[i]->find("name") != nullptr;
        const auto taken = [&] { return std::count(names.begin(), names.end(), backend.name) > 0; };
        if (!named && taken()) backend.name += ":" + std::to_string(backend.url.port);
        if (!named && taken()) backend.name += "#" + std::to_string(i + 1);
        names.push_back(backend.name);
    }
    expect_unique(entries, "name", names, faults);
}

void read_backends(const Node& root, const Catalogue& catalogue, Config& config, Faults& faults) {
    std::vector<const Node*> entries;
    if (const auto* list = root.find("remote_write"))
        for (std::size_t i = 0; i < config.backends.size(); ++i) entries.push_back(&list->items[i]);
    const auto& list = config.backend_entries;
    if (list.kind != Node::Kind::null && config::expect_sequence(list, faults)) {
        for (const auto& entry : list.items) {
            read_backend(entry, catalogue, config.backends.emplace_back(), faults);
            entries.push_back(&entry);
        }
    }
    name_backends(entries, config, faults);
}

}  // namespace

std::optional<Config> parse_config(std::string_view text, Faults& faults, const Catalogue& catalogue) {
    const auto root = config::parse_yaml(text, faults);
    if (!root) return std::nullopt;
    Config config;
    if (root->kind == Node::Kind::null)
        faults.add({1, 1}, "the file is empty; expected scrape_configs and remote_write or backends");
    read_config(*root, config, faults);
    check(*root, config, faults);
    read_backends(*root, catalogue, config, faults);
    if (!faults.empty()) return std::nullopt;
    config.shown = shown_config(*root);
    return config;
}

namespace {

// The jobs of one of scrape_config_files. `owners`: the job names there are and the files that have them.
Result<void> add_jobs_of(const std::string& file,
                         std::map<std::string, std::string>& owners,
                         Config& config) {
    const auto text = read_file(file, most_config_bytes);
    if (!text) return text.error();
    Faults faults(file);
    Config part;
    if (const auto root = config::parse_yaml(*text, faults)) {
        read_scrape_config_file(*root, part, faults);
        const auto* jobs = root->find("scrape_configs");
        for (std::size_t i = 0; i < part.scrape_configs.size(); ++i) {
            auto& job = part.scrape_configs[i];
            const auto& node = jobs->items[i];
            inherit(job, config.global, node, faults);
            const auto [owner, is_new] = owners.emplace(job.job_name, file);
            if (!is_new && !job.job_name.empty())
                faults.add(node.find("job_name")->place,
                           "the name '" + job.job_name + "' is taken by a job in " + owner->second +
                               "; give this one another job_name");
        }
    }
    if (!faults.empty()) return failure(faults.text());
    std::move(
        part.scrape_configs.begin(), part.scrape_configs.end(), std::back_inserter(config.scrape_configs));
    return {};
}

Result<void> read_scrape_config_files(const std::string& path, Config& config) {
    std::map<std::string, std::string> owners;
    for (const auto& job : config.scrape_configs) owners.emplace(job.job_name, path);
    std::set<std::string> files;
    for (const auto& pattern : config.scrape_config_files)
        for (const auto& file : matching_files(pattern)) files.insert(file);
    std::string said;
    for (const auto& file : files)
        if (const auto added = add_jobs_of(file, owners, config); !added)
            said += (said.empty() ? "" : "\n") + added.error().message;
    if (!said.empty()) return failure(said);
    return {};
}

}  // namespace

Result<Config> load_config(const std::string& path, const Catalogue& catalogue) {
    const auto text = read_file(path, most_config_bytes);
    if (!text) return failure(text.error().message + "; name the configuration with --config.file");
    Faults faults(path);
    auto config = parse_config(*text, faults, catalogue);
    if (!config) return failure(faults.text());
    const auto read = read_scrape_config_files(path, *config);
    if (!read) return read.error();
    return std::move(*config);
}

}  // namespace pifleet::forwarder
