#include "exporters/k8s_state/resources/resource_amounts.hpp"

#include "exporters/k8s_state/resources/common.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace pifleet::k8s {

namespace {

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool legal(std::string_view text, bool (*inside)(char)) {
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
           std::all_of(text.begin(), text.end(), inside);
}

// "example.org/coral-tpu": a domain and a name, as the API's rules for qualified names have them. What
// kubernetes.io names is no extended resource, nor is a quota's "requests.…".
bool is_extended(std::string_view name) {
    const auto slash = name.find('/');
    if (slash == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos ||
        name.starts_with("requests."))
        return false;
    constexpr std::string_view quota = "requests.";  // must fit into the domain's 253 characters too
    const auto domain = name.substr(0, slash), rest = name.substr(slash + 1);
    const auto in_domain = [](char c) {
        return (alphanumeric(c) && !(c >= 'A' && c <= 'Z')) || c == '-' || c == '.';
    };
    const auto in_name = [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
    constexpr std::array<std::string_view, 3> broken{"..", ".-", "-."};
    return domain.size() + quota.size() <= 253 && rest.size() <= 63 && legal(domain, in_domain) &&
           std::none_of(
               broken.begin(), broken.end(), [&](auto pair) { return domain.find(pair) != domain.npos; }) &&
           legal(rest, in_name);
}

enum class Unit { none, core, byte, integer };

Unit unit_of(std::string_view name, Pods pods) {
    if (name == "cpu") return Unit::core;
    if (name == "memory" || name == "ephemeral-storage" || name == "storage" ||
        name.starts_with("hugepages-") || name.starts_with("attachable-volumes-"))
        return Unit::byte;
    if (name == "pods") return pods == Pods::counted ? Unit::integer : Unit::none;
    return is_extended(name) ? Unit::integer : Unit::none;
}

}  // namespace

void add_resources(Samples& out, metrics::Labels before, Json amounts, Pods pods) {
    std::array<metrics::Label, 4> labels{};
    const auto count = std::min<std::size_t>(before.size(), 2);
    std::copy_n(before.begin(), count, labels.begin());
    std::string legal_name;
    for (const auto& [name, amount] : amounts.members()) {
        const auto unit = unit_of(name, pods);
        if (unit == Unit::none) continue;
        const auto value = unit == Unit::core ? milli_quantity(amount) : whole_quantity(amount);
        if (!value) continue;
        legal_name.assign(name);
        for (char& c : legal_name)
            if (!alphanumeric(c)) c = '_';
        labels[count] = {"resource", legal_name};
        labels[count + 1] = {"unit", unit == Unit::core ? "core" : unit == Unit::byte ? "byte" : "integer"};
        out.add(metrics::Labels(labels.data(), count + 2), *value);
    }
}

}  // namespace pifleet::k8s
