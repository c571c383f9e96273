// What a piece of YAML leads to, told shortly for the checks.
#pragma once

#include "common/config/tree.hpp"
#include "common/config/values.hpp"

#include <string>
#include <string_view>

namespace pifleet::config::testing {

/// The faults of a text alone, "3:5: what" a line each.
inline std::string faults_of(std::string_view yaml) {
    Faults faults("f");
    parse_yaml(yaml, faults);
    std::string text = faults.text();
    for (std::size_t at = 0; (at = text.find("f:", at)) != text.npos && (at == 0 || text[at - 1] == '\n');)
        text.erase(at, 2);
    return text;
}

/// The value that `decode` reads from a text, beginning with `preset`, and the faults.
template <class T>
struct Decoded {
    T value;
    std::string faults;
};

template <class T>
Decoded<T> decoded(std::string_view yaml, T preset = {}) {
    Faults faults("f");
    if (const auto node = parse_yaml(yaml, faults)) decode(*node, preset, faults);
    return {std::move(preset), faults.text()};
}

}  // namespace pifleet::config::testing
