// A series' labels, sorted by name, out of either form in which the table keeps a series:
//   stored: each label as length, name, length, value (lengths as varints), sorted by name;
//   page:   the series as it stands on a target's page, to which the target's labels are added.
#pragma once

#include "common/metrics/model.hpp"

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

using LabelPairs = std::vector<std::pair<std::string, std::string>>;  // sorted by name, no name twice

class LabelReader {
  public:
    /// Bytes in the stored form, which must be well formed.
    explicit LabelReader(std::string_view stored);
    /// A page's series, which must be plain, and the labels to add, which outlive the reader.
    LabelReader(std::string_view page, const LabelPairs& added);
    LabelReader(const LabelReader&) = delete;
    LabelReader& operator=(const LabelReader&) = delete;

    /// The next label, by name in byte order; false at the end. Views live as long as the series does where
    /// it is.
    bool next(metrics::Label& label) {
        const bool own = own_ < labels_.size();
        if (added_ < more_.size() && (!own || more_[added_].first < labels_[own_].name)) {
            label = {more_[added_].first, more_[added_].second};
            ++added_;
            return true;
        }
        if (!own) return false;
        label = labels_[own_++];
        return true;
    }

    /// Whether any bytes, from a file say, are a label set in the stored form.
    static bool well_formed(std::string_view bytes);

  private:
    boost::container::small_vector<metrics::Label, 24> labels_;
    std::span<const std::pair<std::string, std::string>> more_;
    std::size_t own_ = 0, added_ = 0;
};

/// Appends labels, which must be sorted, in the stored form.
void append_stored(std::string& out, metrics::Labels labels);

/// Whether reading this text of a page as it stands, with these labels added, gives just these labels: then
/// it needs no other form. Escapes, quoted names, blanks, clashes and empty values make it no.
bool reads_as(std::string_view page, const LabelPairs& added, metrics::Labels labels);

}  // namespace pifleet::forwarder
