#include "forwarder/commands/scrape.hpp"

#include "common/base/text.hpp"
#include "common/process/command_line.hpp"
#include "common/process/log.hpp"
#include "forwarder/commands/series_line.hpp"
#include "forwarder/commands/target_choice.hpp"
#include "forwarder/discovery/build_targets.hpp"
#include "forwarder/discovery/discovery.hpp"
#include "forwarder/scrape/scrape_loop.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds longest_discovery{10};

constexpr process::Flag flags[] = {
    {"config.file",
     process::FlagKind::text,
     "/etc/pifleet/forwarder.yml",
     "Configuration, in Prometheus's format.",
     true},
};

constexpr process::Program program{
    "pifleet-forwarder scrape",
    "Prints what one scrape yields after relabeling, and what became of it on stderr.",
    "TARGET|JOB [flags]",
    "TARGET is a target's instance, host:port or URL; of several that match, all are scraped.\n"
    "The exit code is 1 when a scrape failed. Samples with times of their own come last.",
};

int complain(std::string_view what) {
    const auto text = std::string(program.name) + ": " + std::string(what) + "\n";
    std::fputs(text.c_str(), stderr);
    return 1;
}

std::int64_t now_ms() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

void print(const Record& record, const SeriesTable& series) {
    std::string out;
    const auto add = [&](SeriesId id, std::uint64_t value_bits) {
        append_series(out, series.labels(id));
        out += ' ';
        append_number(out, std::bit_cast<double>(value_bits));
    };
    for (const auto& reading : record.readings) {
        add(reading.series, reading.value_bits);
        out += '\n';
    }
    for (const auto& sample : record.timed) {
        add(sample.series, sample.value_bits);
        out += ' ' + std::to_string(sample.time_ms) + '\n';
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
}

// Everything of a forwarder that a scrape takes.
class OneScrape {
  public:
    explicit OneScrape(Config config) : config_(std::make_shared<const Config>(std::move(config))) {}

    int run(std::string_view word) {
        auto targets = discover();
        std::vector<Target> meant;
        std::set<std::string> identities;
        for (const auto& target : targets)
            if (is_meant(target, word) && identities.insert(target.identity()).second)
                meant.push_back(target);
        if (meant.empty())
            return complain("no target is meant by '" + std::string(word) + "'; " +
                            what_there_is(*config_, targets));
        scrape(std::move(meant));
        return summarize();
    }

  private:
    // Once, and no longer than it may take.
    std::vector<Target> discover() {
        Discovery discovery(io_, [](const std::string&) {});
        discovery.apply(*config_);
        const auto end = std::chrono::steady_clock::now() + longest_discovery;
        const auto waiting = [&discovery] {
            const auto all = discovery.status();
            return std::any_of(all.begin(), all.end(), [](const auto& one) { return one.refreshes == 0; });
        };
        while (waiting() && io_.run_one_until(end) > 0) {
        }
        for (const auto& one : discovery.status()) {
            const auto error = one.refreshes == 0 ? std::string("no answer yet") : one.error;
            if (!error.empty())
                complain("discovery of job '" + one.job + "' (" + std::string(one.mechanism) + "): " + error);
        }
        std::vector<Target> targets;
        for (const auto& job : config_->scrape_configs) {
            auto built = build_targets(job, discovery.groups(job.job_name));
            for (const auto& what : built.failures) complain(what);
            std::move(built.targets.begin(), built.targets.end(), std::back_inserter(targets));
        }
        return targets;
    }

    void scrape(std::vector<Target> targets) {
        std::size_t ended = 0;
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const ScrapeLoop::Surroundings around{io_,
                                                  series_,
                                                  metadata_,
                                                  now_ms,
                                                  now_ms,
                                                  [] { return std::uint64_t{1}; },
                                                  [this, i, &ended](const Record& record) {
                                                      loops_[i]->stop(false);
                                                      print(record, series_);
                                                      ++ended;
                                                  }};
            const std::shared_ptr<const ScrapeConfig> job(config_, targets[i].job);
            loops_.push_back(std::make_shared<ScrapeLoop>(job, std::move(targets[i]), around));
        }
        for (const auto& loop : loops_) loop->start();
        io_.restart();
        while (ended < loops_.size() && io_.run_one() > 0) {
        }
    }

    // 1 when a scrape failed.
    int summarize() const {
        std::fflush(stdout);
        std::size_t good = 0;
        for (const auto& loop : loops_) {
            const auto& status = loop->status();
            const auto& state = loop->state();
            auto line = "job '" + loop->job().job_name + "', " + loop->target().url.shown() + ": ";
            if (status.health == ScrapeStatus::Health::up) {
                ++good;
                line += std::to_string(status.samples) + " samples, " +
                        std::to_string(status.samples - state.kept()) + " dropped, " +
                        std::to_string(state.duplicates()) + " duplicates, " + number_text(status.seconds) +
                        " s, " + std::to_string(status.bytes) + " bytes";
            } else {
                line += "failed after " + number_text(status.seconds) + " s: " + status.error;
            }
            std::fprintf(stderr, "%s\n", line.c_str());
        }
        return good == loops_.size() ? 0 : 1;
    }

    std::shared_ptr<const Config> config_;
    SeriesTable series_;
    MetadataTable metadata_;
    asio::io_context io_{1};
    std::vector<std::shared_ptr<ScrapeLoop>> loops_;
};

}  // namespace

int scrape_command(std::span<const char* const> words) {
    process::CommandLine line(program);
    line.declare(flags);
    const bool named = !words.empty() && !std::string_view(words[0]).starts_with('-');
    if (const auto code = line.parse(named ? words.subspan(1) : words)) return *code;
    if (!named) return complain("name a target or a job first: " + std::string(program.usage));
    // What a scrape's warnings say stands in the summary.
    if (const auto set = log::set_level("error"); !set) return complain(set.error().message);
    auto config = load_config(line.text("config.file"));
    if (!config) {
        std::fprintf(stderr, "%s\n", config.error().message.c_str());
        return 1;
    }
    return OneScrape(std::move(*config)).run(words[0]);
}

}  // namespace pifleet::forwarder
