#include "forwarder/backends/write_request.hpp"

#include "forwarder/series/names.hpp"

namespace pifleet::forwarder {

using wire::Tail;

namespace {

constexpr unsigned series_field = 1, metadata_field = 3, labels_field = 1;

char* put_label(char* at, const metrics::Label& label) {
    *at++ = wire::length_key(labels_field);
    at = wire::put_varint(at, wire::text_size(label.name) + wire::text_size(label.value));
    at = wire::put_text(at, 1, label.name);
    return wire::put_text(at, 2, label.value);
}

void add_series(Tail& tail,
                LabelReader labels,
                const OwnedLabels& external,
                std::span<const Sample* const> samples) {
    char* at = tail.open();
    for_each_label(labels, external, [&](const metrics::Label& label) {
        at = put_label(tail.room(at, label.name.size() + label.value.size() + 3 * wire::most_head), label);
    });
    at = tail.room(at, samples.size() * most_sample);
    for (const auto* sample : samples) at = put_sample(at, *sample);
    tail.close(series_field, at);
}

// As in every proto3 writer an empty text is left out.
char* put_text_if_any(char* at, unsigned field, std::string_view text) {
    return text.empty() ? at : wire::put_text(at, field, text);
}

}  // namespace

void append_write_request(std::span<const Sample> samples,
                          const SeriesTable& series,
                          const OwnedLabels& external,
                          std::string& out,
                          const WriteRelabeling* relabeling,
                          const LegacyNames* names) {
    Tail tail(out);
    for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> own) {
        if (const auto* escaped = names != nullptr ? names->escaped(id) : nullptr)
            add_series(tail, LabelReader(*escaped), {}, own);
        else if (const auto* changed = relabeling != nullptr ? relabeling->changed(id) : nullptr)
            add_series(tail, LabelReader(*changed), {}, own);
        else
            add_series(tail, series.labels(id), external, own);
    });
}

void append_metadata(const FamilyMetadata& family, std::string& out) {
    const auto name = legacy_metric_name(family.name) ? family.name : underscored_metric_name(family.name);
    Tail tail(out);
    char* at = tail.open();
    at = tail.room(at, name.size() + family.help.size() + family.unit.size() + 4 * wire::most_head);
    at = wire::put_number(at, 1, metadata_type(family.type));
    at = put_text_if_any(at, 2, name);
    at = put_text_if_any(at, 4, family.help);
    at = put_text_if_any(at, 5, family.unit);
    tail.close(metadata_field, at);
}

}  // namespace pifleet::forwarder
