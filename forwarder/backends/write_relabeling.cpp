#include "forwarder/backends/write_relabeling.hpp"

#include <utility>

namespace pifleet::forwarder {

WriteRelabeling::WriteRelabeling(Relabeler rules, OwnedLabels external)
    : rules_(std::move(rules)), external_(std::move(external)) {}

std::size_t WriteRelabeling::leave_out(std::vector<Sample>& samples, const SeriesTable& series) {
    if (rules_.empty()) return 0;
    return std::erase_if(samples, [&](const Sample& sample) { return dropped(sample.series, series); });
}

bool WriteRelabeling::dropped(SeriesId id, const SeriesTable& series) {
    if (id >= outcomes_.size()) outcomes_.resize(id + 1);
    auto& outcome = outcomes_[id];
    if (outcome.verdict == Verdict::unknown || outcome.generation != series.generation(id))
        outcome = judge(id, series);
    return outcome.verdict == Verdict::dropped;
}

WriteRelabeling::Outcome WriteRelabeling::judge(SeriesId id, const SeriesTable& series) const {
    LabelBuilder labels;
    auto reader = series.labels(id);
    for (metrics::Label label; reader.next(label);) labels.set(label.name, std::string(label.value));
    for (const auto& [name, value] : external_) labels.set_if_absent(name, value);

    const auto before = labels.labels();
    const auto generation = series.generation(id);
    // A series without any label is none.
    if (!rules_.apply(labels) || labels.labels().empty()) return {nullptr, generation, Verdict::dropped};
    if (labels.labels() == before) return {nullptr, generation, Verdict::kept};
    std::vector<metrics::Label> after;
    for (const auto& [name, value] : labels.labels()) after.push_back({name, value});
    std::string stored;
    append_stored(stored, after);
    return {std::make_unique<const std::string>(std::move(stored)), generation, Verdict::kept};
}

}  // namespace pifleet::forwarder
