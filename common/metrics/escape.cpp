#include "common/metrics/escape.hpp"

#include <algorithm>

namespace pifleet::metrics {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
    const auto special = [quotes](char c) { return c == '\\' || c == '\n' || (c == '"' && quotes); };
    for (;;) {
        const auto at = std::find_if(text.begin(), text.end(), special);
        out.append(text.begin(), at);
        if (at == text.end()) return;
        out += '\\';
        out += *at == '\n' ? 'n' : *at;
        text.remove_prefix(static_cast<std::size_t>(at - text.begin()) + 1);
    }
}

}  // namespace pifleet::metrics
