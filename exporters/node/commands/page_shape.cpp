#include "exporters/node/commands/page_shape.hpp"

#include "common/metrics/parser.hpp"

#include <algorithm>

namespace pifleet::node {

namespace {

using metrics::Type;

bool has_parts(Type type) {
    return type == Type::histogram || type == Type::summary || type == Type::gauge_histogram;
}

class Reader : public metrics::PageHandler {
  public:
    explicit Reader(PageShape& into) : into_(into) {}

    void on_type(std::string_view family, Type type) override { into_[std::string(family)].type = type; }

    Result<void> on_sample(const metrics::SampleLine& sample) override {
        auto labels = metrics::parse_series(sample.series);
        if (!labels) return labels.error();
        std::sort(
            labels->begin() + 1, labels->end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        const std::string& name = labels->front().value;  // __name__ stands first
        std::string series = name, names;
        for (auto label = labels->begin() + 1; label != labels->end(); ++label) {
            series += (names.empty() ? "{" : ",") + label->name + "=\"" + label->value + '"';
            names += (names.empty() ? "" : ",") + label->name;
        }
        if (!names.empty()) series += '}';
        auto& family = into_[family_of(name)];
        family.series.emplace(std::move(series), sample.value_bits);
        family.label_sets.insert(std::move(names));
        return {};
    }

  private:
    std::string family_of(const std::string& name) const {
        for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
            if (!name.ends_with(suffix)) continue;
            auto base = name.substr(0, name.size() - suffix.size());
            const auto found = into_.find(base);
            if (found != into_.end() && has_parts(found->second.type)) return base;
        }
        return name;
    }
    PageShape& into_;
};

}  // namespace

Result<PageShape> shape_of(std::string_view page, metrics::Format format) {
    PageShape out;
    Reader reader(out);
    metrics::PageParser parser(format, reader);
    if (const auto fed = parser.feed(page); !fed) return fed.error();
    if (const auto ended = parser.finish(); !ended) return ended.error();
    std::erase_if(out, [](const auto& family) { return family.second.series.empty(); });
    return out;
}

}  // namespace pifleet::node
