// Families whose value is one field of the object, named in the table itself: status_count<"replicas">.
#pragma once

#include "exporters/k8s_state/resources/common.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace pifleet::k8s {

/// A field's name as a template argument.
template <std::size_t N>
struct Field {
    char name[N];
    constexpr Field(const char (&text)[N]) { std::copy_n(text, N, name); }
    constexpr operator std::string_view() const { return {name, N - 1}; }
};

/// Adds a number that the API leaves out where it is 0.
inline void add_count(Samples& out, Json number) {
    if (number)
        add_number(out, number);
    else
        out.add(0);
}

template <Field field>
void spec_count(const Object& object, Samples& out) {
    add_count(out, object.spec[field]);
}

template <Field field>
void status_count(const Object& object, Samples& out) {
    add_count(out, object.status[field]);
}

/// Only when it is there: absent is not 0.
template <Field field>
void spec_number(const Object& object, Samples& out) {
    add_number(out, object.spec[field]);
}

template <Field field>
void status_number(const Object& object, Samples& out) {
    add_number(out, object.status[field]);
}

template <Field field>
void status_time(const Object& object, Samples& out) {
    add_time(out, object.status[field]);
}

/// 1 when it is true, else 0.
template <Field field>
void spec_flag(const Object& object, Samples& out) {
    out.add(object.spec[field].is_true() ? 1 : 0);
}

/// 1 with the text as a label, also when it is empty.
template <Field label, Field field>
void spec_text(const Object& object, Samples& out) {
    out.add({{label, object.spec[field].text()}}, 1);
}

template <Field label, Field field>
void status_text(const Object& object, Samples& out) {
    out.add({{label, object.status[field].text()}}, 1);
}

/// 1 for each text of a list, as a label.
template <Field label, Field field>
void spec_texts(const Object& object, Samples& out) {
    for (const Json item : object.spec[field].items())
        if (item.is_text()) out.add({{label, item.text()}}, 1);
}

/// For each condition a sample for true, false and unknown.
inline void status_conditions(const Object& object, Samples& out) {
    for (const Json condition : object.status["conditions"].items()) {
        const metrics::Label type{"condition", condition["type"].text()};
        add_condition(out, {&type, 1}, condition["status"].text());
    }
}

/// A sample for each of the names: 1 for the one that holds. None when none is told.
template <std::size_t N>
void add_choice(Samples& out,
                std::string_view label,
                const std::string_view (&names)[N],
                std::string_view holds) {
    if (holds.empty()) return;
    for (const auto name : names) out.add({{label, name}}, name == holds ? 1 : 0);
}

/// A sample for each of true, false and unknown, told apart by a label "condition".
inline void add_condition_value(Samples& out, std::string_view status) {
    out.add({{"condition", "true"}}, status == "True" ? 1 : 0);
    out.add({{"condition", "false"}}, status == "False" ? 1 : 0);
    out.add({{"condition", "unknown"}}, status == "Unknown" ? 1 : 0);
}

}  // namespace pifleet::k8s
