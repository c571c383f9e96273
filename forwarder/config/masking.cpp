#include "forwarder/config/masking.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <iterator>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view secret_parts[] = {
    "password", "passwd", "secret", "token", "credential", "apikey", "signature"};
constexpr std::string_view secret_ends[] = {"key", "pwd", "sig"};

constexpr std::string_view scheme_end = "://", blanks = " \t\n";

// User and password stand in front of the last @ before the path.
std::string without_passwords(std::string_view text) {
    std::string out;
    for (auto at = text.find(scheme_end); at != std::string_view::npos; at = text.find(scheme_end)) {
        out += text.substr(0, at + scheme_end.size());
        text.remove_prefix(at + scheme_end.size());
        const auto end = text.substr(0, text.find_first_of("/?# \t\n")).rfind('@');
        if (end == std::string_view::npos) continue;
        const auto colon = text.substr(0, end).find(':');
        out += text.substr(0, std::min(colon, end));
        if (colon != std::string_view::npos) out.append(":") += masked;
        text.remove_prefix(end);
    }
    return out.append(text);
}

// Of a piece of a query, "token=abc".
std::string masked_piece(std::string_view piece, QueryValues which) {
    const auto equals = piece.find('=');
    const bool alone = equals == std::string_view::npos;  // it may be a key by itself
    const auto name = piece.substr(0, equals);
    const bool hidden = which == QueryValues::all || (!alone && names_secret(name));
    if (!hidden || piece.empty()) return std::string(piece);
    return (alone ? std::string() : std::string(name) + '=') + std::string(masked);
}

// A query may have a URL with a query: both are separators.
std::string masked_query(std::string_view query, QueryValues which) {
    std::string out;
    while (!query.empty()) {
        out += query.front();
        query.remove_prefix(1);
        const auto piece = query.substr(0, query.find_first_of("?&"));
        out += masked_piece(piece, which);
        query.remove_prefix(piece.size());
    }
    return out;
}

}  // namespace

bool names_secret(std::string_view name) {
    const auto low = lower(name);
    if (low.ends_with("_file") || low.ends_with("_url")) return false;
    const auto has = [&low](std::string_view part) { return low.find(part) != std::string::npos; };
    const auto ends = [&low](std::string_view end) { return low.ends_with(end); };
    return low == "auth" || std::any_of(std::begin(secret_parts), std::end(secret_parts), has) ||
           std::any_of(std::begin(secret_ends), std::end(secret_ends), ends);
}

std::string without_url_secrets(std::string_view text, QueryValues which) {
    const auto open = without_passwords(text);
    std::string_view rest = open;
    std::string out;
    for (auto at = rest.find(scheme_end); at != std::string_view::npos; at = rest.find(scheme_end)) {
        const auto end = std::min(rest.find_first_of(blanks, at), rest.size());
        const auto mark = std::min(rest.find('?', at), end);
        out.append(rest.substr(0, mark)) += masked_query(rest.substr(mark, end - mark), which);
        rest.remove_prefix(end);
    }
    return out.append(rest);
}

Pairs without_secrets(const Pairs& labels) {
    constexpr std::string_view param = "__param_";
    Pairs out;
    for (const auto& [name, value] : labels) {
        const bool secret =
            name.starts_with(param) && names_secret(std::string_view(name).substr(param.size()));
        out.emplace_back(
            name, secret ? std::string(masked) : without_url_secrets(value, QueryValues::secret_names));
    }
    return out;
}

}  // namespace pifleet::forwarder
