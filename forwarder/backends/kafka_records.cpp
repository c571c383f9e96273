#include "forwarder/backends/kafka_records.hpp"

#include "common/base/text.hpp"
#include "forwarder/backends/json_text.hpp"
#include "forwarder/backends/series_number.hpp"
#include "forwarder/backends/values.hpp"

#include <chrono>
#include <cstdio>
#include <limits>
#include <vector>

namespace pifleet::forwarder {

namespace {

std::string time_text(std::int64_t time_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds{time_ms}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    char text[80];
    std::snprintf(text,
                  sizeof text,
                  "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                  static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()));
    return text;
}

}  // namespace

std::string kafka_records(std::span<const Sample> samples, const SentSeries& series) {
    std::string out;
    std::vector<metrics::Label> labels;
    for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> of_series) {
        labels.clear();
        std::string rest = "\",\"labels\":{";
        series.each_label(id, [&](const metrics::Label& label) {
            rest += labels.empty() ? "" : ",";
            append_json_text(rest, label.name);
            rest += ':';
            append_json_text(rest, label.value);
            labels.push_back(label);
        });
        rest += "},\"name\":";
        append_json_text(rest, name_of(labels));
        const auto key = std::to_string(series_number(labels));
        for (const auto* sample : of_series) {
            const bool stale = is_stale(sample->value_bits);
            out.append(key) += '\0';
            out.append("{\"timestamp\":\"").append(time_text(sample->time_ms)).append("\",\"value\":\"");
            append_number(out, stale ? std::numeric_limits<double>::quiet_NaN() : value_of(*sample));
            out.append(rest).append(stale ? ",\"stale\":true}" : "}") += '\0';
        }
    });
    return out;
}

}  // namespace pifleet::forwarder
