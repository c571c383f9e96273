#include "exporters/node/collectors/text_page.hpp"

#include "exporters/node/machine_files.hpp"

#include <algorithm>
#include <bit>

namespace pifleet::node {

namespace {

using metrics::Type;

bool is_name(std::string_view name, bool colons) {
    const auto allowed = [colons](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               (colons && c == ':');
    };
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), allowed);
}

bool has_label(const TextSample& sample, std::string_view name) {
    const auto same = [name](const metrics::OwnedLabel& label) { return label.name == name; };
    return std::any_of(sample.labels.begin(), sample.labels.end(), same);
}

// In HELP lines a backslash and a line end are escaped.
std::string unescape_help(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && i + 1 < text.size();
        if (escape) ++i;
        out += escape && text[i] == 'n' ? '\n' : text[i];
    }
    return out;
}

class Reader final : public metrics::PageHandler {
  public:
    Result<void> on_sample(const metrics::SampleLine& line) override {
        if (line.timestamp_ms) return failure("a timestamp is not allowed here");
        auto series = metrics::parse_series(line.series);
        if (!series) return series.error();
        const std::string name = std::move(series->front().value);
        if (!is_name(name, true)) return failure("'" + valid_utf8(name) + "' is not a metric name");
        TextSample sample;
        sample.value = std::bit_cast<double>(line.value_bits);
        for (auto& label : std::span(*series).subspan(1)) {
            if (!is_name(label.name, false))
                return failure("'" + valid_utf8(label.name) + "' is not a label name");
            if (!label.value.empty())
                sample.labels.push_back(std::move(label));  // an empty label is no label
        }
        std::sort(sample.labels.begin(), sample.labels.end(), [](const auto& a, const auto& b) {
            return a.name < b.name;
        });
        return file_under(name, std::move(sample));
    }

    void on_type(std::string_view name, Type type) override {
        auto& family = pages_[std::string(name)];
        if (family.type) complain(name, "has two types");
        if (!family.samples.empty()) complain(name, "gets its type after its first sample");
        if (type > Type::summary || type == Type::gauge_histogram)
            complain(name, "has a type that only OpenMetrics knows");
        family.type = type;
    }

    void on_help(std::string_view name, std::string_view text) override {
        auto& family = pages_[std::string(name)];
        if (family.help) complain(name, "has two help texts");
        family.help = valid_utf8(unescape_help(text));
    }

    Result<TextPage> result() {
        if (!complaint_.empty()) return failure(complaint_);
        std::erase_if(pages_, [](const auto& entry) { return entry.second.samples.empty(); });
        return std::move(pages_);
    }

  private:
    Result<void> file_under(const std::string& name, TextSample sample) {
        std::string family = name;
        if (!is_typed(name, {})) {
            for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
                if (!name.ends_with(suffix)) continue;
                const auto base = name.substr(0, name.size() - suffix.size());
                if (!is_typed(base, suffix)) continue;
                family = base;
                sample.suffix = suffix;
            }
        }
        auto& known = pages_[family];
        const bool histogram = known.type == Type::histogram;
        if (histogram && (sample.suffix.empty() || (sample.suffix == "_bucket" && !has_label(sample, "le"))))
            return failure("'" + name + "' is of a histogram and has no _bucket with le, _sum or _count");
        if (!series_.insert(series_key(family, sample)).second)
            return failure("a series of '" + name + "' stands twice");
        known.samples.push_back(std::move(sample));
        return {};
    }

    // Whether samples named `family` + `suffix` belong to `family`.
    bool is_typed(std::string_view family, std::string_view suffix) const {
        const auto found = pages_.find(family);
        if (found == pages_.end() || !found->second.type) return false;
        const auto type = *found->second.type;
        return suffix.empty() || type == Type::histogram || (type == Type::summary && suffix != "_bucket");
    }

    void complain(std::string_view name, std::string_view what) {
        if (complaint_.empty()) complaint_ = "'" + valid_utf8(name) + "' " + std::string(what);
    }

    TextPage pages_;
    std::set<std::string> series_;
    std::string complaint_;
};

}  // namespace

Result<TextPage> parse_text_page(std::string_view text) {
    Reader reader;
    metrics::PageParser parser(metrics::Format::text_0_0_4, reader);
    if (auto fed = parser.feed(text); !fed) return fed.error();
    if (auto ended = parser.finish(); !ended) return ended.error();
    return reader.result();
}

std::string series_key(std::string_view family, const TextSample& sample) {
    std::string key(family);
    key += sample.suffix;
    for (const auto& label : sample.labels) {
        key.append(1, '\0').append(label.name).append(1, '\0').append(label.value);
    }
    return key;
}

}  // namespace pifleet::node
