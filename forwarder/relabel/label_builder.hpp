// A label set while it is being made: rules read and change it. Its labels are sorted by name, names are
// unique, and no value is empty: an empty label is one that is not there.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

class LabelBuilder {
  public:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    LabelBuilder() = default;
    /// In any order; of two labels with one name the later stands.
    explicit LabelBuilder(Labels labels);

    /// Empty: there is none. Valid until the next change.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const { return !get(name).empty(); }

    /// An empty value removes the label. `name` must not point into this label set.
    void set(std::string_view name, std::string value);
    void set_if_absent(std::string_view name, std::string value);
    void remove(std::string_view name);

    const Labels& labels() const { return labels_; }

  private:
    Labels::iterator at(std::string_view name);
    Labels labels_;
};

}  // namespace pifleet::forwarder
