#include "forwarder/backends/legacy_names.hpp"

#include "forwarder/relabel/label_builder.hpp"
#include "forwarder/series/names.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

bool all_legal(LabelReader labels) {
    for (metrics::Label label; labels.next(label);) {
        if (!legacy_label_name(label.name)) return false;
        if (label.name == "__name__" && !legacy_metric_name(label.value)) return false;
    }
    return true;
}

std::string stored(const LabelBuilder& labels) {
    std::string out;
    for (const auto& [name, value] : labels.labels()) {
        const metrics::Label label{name, value};
        append_stored(out, {&label, 1});
    }
    return out;
}

}  // namespace

LegacyNames::LegacyNames(OwnedLabels external) : external_(std::move(external)) {}

void LegacyNames::look_at(const std::vector<Sample>& batch,
                          const SeriesTable& series,
                          const WriteRelabeling& rules) {
    for (const auto& sample : batch) {
        const auto id = sample.series;
        if (id >= seen_.size()) seen_.resize(id + std::size_t{1});
        const auto now = series.generation(id) + 1;
        if (std::exchange(seen_[id], now) == now) continue;
        const auto* const changed = rules.changed(id);
        if (all_legal(changed != nullptr ? LabelReader(*changed) : series.labels(id)))
            escaped_.erase(id);
        else if (changed != nullptr)
            escaped_[id] = escape(LabelReader(*changed), {});
        else
            escaped_[id] = escape(series.labels(id), external_);
    }
}

// A label whose name is legal as it stands wins over one that comes to the same name.
std::string LegacyNames::escape(LabelReader labels, const OwnedLabels& external) const {
    LabelBuilder legal, others;
    for (metrics::Label label; labels.next(label);) {
        if (label.name == "__name__")
            legal.set("__name__", underscored_metric_name(label.value));
        else
            (legacy_label_name(label.name) ? legal : others)
                .set(std::string(label.name), std::string(label.value));
    }
    for (const auto& [name, value] : others.labels())
        legal.set_if_absent(underscored_label_name(name), value);
    for (const auto& [name, value] : external) legal.set_if_absent(name, value);
    return stored(legal);
}

std::size_t LegacyNames::leave_out_collisions(std::vector<Sample>& batch,
                                              const SeriesTable& series,
                                              const WriteRelabeling& rules) const {
    const auto is_escaped = [this](const Sample& sample) { return escaped(sample.series) != nullptr; };
    if (escaped_.empty() || std::none_of(batch.begin(), batch.end(), is_escaped)) return 0;
    const auto labels_of = [&](SeriesId id) {
        if (const auto* changed = rules.changed(id)) return *changed;
        LabelBuilder labels;
        auto reader = series.labels(id);
        for (metrics::Label label; reader.next(label);) labels.set(label.name, std::string(label.value));
        for (const auto& [name, value] : external_) labels.set_if_absent(name, value);
        return stored(labels);
    };
    std::unordered_map<std::string, SeriesId> owners;
    for (const auto& sample : batch)
        if (!is_escaped(sample)) owners.emplace(labels_of(sample.series), sample.series);
    return std::erase_if(batch, [&](const Sample& sample) {
        const auto* const labels = escaped(sample.series);
        return labels != nullptr && owners.emplace(*labels, sample.series).first->second != sample.series;
    });
}

}  // namespace pifleet::forwarder
