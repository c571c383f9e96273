#include "exporters/k8s_state/samples.hpp"

#include "common/base/text.hpp"
#include "common/metrics/escape.hpp"

#include <cmath>
#include <utility>

namespace pifleet::k8s {

namespace {

void append_pair(std::string& out, const metrics::Label& label, bool first) {
    out += first ? '{' : ',';
    out += label.name;
    out += "=\"";
    metrics::append_escaped(out, label.value, true);
    out += '"';
}

}  // namespace

void Samples::begin_object(metrics::Labels identity) {
    out_.text.clear();
    out_.ends.clear();
    identity_.clear();
    for (const auto& label : identity) append_pair(identity_, label, identity_.empty());
}

void Samples::append_label(const metrics::Label& label, bool first) {
    append_pair(out_.text, label, first);
}

void Samples::add(metrics::Labels labels, double value) {
    out_.text += family_;
    out_.text += identity_;
    bool first = identity_.empty();
    for (const auto& label : labels) append_label(label, std::exchange(first, false));
    finish(!first, value);
}

void Samples::add_bare(metrics::Labels labels, double value) {
    out_.text += family_;
    bool first = true;
    for (const auto& label : labels) append_label(label, std::exchange(first, false));
    finish(!first, value);
}

void Samples::finish(bool labels, double value) {
    out_.text += labels ? "} " : " ";
    // Nearly all samples are one of these.
    if (value == 1 || (value == 0 && !std::signbit(value)))
        out_.text += value == 1 ? '1' : '0';
    else
        append_number(out_.text, value);
    out_.text += '\n';
}

}  // namespace pifleet::k8s
