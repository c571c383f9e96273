#include "exporters/node/commands/difference.hpp"

#include "common/base/text.hpp"

#include <bit>
#include <cmath>
#include <vector>

namespace pifleet::node {

namespace {

constexpr std::size_t most_lines = 10;  // of one family, or of values

bool about_itself(std::string_view family) {
    return family.starts_with("go_") || family.starts_with("process_") || family.starts_with("promhttp_") ||
           family == "node_exporter_build_info";
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

std::string described(const std::string& name, const FamilyShape& family) {
    return name + " (" + std::string(metrics::type_name(family.type)) + ", " +
           counted(family.series.size(), "series", "series") + ')';
}

// A title and lines under it; nothing when there is no line.
class Section {
  public:
    explicit Section(std::string title) : title_(std::move(title)) {}
    void add(const std::string& line) { lines_ += "  " + line + '\n'; }
    std::string text() const { return lines_.empty() ? std::string() : title_ + ":\n" + lines_; }

  private:
    std::string title_, lines_;
};

// Families of `left` that `right` has not; gives how many.
std::size_t only_left(const PageShape& left, const PageShape& right, Section& section) {
    std::size_t found = 0;
    for (const auto& [name, family] : left) {
        if (about_itself(name) || right.contains(name)) continue;
        section.add(described(name, family));
        ++found;
    }
    return found;
}

// Series of `left` that `right` has not, in one family of both; gives how many.
std::size_t only_left(const FamilyShape& left, const FamilyShape& right, Section& section) {
    std::size_t found = 0;
    for (const auto& [series, value] : left.series)
        if (!right.series.contains(series) && ++found <= most_lines) section.add(series);
    if (found > most_lines) section.add("and " + std::to_string(found - most_lines) + " more of this family");
    return found;
}

std::string joined(const std::set<std::string>& label_sets) {
    std::string out;
    for (const auto& names : label_sets) out += (out.empty() ? "{" : " or {") + names + '}';
    return out;
}

bool same(std::uint64_t a, std::uint64_t b) {
    const auto left = std::bit_cast<double>(a), right = std::bit_cast<double>(b);
    return left == right || (std::isnan(left) && std::isnan(right));
}

struct Values {
    Section section{"values that differ, though ours stood still meanwhile"};
    std::size_t found = 0;

    void look(const FamilyShape& theirs, const FamilyShape& before, const FamilyShape& after) {
        for (const auto& [series, value] : theirs.series) {
            const auto first = before.series.find(series), last = after.series.find(series);
            if (first == before.series.end() || last == after.series.end()) continue;
            if (!same(first->second, last->second) || same(value, first->second)) continue;
            if (++found <= most_lines)
                section.add(series + "  theirs " + number_text(std::bit_cast<double>(value)) + "  ours " +
                            number_text(std::bit_cast<double>(first->second)));
        }
    }
    std::string text() {
        if (found > most_lines) section.add("and " + std::to_string(found - most_lines) + " more");
        return section.text();
    }
};

std::string themselves(const PageShape& page, std::string_view whose) {
    std::string out;
    for (const auto& [name, family] : page)
        if (about_itself(name)) out += (out.empty() ? "" : ", ") + name;
    return out.empty() ? out : "about the exporter itself, " + std::string(whose) + ": " + out + '\n';
}

}  // namespace

Difference differ(const PageShape& theirs, const PageShape& before, const PageShape& after) {
    Section families("families of theirs that are missing here"), extra("families that are only here"),
        types("families of another type"), labels("families with other labels"),
        series("series of theirs that are missing here"), extra_series("series that are only here");
    Values values;
    Difference out;
    out.missing = only_left(theirs, after, families);
    only_left(after, theirs, extra);
    for (const auto& [name, their] : theirs) {
        const auto found = after.find(name);
        if (about_itself(name) || found == after.end()) continue;
        const auto& our = found->second;
        if (our.type != their.type) {
            ++out.missing;
            types.add(name + ": " + std::string(metrics::type_name(their.type)) + " there, " +
                      std::string(metrics::type_name(our.type)) + " here");
        }
        if (our.label_sets != their.label_sets)
            labels.add(name + ": " + joined(their.label_sets) + " there, " + joined(our.label_sets) +
                       " here");
        out.missing += only_left(their, our, series);
        only_left(our, their, extra_series);
        if (const auto earlier = before.find(name); earlier != before.end())
            values.look(their, earlier->second, our);
    }
    for (const auto* section : {&families, &types, &labels, &series, &extra, &extra_series})
        out.report += section->text();
    out.report += values.text() + themselves(theirs, "theirs") + themselves(after, "ours");
    out.report += out.missing == 0
                      ? "nothing of theirs is missing here\n"
                      : counted(out.missing, "difference", "differences") + " that a dashboard may notice\n";
    return out;
}

}  // namespace pifleet::node
