#include "exporters/k8s_state/allow_list.hpp"

#include <algorithm>

namespace pifleet::k8s {

LabelAllowList::LabelAllowList(const std::vector<std::string>& keys) {
    for (const auto& key : keys) {
        const auto star = key.find('*');
        if (star == std::string::npos)
            keys_.insert(key);
        else if (key.size() == 1)
            all_ = true;
        else
            patterns_.push_back({key.substr(0, star), key.substr(star + 1)});
    }
}

bool LabelAllowList::allows(std::string_view key) const {
    const auto fits = [key](const Pattern& pattern) {
        return key.size() >= pattern.head.size() + pattern.tail.size() && key.starts_with(pattern.head) &&
               key.ends_with(pattern.tail);
    };
    return all_ || keys_.contains(key) || std::any_of(patterns_.begin(), patterns_.end(), fits);
}

}  // namespace pifleet::k8s
