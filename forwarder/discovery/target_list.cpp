#include "forwarder/discovery/target_list.hpp"

#include "common/config/fields.hpp"
#include "common/config/json.hpp"
#include "forwarder/config/tables.hpp"

#include <map>

namespace pifleet::forwarder {

using config::Faults;
using config::Node;

namespace {

constexpr std::size_t most_label_bytes = 32 * 1024 * 1024;

std::string first_of(const Faults& faults) {
    auto text = faults.text();
    if (const auto end = text.find('\n'); end != std::string::npos) text.resize(end);
    if (faults.size() > 1) text += " (and " + std::to_string(faults.size() - 1) + " more)";
    return text;
}

}  // namespace

Result<std::vector<TargetGroup>> read_target_list(std::string_view text,
                                                  ListFormat format,
                                                  const std::string& file) {
    Faults faults(file);
    const auto root =
        format == ListFormat::json ? config::parse_json(text, faults) : config::parse_yaml(text, faults);
    std::vector<TargetGroup> groups;
    if (root) {
        decode(*root, groups, faults);
        for (const auto& item : root->items)
            if (item.kind == Node::Kind::null)
                faults.add(item.place, "a group is missing here; expected targets and labels");
    }
    if (!faults.empty()) return failure(first_of(faults));
    return groups;
}

Result<std::vector<Pairs>> label_sets(const std::vector<TargetGroup>& groups, const Pairs& extra) {
    std::vector<Pairs> sets;
    std::size_t bytes = 0;
    for (const auto& group : groups) {
        std::map<std::string, std::string> labels(group.labels.begin(), group.labels.end());
        for (const auto& [name, value] : extra) labels[name] = value;
        for (const auto& address : group.targets) {
            labels["__address__"] = address;
            for (const auto& [name, value] : labels)
                bytes += sizeof(Pairs::value_type) + name.size() + value.size();
            if (bytes > most_label_bytes)
                return failure("the labels of all its targets take more than 32 MiB");
            sets.emplace_back(labels.begin(), labels.end());
        }
    }
    return sets;
}

}  // namespace pifleet::forwarder
