// A batch's series as a backend sends them: after its write_relabel_configs, with the external labels among
// their own, their names made legal, and what is known of counters.
#pragma once

#include "forwarder/backends/deltas.hpp"
#include "forwarder/backends/legacy_names.hpp"
#include "forwarder/backends/series_part.hpp"
#include "forwarder/backends/write_relabeling.hpp"
#include "forwarder/backends/write_request_parts.hpp"
#include "forwarder/series/metadata.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace pifleet::forwarder {

class SentSeries {
  public:
    /// All must outlive it; for series that the rules have left in.
    SentSeries(const SeriesTable& series,
               const WriteRelabeling& rules,
               const OwnedLabels& external,
               const MetadataTable& metadata,
               const LegacyNames* names = nullptr,
               const Deltas* deltas = nullptr)
        : series_(series),
          rules_(rules),
          external_(external),
          metadata_(metadata),
          names_(names),
          deltas_(deltas) {}

    /// Calls `each(label)` for every label, __name__ among them, sorted by name. Views live as long as the
    /// series.
    template <class Each>
    void each_label(SeriesId id, const Each& each) const {
        const auto* changed = names_ != nullptr ? names_->escaped(id) : nullptr;
        if (changed == nullptr) changed = rules_.changed(id);
        if (changed != nullptr) {
            LabelReader labels(*changed);
            for (metrics::Label label; labels.next(label);) each(label);
        } else {
            auto labels = series_.labels(id);
            for_each_label(labels, external_, each);
        }
    }

    /// What pages say of the family of a series whose name is sent as this one, or nullptr.
    const FamilyMetadata* family(SeriesId id, std::string_view sent_name) const {
        const bool mended = names_ != nullptr && names_->escaped(id) != nullptr;
        return metadata_.of_series(mended ? own_name(id) : sent_name);
    }
    /// What it is within its family.
    SeriesPart part(SeriesId id) const {
        const auto name = own_name(id);
        return series_part(name, metadata_.of_series(name));
    }

    /// Of a counter's sample: since when (ms) it counts; nothing for others, and where nobody keeps account.
    std::optional<std::int64_t> since(const Sample& sample) const {
        return deltas_ != nullptr ? deltas_->since(sample) : std::nullopt;
    }

    const SeriesTable& table() const { return series_; }

    /// The name before it was made legal.
    std::string_view own_name(SeriesId id) const {
        const auto named = [](LabelReader labels) {
            for (metrics::Label label; labels.next(label);)
                if (label.name == "__name__") return label.value;
            return std::string_view{};
        };
        const auto* changed = rules_.changed(id);
        return changed != nullptr ? named(LabelReader(*changed)) : named(series_.labels(id));
    }

  private:
    const SeriesTable& series_;
    const WriteRelabeling& rules_;
    const OwnedLabels& external_;
    const MetadataTable& metadata_;
    const LegacyNames* names_;
    const Deltas* deltas_;
};

}  // namespace pifleet::forwarder
