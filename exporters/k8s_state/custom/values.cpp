#include "exporters/k8s_state/custom/values.hpp"

#include "common/base/text.hpp"
#include "exporters/k8s_state/resources/common.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pifleet::k8s {

namespace {

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The shortest decimal; with an exponent below 1e-4 and from 1e21 on.
std::string text_of_number(double value) {
    const double size = std::fabs(value);
    if (!std::isfinite(value) || (size != 0 && size < 1e-4) || size >= 1e21) return number_text(value);
    std::array<char, 64> room{};
    const auto end =
        std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::fixed).ptr;
    return {room.data(), end};
}

void append_text(std::string& out, Json value) {
    if (!value) {
        out += "<nil>";
    } else if (value.is_text()) {
        out += value.text();
    } else if (const auto flag = value.boolean()) {
        out += *flag ? "true" : "false";
    } else if (const auto whole = value.integer()) {
        out += std::to_string(*whole);
    } else if (const auto number = value.number()) {
        out += text_of_number(*number);
    } else if (value.is_list()) {
        out += '[';
        bool first = true;
        for (const Json item : value.items()) {
            if (!std::exchange(first, false)) out += ' ';
            append_text(out, item);
        }
        out += ']';
    } else {
        out += "map[";
        auto members = shown_members(value);
        std::sort(
            members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        bool first = true;
        for (const auto& [key, member] : members) {
            if (!std::exchange(first, false)) out += ' ';
            out += key;
            out += ':';
            append_text(out, member);
        }
        out += ']';
    }
}

}  // namespace

bool is_withheld(std::string_view key) {
    return key == "kubectl.kubernetes.io/last-applied-configuration";
}

std::vector<std::pair<std::string_view, Json>> shown_members(Json object) {
    std::vector<std::pair<std::string_view, Json>> out;
    for (const auto& member : object.members())
        if (!is_withheld(member.first)) out.push_back(member);
    return out;
}

std::optional<double> number_of(std::string_view text) {
    for (const std::string_view word : {"true", "yes"})
        if (equal_ignoring_case(text, word)) return 1;
    for (const std::string_view word : {"false", "no", "unknown"})
        if (equal_ignoring_case(text, word)) return 0;
    if (const auto seconds = unix_seconds(text)) return seconds;
    const boost::json::value value(boost::json::string_view(text.data(), text.size()));
    if (const auto amount = quantity(Json(value))) return amount;
    if (text.ends_with('%') && is_digits(text.substr(0, text.size() - 1)))
        if (const auto percent = to_double(text.substr(0, text.size() - 1))) return *percent / 100;
    return to_double(text);
}

std::optional<double> number_of(Json value) {
    if (const auto number = value.number()) return number;
    if (const auto flag = value.boolean()) return *flag ? 1 : 0;
    return value.is_text() ? number_of(value.text()) : std::nullopt;
}

std::string text_of(Json value) {
    std::string out;
    append_text(out, value);
    return out;
}

}  // namespace pifleet::k8s
