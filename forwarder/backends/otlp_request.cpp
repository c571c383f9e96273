#include "forwarder/backends/otlp_request.hpp"

#include "common/base/text.hpp"
#include "forwarder/backends/values.hpp"
#include "forwarder/backends/wire.hpp"

#include <algorithm>
#include <cmath>

namespace pifleet::forwarder::otlp {

namespace {

constexpr std::string_view scope_name = "pifleet-forwarder";

// OpenMetrics' units in those of UCUM, which OpenTelemetry has; others as they are.
constexpr std::pair<std::string_view, std::string_view> units[] = {
    {"seconds", "s"},
    {"bytes", "By"},
    {"ratio", "1"},
    {"celsius", "Cel"},
    {"volts", "V"},
    {"amperes", "A"},
    {"joules", "J"},
    {"grams", "g"},
    {"meters", "m"},
};

std::string_view unit_of(std::string_view unit) {
    for (const auto& [ours, theirs] : units)
        if (ours == unit) return theirs;
    return unit;
}

// The same attributes in another field of their message: their keys are one byte each.
std::string in_field(std::string attributes, unsigned field) {
    for (std::size_t at = 0; at < attributes.size();) {
        attributes[at++] = wire::length_key(field);
        std::uint64_t size = 0;
        for (unsigned shift = 0; at < attributes.size(); shift += 7) {
            const auto byte = static_cast<unsigned char>(attributes[at++]);
            size |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) break;
        }
        at += static_cast<std::size_t>(size);
    }
    return attributes;
}

std::optional<double> bound_of(std::string_view text) {
    const auto bound = to_double(text == "+Inf" ? std::string_view("inf") : text);
    return bound && !std::isnan(*bound) ? bound : std::nullopt;
}

}  // namespace

RequestBuilder::Labels RequestBuilder::labels(SeriesId id, SeriesPart part) const {
    const std::string_view bound = part == SeriesPart::bucket     ? "le"
                                   : part == SeriesPart::quantile ? "quantile"
                                                                  : "";
    Labels found;
    series_.each_label(id, [&](const metrics::Label& label) {
        if (label.name == "__name__")
            found.name = label.value;
        else if (label.name == "job")
            found.job = label.value;
        else if (label.name == "instance")
            found.instance = label.value;
        else if (label.name == bound)
            found.bound = label.value;
        else if (!label.value.empty())
            append_attribute(found.attributes, 7, label.name, label.value);
    });
    return found;
}

std::size_t RequestBuilder::resource(const Labels& labels) {
    if (!resources_.empty() && resources_.back().first == labels.job &&
        resources_.back().second == labels.instance)
        return resources_.size() - 1;
    auto key = std::string(labels.job) + '\xff' + std::string(labels.instance);
    const auto [found, fresh] = by_job_.try_emplace(std::move(key), resources_.size());
    if (fresh) resources_.emplace_back(labels.job, labels.instance);
    return found->second;
}

RequestBuilder::Metric& RequestBuilder::metric(std::size_t resource,
                                               std::string_view name,
                                               Kind kind,
                                               const FamilyMetadata* family) {
    if (!metrics_.empty()) {
        auto& last = metrics_.back();
        if (last.resource == resource && last.kind == kind && last.name == name) return last;
    }
    auto key = std::to_string(resource) + static_cast<char>('a' + static_cast<int>(kind)) + std::string(name);
    const auto [found, fresh] = by_name_.try_emplace(std::move(key), metrics_.size());
    if (fresh) {
        metrics_.push_back({resource, std::string(name), kind, {}, {}, {}});
        if (family != nullptr) metrics_.back().help = family->help;
        if (family != nullptr) metrics_.back().unit = unit_of(family->unit);
    }
    return metrics_[found->second];
}

// What kept account of counters decides what is one: what pages say may have changed since.
void RequestBuilder::add(SeriesId id, std::span<const Sample* const> samples) {
    auto part = series_.part(id);
    const bool counts = series_.since(*samples.front()).has_value();
    if (counts && !is_cumulative(part)) part = SeriesPart::counter;
    if (!counts && is_cumulative(part)) part = SeriesPart::gauge;
    // There is no summary of increases.
    if (options_.delta && part == SeriesPart::quantile) part = SeriesPart::gauge;
    const auto found = labels(id, part);
    const auto where = resource(found);
    const bool single = part == SeriesPart::gauge || part == SeriesPart::counter;
    for (const auto* sample : samples) {
        Part one{part, std::string(found.name), std::string(found.bound), sample, series_.since(*sample)};
        if (single)
            add_number(where, found.attributes, one);
        else
            add_to_group(where, found, std::move(one));
    }
}

void RequestBuilder::add_number(std::size_t resource, std::string_view attributes, const Part& part) {
    const auto kind = !part.since                    ? Kind::gauge
                      : part.part == SeriesPart::sum ? Kind::sum  // what was observed may be negative
                                                     : Kind::monotonic_sum;
    const auto bits = part.sample->value_bits;
    auto& into = metric(resource, part.name, kind, series_.family(part.sample->series, part.name));
    append_number_point(into.points,
                        attributes,
                        {part.sample->time_ms, part.since},
                        is_stale(bits) ? std::nullopt : std::optional(bits));
}

void RequestBuilder::add_to_group(std::size_t resource, const Labels& labels, Part part) {
    const auto name = family_name(labels.name, part.part);
    const auto time = part.sample->time_ms;
    auto key = std::to_string(resource) + ' ' + std::to_string(time) + ' ' + std::string(name) + '\xff' +
               labels.attributes;
    const auto [found, fresh] = by_labels_.try_emplace(std::move(key), groups_.size());
    if (fresh) groups_.push_back({resource, std::string(name), labels.attributes, time, {}});
    groups_[found->second].parts.push_back(std::move(part));
}

void RequestBuilder::write_group(const Group& group) {
    const auto is = [](SeriesPart wanted) { return [wanted](const Part& p) { return p.part == wanted; }; };
    const auto stale = std::all_of(group.parts.begin(), group.parts.end(), [](const Part& part) {
        return is_stale(part.sample->value_bits);
    });
    const auto* family = series_.family(group.parts.front().sample->series, group.parts.front().name);
    const bool summary = std::any_of(group.parts.begin(), group.parts.end(), is(SeriesPart::quantile)) ||
                         (family != nullptr && family->type == metrics::Type::summary);
    const bool histogram = std::any_of(group.parts.begin(), group.parts.end(), is(SeriesPart::bucket));
    if (histogram && write_histogram(group, stale)) return;
    if (!histogram && summary && !options_.delta && write_summary(group, stale)) return;
    for (const auto& part : group.parts) {
        auto attributes = group.attributes;
        if (!part.bound.empty())
            append_attribute(attributes, 7, part.part == SeriesPart::bucket ? "le" : "quantile", part.bound);
        add_number(group.resource, attributes, part);
    }
}

bool RequestBuilder::write_histogram(const Group& group, bool stale) {
    HistogramPoint point;
    point.stale = stale;
    When when{group.time_ms, {}};
    for (const auto& part : group.parts) {
        when.start_ms = std::max(when.start_ms, part.since);
        const auto value = value_of(*part.sample);
        if (part.part == SeriesPart::sum) point.sum = value;
        if (part.part == SeriesPart::count) point.count = value;
        if (part.part != SeriesPart::bucket) continue;
        const auto bound = bound_of(part.bound);
        if (!bound) return false;
        point.buckets.emplace_back(*bound, value);
    }
    std::string bytes;
    if (!append_histogram_point(bytes, in_field(group.attributes, 9), when, std::move(point))) return false;
    const auto& first = group.parts.front();
    metric(group.resource, group.name, Kind::histogram, series_.family(first.sample->series, first.name))
        .points += bytes;
    return true;
}

bool RequestBuilder::write_summary(const Group& group, bool stale) {
    SummaryPoint point;
    point.stale = stale;
    When when{group.time_ms, {}};
    for (const auto& part : group.parts) {
        when.start_ms = std::max(when.start_ms, part.since);
        const auto value = value_of(*part.sample);
        if (part.part == SeriesPart::sum) point.sum = value;
        if (part.part == SeriesPart::count) point.count = value;
        if (part.part != SeriesPart::quantile) continue;
        const auto bound = bound_of(part.bound);
        if (!bound) return false;
        point.quantiles.emplace_back(*bound, value);
    }
    if (!when.start_ms) return false;
    std::string bytes;
    if (!append_summary_point(bytes, group.attributes, when, std::move(point))) return false;
    const auto& first = group.parts.front();
    metric(group.resource, group.name, Kind::summary, series_.family(first.sample->series, first.name))
        .points += bytes;
    return true;
}

void RequestBuilder::write_metric(const Metric& metric, std::string& out) const {
    constexpr unsigned data_field[] = {5, 7, 7, 9, 11};  // by Kind
    std::string data = metric.points;
    const bool has_temporality = metric.kind != Kind::gauge && metric.kind != Kind::summary;
    if (has_temporality) append_varint(data, 2, options_.delta ? 1 : 2);
    if (metric.kind == Kind::monotonic_sum) append_varint(data, 3, 1);
    std::string message;
    append_text(message, 1, metric.name);
    if (!metric.help.empty()) append_text(message, 2, metric.help);
    if (!metric.unit.empty()) append_text(message, 3, metric.unit);
    append_text(message, data_field[static_cast<std::size_t>(metric.kind)], data);
    append_text(out, 2, message);
}

void RequestBuilder::write(std::string& out) {
    for (const auto& group : groups_) write_group(group);
    for (std::size_t number = 0; number < resources_.size(); ++number) {
        std::string attributes, metrics, message, scope;
        const auto& [job, instance] = resources_[number];
        if (!job.empty()) append_attribute(attributes, 1, "service.name", job);
        if (!instance.empty()) append_attribute(attributes, 1, "service.instance.id", instance);
        for (const auto& [name, value] : options_.resource) append_attribute(attributes, 1, name, value);
        append_text(scope, 1, scope_name);
        append_text(metrics, 1, scope);
        for (const auto& metric : metrics_)
            if (metric.resource == number) write_metric(metric, metrics);
        append_text(message, 1, attributes);
        append_text(message, 2, metrics);
        append_text(out, 1, message);
    }
}

}  // namespace pifleet::forwarder::otlp
