// The text of --metric-labels-allowlist and --metric-annotations-allowlist.
#include "common/base/text.hpp"
#include "exporters/k8s_state/options.hpp"

#include <algorithm>

namespace pifleet::k8s {

namespace {

Error wrong(std::string_view where, const std::string& what) {
    return failure("at '" + std::string(where.substr(0, 40)) + "': " + what +
                   "; expected resource=[key,key],…");
}

}  // namespace

Result<AllowLists> parse_allow_lists(std::string_view text) {
    AllowLists out;
    for (auto rest = trim(text); !rest.empty();) {
        const auto here = rest;
        const auto equals = rest.find('=');
        if (equals == rest.npos) return wrong(here, "there is no '='");
        const auto resource = trim(rest.substr(0, equals));
        if (resource.empty() || resource.find_first_of(",[]") != resource.npos)
            return wrong(here, "the resource's name is missing");
        rest = trim(rest.substr(equals + 1));
        if (!rest.starts_with('[')) return wrong(here, "there is no '[' behind '='");
        const auto end = rest.find(']');
        if (end == rest.npos) return wrong(here, "there is no ']'");
        auto& keys = out[std::string(resource)];
        const auto inner = trim(rest.substr(1, end - 1));
        for (const auto key : inner.empty() ? std::vector<std::string_view>{} : split(inner, ',')) {
            if (trim(key).empty()) return wrong(here, "a key is missing between two commas");
            if (std::count(key.begin(), key.end(), '*') > 1) return wrong(here, "a key has one '*' at most");
            keys.emplace_back(trim(key));
        }
        rest = trim(rest.substr(end + 1));
        if (rest.empty()) break;
        if (!rest.starts_with(',')) return wrong(rest, "there is no ',' behind ']'");
        rest = trim(rest.substr(1));
        if (rest.empty()) return wrong(here, "nothing follows the last comma");
    }
    return out;
}

}  // namespace pifleet::k8s
