#include "exporters/k8s_state/family_filter.hpp"

#include <algorithm>
#include <regex>
#include <utility>

namespace pifleet::k8s {

// std::regex: it reads JavaScript's syntax, with what looks ahead, as kube-state-metrics's users write it,
// and takes a quarter of RE2's room. It may be slow and needs stack; names of families are short.
struct FamilyFilter::Entry {
    std::string text;
    std::regex pattern;

    bool fits(std::string_view family) const {
        return std::regex_search(family.begin(), family.end(), pattern);
    }
};

namespace {

bool plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

FamilyFilter::FamilyFilter() = default;
FamilyFilter::~FamilyFilter() = default;
FamilyFilter::FamilyFilter(FamilyFilter&&) noexcept = default;
FamilyFilter& FamilyFilter::operator=(FamilyFilter&&) noexcept = default;

Result<FamilyFilter> FamilyFilter::make(const std::vector<std::string>& entries) {
    FamilyFilter out;
    for (const auto& text : entries) {
        auto entry = std::make_unique<Entry>();
        entry->text = text;
        try {
            entry->pattern.assign(text, std::regex::ECMAScript | std::regex::nosubs);
        } catch (const std::regex_error& error) {
            return failure('\'' + text + "' is no regular expression that is known here: " + error.what());
        }
        out.entries_.push_back(std::move(entry));
    }
    return out;
}

bool FamilyFilter::fits(std::string_view family) const {
    return std::any_of(
        entries_.begin(), entries_.end(), [family](const auto& entry) { return entry->fits(family); });
}

std::vector<std::string> FamilyFilter::idle(const std::vector<std::string_view>& families) const {
    std::vector<std::string> out;
    for (const auto& entry : entries_)
        if (plain(entry->text) && std::none_of(families.begin(),
                                               families.end(),
                                               [&](std::string_view family) { return entry->fits(family); }))
            out.push_back(entry->text);
    return out;
}

}  // namespace pifleet::k8s
