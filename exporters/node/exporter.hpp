// The collectors that are switched on, and the page that they fill. Without HTTP: see web.hpp for that.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/kept_files.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

/// The flags that the exporter itself reads, without web and logging.
std::span<const process::Flag> exporter_flags();

/// Which of the exporter's collectors a scrape asks, by their place in names().
using Selection = std::vector<bool>;

class Exporter {
  public:
    /// Makes the collectors; `flags` must have declared exporter_flags() and the registry's. Errors name the
    /// flag.
    static Result<std::unique_ptr<Exporter>> make(const process::CommandLine& flags);

    /// The collectors that are on.
    std::vector<std::string_view> names() const;

    Selection everything() const { return Selection(collectors_.size(), true); }

    /// What ?collect[]= and ?exclude[]= ask for. Naming both, or to collect what does not exist or is off, is
    /// an error whose text the client gets.
    Result<Selection> select(std::span<const std::string> collect,
                             std::span<const std::string> exclude) const;

    /// Asks the selected collectors and gives the page. One thread at a time, always the same one: collectors
    /// keep state from scrape to scrape.
    std::string scrape(const Selection& selection, metrics::Format format);

    /// What one collector told.
    struct Outcome {
        std::string_view name;
        Result<void> result;
        std::size_t samples = 0;
    };
    /// Asks each collector that is on, once. The thread is scrape()'s.
    std::vector<Outcome> try_each();

  private:
    struct Enabled {
        std::string_view name;
        std::unique_ptr<Collector> collector;
        bool failing = false;
    };
    Exporter() = default;
    void run(Enabled& enabled);

    KeptFiles kept_;
    Host host_;
    bool own_metrics_ = true;
    std::vector<Enabled> collectors_;
    metrics::Page page_;
};

}  // namespace pifleet::node
