// The exporter's own metrics: how well it knows the cluster. Under kube-state-metrics's names where its
// dashboards and alerts look for them.
#pragma once

#include "common/metrics/page.hpp"
#include "exporters/k8s_state/shards.hpp"
#include "exporters/k8s_state/watching.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pifleet::k8s {

/// A configuration file, as it was last read.
struct FileState {
    std::string type;  // "config", "customresourceconfig"
    std::string name;
    double hash = 0;
    bool good = false;
    std::optional<double> read_at;  // seconds since 1970, of the last one that was good
};

/// How long scrapes took, from the request to the end of the answer.
class ScrapeTimes {
  public:
    void add(std::chrono::steady_clock::duration time);
    void write(metrics::Page& page) const;

  private:
    static constexpr double bounds[] = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
    std::uint64_t counts_[std::size(bounds)] = {};
    std::uint64_t all_ = 0;
    double seconds_ = 0;
};

void add_own_metrics(metrics::Page& page, const std::vector<KindStatus>& kinds, Shard shard);
void add_file_metrics(metrics::Page& page, const std::vector<FileState>& files);
void add_build_info(metrics::Page& page);

/// A hash of a file for a metric: 48 bits, which a double holds.
double hash_value(std::string_view text);

}  // namespace pifleet::k8s
