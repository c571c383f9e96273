#include "common/base/utf8.hpp"
#include "common/config/tree.hpp"

#include <algorithm>

namespace pifleet::config {

namespace {

constexpr std::size_t longest_fault = 600;  // bytes

}  // namespace

void Faults::add(Place place, std::string_view what) {
    if (faults_.size() == most_kept)
        ++left_out_;
    else
        faults_.push_back({place, printable(what, longest_fault)});
}

std::string Faults::text() const {
    std::vector<Fault> sorted = faults_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Fault& a, const Fault& b) {
        return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
    std::string out;
    for (const auto& [place, what] : sorted) {
        if (!out.empty()) out += '\n';
        out += file_;
        if (place.line > 0) out += ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
        out += ": " + what;
    }
    if (left_out_ > 0) out += '\n' + file_ + ": and " + std::to_string(left_out_) + " more faults";
    return out;
}

}  // namespace pifleet::config
