#include "exporters/k8s_state/custom/path.hpp"

#include "common/base/text.hpp"
#include "exporters/k8s_state/custom/values.hpp"

#include <utility>

namespace pifleet::k8s {

Result<void> Path::add(std::string_view text) {
    Step step;
    step.text = text;
    std::string_view inside = text;
    if (text.size() >= 2 && text.starts_with('[') && text.ends_with(']')) {
        inside = text.substr(1, text.size() - 2);
        step.search = inside.find('=') != std::string_view::npos;
        if (!step.search && !to_int(inside))
            return failure("'" + std::string(text) + "' is no step: expected [name=value] or an index");
    }
    step.index = to_int(inside);
    const auto equals = inside.find('=');
    // Outside of brackets a second `=` makes it a name like any other.
    if (equals != std::string_view::npos &&
        (step.search || inside.find('=', equals + 1) == std::string_view::npos)) {
        step.key = inside.substr(0, equals);
        step.value = inside.substr(equals + 1);
        step.number = number_of(step.value);
    }
    steps_.push_back(std::move(step));
    return {};
}

bool Path::Step::fits(Json candidate) const {
    if (!candidate) return false;
    if (candidate.is_text() && candidate.text() == value) return true;
    return number && number_of(candidate) == number;
}

Json Path::Step::found_in(Json list) const {
    for (const Json item : list.items())
        if (fits(item[*key])) return item;
    return {};
}

Json Path::Step::in(Json from) const {
    if (search) return found_in(from);
    if (from.is_object()) {
        if (key)
            if (const auto member = from[*key]; member.is_text() && member.text() == value) return member;
        return is_withheld(text) ? Json() : from[text];
    }
    if (!from.is_list() || !index) return {};
    const auto size = static_cast<std::int64_t>(from.size());
    auto left = *index < 0 ? *index + size : *index;
    if (left < 0 || left >= size) return {};
    for (const Json item : from.items())
        if (left-- == 0) return item;
    return {};
}

Json Path::get(Json from) const {
    for (const auto& step : steps_) from = step.in(from);
    return from;
}

}  // namespace pifleet::k8s
