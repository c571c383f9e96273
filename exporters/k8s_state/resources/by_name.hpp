// The items of a list by their "name": what one list wants of a thing and another reports of it is brought
// together without looking through the one for each item of the other.
#pragma once

#include "exporters/k8s_state/json.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::k8s {

class ByName {
  public:
    using Entry = std::pair<std::string_view, Json>;

    explicit ByName(Json list) {
        entries_.reserve(list.is_list() ? list.size() : 0);
        for (const Json item : list.items())
            if (item.is_object()) entries_.emplace_back(item["name"].text(), item);
        std::stable_sort(entries_.begin(), entries_.end(), before);
    }

    /// Those of this name, in the list's order.
    std::span<const Entry> all(std::string_view name) const {
        const auto [first, last] =
            std::equal_range(entries_.begin(), entries_.end(), Entry(name, Json()), before);
        return {first, last};
    }

    /// The first of this name, or nothing.
    Json find(std::string_view name) const {
        const auto found = all(name);
        return found.empty() ? Json() : found.front().second;
    }

  private:
    static bool before(const Entry& a, const Entry& b) { return a.first < b.first; }

    std::vector<Entry> entries_;
};

}  // namespace pifleet::k8s
