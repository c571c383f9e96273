// The lines of one object, family by family, as they will stand on the page: their bytes are the same in both
// formats.
#pragma once

#include "common/metrics/model.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

/// An object's text: the lines of family i end at ends[i], where those of family i + 1 begin.
struct Rendered {
    std::string text;
    std::vector<std::uint32_t> ends;

    std::string_view family(std::size_t i) const {
        const auto from = i == 0 ? 0 : ends[i - 1];
        return std::string_view(text).substr(from, ends[i] - from);
    }
};

/// Writes into a Rendered, whose room is kept from object to object.
class Samples {
  public:
    explicit Samples(Rendered& out) : out_(out) {}

    /// A new object, whose samples begin by these labels.
    void begin_object(metrics::Labels identity);
    void begin_family(std::string_view name) { family_ = name; }
    void end_family() { out_.ends.push_back(static_cast<std::uint32_t>(out_.text.size())); }

    /// A sample with the identity labels, then these.
    void add(metrics::Labels labels, double value);
    void add(std::initializer_list<metrics::Label> labels, double value) {
        add(metrics::Labels{labels.begin(), labels.size()}, value);
    }
    void add(double value) { add(metrics::Labels{}, value); }

    /// A sample with exactly these labels.
    void add_bare(metrics::Labels labels, double value);
    void add_bare(std::initializer_list<metrics::Label> labels, double value) {
        add_bare(metrics::Labels{labels.begin(), labels.size()}, value);
    }

  private:
    void append_label(const metrics::Label& label, bool first);
    void finish(bool labels, double value);

    Rendered& out_;
    std::string_view family_;
    std::string identity_;  // `{namespace="x",pod="y"`, or empty
};

}  // namespace pifleet::k8s
