// Names that a receiver's format does not allow (name_rules.hpp), of UTF-8 for one of remote_write 1.0, say:
// its series get them mended. A series is looked at once; the outcome is kept by its number, until the number
// is another series'. Where all names are legal, which is everywhere but in a few houses, this costs four
// bytes a series.
#pragma once

#include "forwarder/backends/name_rules.hpp"
#include "forwarder/backends/write_relabeling.hpp"
#include "forwarder/relabel/label_builder.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace pifleet::forwarder {

class LegacyNames {
  public:
    /// `external` labels are sorted by name.
    explicit LegacyNames(OwnedLabels external, const NameRules& rules = prometheus_names);

    /// Looks at the series of a batch that write_relabel_configs have left in.
    void look_at(const std::vector<Sample>& batch, const SeriesTable& series, const WriteRelabeling& rules);

    /// Changes what is sent of the batch's series beyond their names: of those for which `concerns` holds, as
    /// `change` does it to their labels; it says whether it did. The same again changes nothing. After
    /// look_at().
    void change(const std::vector<Sample>& batch,
                const SeriesTable& series,
                const WriteRelabeling& rules,
                const std::function<bool(SeriesId)>& concerns,
                const std::function<bool(LabelBuilder&)>& change);

    /// Of series of one batch that are the same once escaped, one is sent: the one whose names need no
    /// escaping, else the first. Takes the others' samples out; gives how many they were. After look_at().
    std::size_t leave_out_collisions(std::vector<Sample>& batch,
                                     const SeriesTable& series,
                                     const WriteRelabeling& rules) const;

    /// External labels under names that are legal.
    const OwnedLabels& external() const { return external_; }

    /// The labels to send, external ones included, in the stored form; nullptr: no name needs escaping.
    /// Valid until the next look_at(), for series that the last one has seen.
    const std::string* escaped(SeriesId id) const {
        if (escaped_.empty()) return nullptr;
        const auto found = escaped_.find(id);
        return found == escaped_.end() ? nullptr : &found->second;
    }

  private:
    LabelBuilder labels_of(SeriesId id, const SeriesTable& series, const WriteRelabeling& rules) const;
    bool all_legal(LabelReader labels) const;
    std::string escape(LabelReader labels, const OwnedLabels& external) const;

    const NameRules* names_;
    OwnedLabels external_;
    std::vector<std::uint32_t> seen_;  // by series: its number's generation plus one; 0: not seen
    std::unordered_map<SeriesId, std::string> escaped_;
};

}  // namespace pifleet::forwarder
