#include "tests/bench/house/ledger.hpp"

#include "remote_write.pb.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace pifleet::bench {

namespace {

bool made_by_the_sender(std::string_view name) {
    return name == "up" || name.substr(0, 7) == "scrape_";
}

}  // namespace

void Ledger::take(const remote_write::TimeSeries& series) {
    key_.clear();
    for (const auto& label : series.labels()) {
        if (label.name() == "__name__" && made_by_the_sender(label.value())) return;
        key_.append(label.name()).append("\xff").append(label.value()).append("\xff");
    }
    auto& account = accounts_[key_];
    for (const auto& sample : series.samples()) {
        if (std::isnan(sample.value())) continue;
        const auto number = static_cast<std::size_t>(std::fmod(sample.value(), scrapes_at_most));
        if (number < account.seen.size() && account.seen[number]) {
            ++repeated_;
            continue;
        }
        disordered_ += number < account.seen.size() || sample.timestamp() <= account.newest_ms;
        if (number >= account.seen.size()) account.seen.resize(number + 1);
        account.seen[number] = true;
        account.newest_ms = std::max(account.newest_ms, sample.timestamp());
    }
}

Counts Ledger::counts() const {
    Counts counts{accounts_.size(), 0, repeated_, disordered_};
    for (const auto& [key, account] : accounts_)
        if (!account.seen.empty())  // there is no scrape number 0
            counts.lost +=
                static_cast<std::uint64_t>(std::count(account.seen.begin() + 1, account.seen.end(), false));
    return counts;
}

}  // namespace pifleet::bench
