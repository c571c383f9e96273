#include "forwarder/delivery/bisection.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace pifleet::forwarder {

void Bisection::begin(std::vector<Sample>& samples, Known known) {
    samples_.swap(samples);
    known_ = std::move(known);
    parts_.clear();
    slices_.clear();
    slice_begin_ = 0;
    cut_ = false;
    if (samples_.empty()) return;
    const bool some_known =
        std::any_of(samples_.begin(), samples_.end(), [this](const Sample& s) { return known_(s.series); });
    if (some_known) {
        cut_by_time();
    } else {
        parts_.push_back({0, samples_.size(), 0, false, false});
        choose();
    }
}

std::span<const Sample> Bisection::next() const {
    return std::span(samples_).subspan(parts_[next_].begin, size(parts_[next_]));
}

bool Bisection::one_series(const Part& part) const {
    const auto first = samples_.begin() + static_cast<std::ptrdiff_t>(part.begin);
    const auto last = samples_.begin() + static_cast<std::ptrdiff_t>(part.end);
    return std::all_of(first, last, [&](const Sample& sample) { return sample.series == first->series; });
}

void Bisection::cut_by_time() {
    cut_ = true;
    const auto oldest =
        std::min_element(samples_.begin(), samples_.end(), [](const Sample& a, const Sample& b) {
            return a.time_ms < b.time_ms;
        })->time_ms;
    // Unsigned: times may come from a page and be anything.
    const auto slice_of = [oldest](const Sample& sample) {
        return (static_cast<std::uint64_t>(sample.time_ms) - static_cast<std::uint64_t>(oldest)) /
               static_cast<std::uint64_t>(slice.count());
    };
    std::stable_sort(samples_.begin(), samples_.end(), [&](const Sample& a, const Sample& b) {
        return slice_of(a) < slice_of(b);
    });
    slices_.clear();
    for (std::size_t end = samples_.size(); end > 0; --end)
        if (end == samples_.size() || slice_of(samples_[end - 1]) != slice_of(samples_[end]))
            slices_.push_back(end);
    choose();
}

void Bisection::open_slice() {
    const auto begin = slice_begin_, end = slices_.back();
    slices_.pop_back();
    slice_begin_ = end;
    const auto at = [this](std::size_t index) {
        return samples_.begin() + static_cast<std::ptrdiff_t>(index);
    };
    std::stable_sort(
        at(begin), at(end), [](const Sample& a, const Sample& b) { return a.series < b.series; });
    const auto border = std::stable_partition(
        at(begin), at(end), [this](const Sample& sample) { return !known_(sample.series); });
    const auto middle = static_cast<std::size_t>(border - samples_.begin());
    if (middle > begin) parts_.push_back({begin, middle, 0, false, false});
    if (end > middle) parts_.push_back({middle, end, 0, false, true});
}

// At the border between two series that is nearest to the middle.
void Bisection::split(std::size_t part, bool because_refused) {
    const auto whole = parts_[part];
    const auto border = [&](std::size_t at) { return samples_[at - 1].series != samples_[at].series; };
    const auto middle = whole.begin + size(whole) / 2;
    auto up = std::max(middle, whole.begin + 1), down = up;
    while (up < whole.end && !border(up)) ++up;
    while (down > whole.begin && !border(down)) --down;
    const bool upwards = down == whole.begin || (up < whole.end && up - middle < middle - down);
    const auto at = upwards ? up : down;
    const auto pair = because_refused ? ++pairs_ : 0;
    parts_[part] = {whole.begin, at, pair, false, whole.known};
    parts_.push_back({at, whole.end, pair, false, whole.known});
}

void Bisection::remove(std::size_t part) {
    parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(part));
}

// Known ones last; what was not yet asked for before what was refused; small ones first, because the sooner
// something is taken, the sooner it is known that the receiver is well. A refused part that comes up is cut
// on.
void Bisection::choose() {
    while (parts_.empty() && !slices_.empty()) open_slice();
    while (!parts_.empty()) {
        const auto best =
            std::min_element(parts_.begin(), parts_.end(), [this](const Part& a, const Part& b) {
                return std::tuple(a.known, a.tried, size(a), a.begin) <
                       std::tuple(b.known, b.tried, size(b), b.begin);
            });
        next_ = static_cast<std::size_t>(best - parts_.begin());
        next_is_alone_ = one_series(*best);
        if (!best->tried || next_is_alone_) return;
        split(next_, true);
    }
}

void Bisection::delivered() {
    const auto pair = parts_[next_].pair;
    remove(next_);
    for (auto& part : parts_)
        if (pair != 0 && part.pair == pair) part.tried = true;
    choose();
}

void Bisection::refused() {
    if (!cut_) {
        parts_.clear();
        cut_by_time();
        if (!slices_.empty()) return;  // only the slices together were refused
    }
    parts_[next_].tried = true;
    choose();
}

void Bisection::halve() {
    if (!cut_) {
        parts_.clear();
        cut_by_time();
        if (!slices_.empty()) return;
    }
    split(next_, false);
    choose();
}

void Bisection::rejoin() {
    const auto half = parts_[next_];
    for (std::size_t other = 0; half.pair != 0 && other < parts_.size(); ++other) {
        if (other == next_ || parts_[other].pair != half.pair) continue;
        parts_[other] = {std::min(half.begin, parts_[other].begin),
                         std::max(half.end, parts_[other].end),
                         0,
                         false,
                         half.known};
        remove(next_);
        break;
    }
    choose();
}

void Bisection::drop() {
    remove(next_);
    choose();
}

std::size_t Bisection::drop_refused() {
    parts_[next_].tried = true;
    std::size_t dropped = 0;
    for (const auto& part : parts_) dropped += part.tried ? size(part) : 0;
    std::erase_if(parts_, [](const Part& part) { return part.tried; });
    choose();
    return dropped;
}

std::size_t Bisection::drop_all() {
    std::size_t dropped = cut_ ? samples_.size() - slice_begin_ : 0;
    for (const auto& part : parts_) dropped += size(part);
    parts_.clear();
    slices_.clear();
    return dropped;
}

}  // namespace pifleet::forwarder
