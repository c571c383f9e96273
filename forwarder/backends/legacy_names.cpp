#include "forwarder/backends/legacy_names.hpp"

#include "forwarder/relabel/label_builder.hpp"
#include "forwarder/series/names.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

std::string stored(const LabelBuilder& labels) {
    std::string out;
    for (const auto& [name, value] : labels.labels()) {
        const metrics::Label label{name, value};
        append_stored(out, {&label, 1});
    }
    return out;
}

}  // namespace

constinit const NameRules prometheus_names{
    legacy_metric_name, legacy_label_name, underscored_metric_name, underscored_label_name};

LegacyNames::LegacyNames(OwnedLabels external, const NameRules& rules)
    : names_(&rules), external_(std::move(external)) {
    // Those of remote_write are legal as the configuration has them; other formats ask for more.
    for (auto& [name, value] : external_) {
        if (!rules.legal_label(name)) name = rules.label(name);
        if (rules.legal_value != nullptr && !rules.legal_value(value)) value = rules.value(value);
    }
    std::erase_if(external_, [](const auto& label) { return label.second.empty(); });
    std::sort(external_.begin(), external_.end());
}

bool LegacyNames::all_legal(LabelReader labels) const {
    for (metrics::Label label; labels.next(label);) {
        if (label.name == "__name__") {
            if (!names_->legal_metric(label.value)) return false;
        } else if (!names_->legal_label(label.name) ||
                   (names_->legal_value != nullptr && !names_->legal_value(label.value))) {
            return false;
        }
    }
    return true;
}

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
        if (label.name == "__name__") {
            legal.set(
                "__name__",
                names_->legal_metric(label.value) ? std::string(label.value) : names_->metric(label.value));
            continue;
        }
        const bool as_it_is = names_->legal_value == nullptr || names_->legal_value(label.value);
        auto value = as_it_is ? std::string(label.value) : names_->value(label.value);
        if (value.empty()) continue;
        (names_->legal_label(label.name) ? legal : others).set(std::string(label.name), std::move(value));
    }
    for (const auto& [name, value] : others.labels()) legal.set_if_absent(names_->label(name), value);
    for (const auto& [name, value] : external) legal.set_if_absent(name, value);
    return stored(legal);
}

// As they are sent by now.
LabelBuilder LegacyNames::labels_of(SeriesId id,
                                    const SeriesTable& series,
                                    const WriteRelabeling& rules) const {
    LabelBuilder labels;
    const auto read = [&labels](LabelReader reader) {
        for (metrics::Label label; reader.next(label);) labels.set(label.name, std::string(label.value));
    };
    const auto* changed = escaped(id);
    if (changed == nullptr) changed = rules.changed(id);
    if (changed != nullptr) {
        read(LabelReader(*changed));
    } else {
        read(series.labels(id));
        for (const auto& [name, value] : external_) labels.set_if_absent(name, value);
    }
    return labels;
}

void LegacyNames::change(const std::vector<Sample>& batch,
                         const SeriesTable& series,
                         const WriteRelabeling& rules,
                         const std::function<bool(SeriesId)>& concerns,
                         const std::function<bool(LabelBuilder&)>& change) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto id = batch[i].series;
        if ((i > 0 && batch[i - 1].series == id) || !concerns(id)) continue;
        auto labels = labels_of(id, series, rules);
        if (change(labels)) escaped_[id] = stored(labels);
    }
}

std::size_t LegacyNames::leave_out_collisions(std::vector<Sample>& batch,
                                              const SeriesTable& series,
                                              const WriteRelabeling& rules) const {
    const auto is_escaped = [this](const Sample& sample) { return escaped(sample.series) != nullptr; };
    if (escaped_.empty() || std::none_of(batch.begin(), batch.end(), is_escaped)) return 0;
    std::unordered_map<std::string, SeriesId> owners;
    for (const auto& sample : batch)
        if (!is_escaped(sample))
            owners.emplace(stored(labels_of(sample.series, series, rules)), sample.series);
    return std::erase_if(batch, [&](const Sample& sample) {
        const auto* const labels = escaped(sample.series);
        return labels != nullptr && owners.emplace(*labels, sample.series).first->second != sample.series;
    });
}

}  // namespace pifleet::forwarder
