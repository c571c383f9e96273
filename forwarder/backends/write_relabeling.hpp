// What a backend's write_relabel_configs make of a series, external labels included. A series goes through
// the rules once; its outcome is kept by its number, until the number is another series'.
#pragma once

#include "forwarder/backends/write_request_parts.hpp"
#include "forwarder/relabel/relabeler.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pifleet::forwarder {

class WriteRelabeling {
  public:
    /// `external` labels are sorted by name.
    WriteRelabeling(Relabeler rules, OwnedLabels external);

    /// Takes the samples of dropped series out; gives how many they were. Costs nothing without rules.
    std::size_t leave_out(std::vector<Sample>& samples, const SeriesTable& series);

    /// What is sent instead of the series' own labels and the external ones, in the stored form; nullptr:
    /// those. For a series whose samples leave_out() has left in; valid until it is called again.
    const std::string* changed(SeriesId id) const {
        return id < outcomes_.size() ? outcomes_[id].labels.get() : nullptr;
    }

  private:
    enum class Verdict : std::uint8_t { unknown, kept, dropped };
    struct Outcome {
        std::unique_ptr<const std::string> labels;  // null: as they are
        std::uint32_t generation = 0;               // of the number
        Verdict verdict = Verdict::unknown;
    };
    bool dropped(SeriesId id, const SeriesTable& series);
    Outcome judge(SeriesId id, const SeriesTable& series) const;

    Relabeler rules_;
    OwnedLabels external_;
    std::vector<Outcome> outcomes_;  // by series
};

}  // namespace pifleet::forwarder
