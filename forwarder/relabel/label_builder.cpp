#include "forwarder/relabel/label_builder.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

bool before(const std::pair<std::string, std::string>& label, std::string_view name) {
    return label.first < name;
}

}  // namespace

LabelBuilder::LabelBuilder(Labels labels) {
    labels_.reserve(labels.size());
    for (auto& [name, value] : labels) set(name, std::move(value));
}

// Where the label stands or would stand.
LabelBuilder::Labels::iterator LabelBuilder::at(std::string_view name) {
    return std::lower_bound(labels_.begin(), labels_.end(), name, before);
}

std::string_view LabelBuilder::get(std::string_view name) const {
    const auto found = std::lower_bound(labels_.begin(), labels_.end(), name, before);
    return found != labels_.end() && found->first == name ? std::string_view(found->second)
                                                          : std::string_view();
}

void LabelBuilder::set(std::string_view name, std::string value) {
    if (value.empty()) return remove(name);
    const auto found = at(name);
    if (found != labels_.end() && found->first == name)
        found->second = std::move(value);
    else
        labels_.emplace(found, std::string(name), std::move(value));
}

void LabelBuilder::set_if_absent(std::string_view name, std::string value) {
    if (!has(name)) set(name, std::move(value));
}

void LabelBuilder::remove(std::string_view name) {
    const auto found = at(name);
    if (found != labels_.end() && found->first == name) labels_.erase(found);
}

}  // namespace pifleet::forwarder
