#include "common/http/message.hpp"

#include "common/base/text.hpp"
#include "common/http/percent.hpp"

#include <utility>

namespace pifleet::http {

namespace {

// A broken escape stands for itself: a query is hints, not worth refusing a page for.
std::string decoded(std::string_view text) {
    auto out = percent_decode(text, Plus::blank);
    return out ? std::move(*out) : std::string(text);
}

}  // namespace

std::string_view find_header(std::span<const Header> headers, std::string_view name) {
    for (const auto& header : headers)
        if (equal_ignoring_case(header.name, name)) return header.value;
    return {};
}

std::string_view Request::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::vector<std::string> Request::query(std::string_view name) const {
    std::vector<std::string> out;
    const auto mark = target.find('?');
    if (mark == std::string::npos) return out;
    for (const auto piece : split(std::string_view(target).substr(mark + 1), '&')) {
        const auto equals = piece.find('=');
        if (piece.empty() || decoded(piece.substr(0, equals)) != name) continue;
        out.push_back(equals == std::string_view::npos ? std::string() : decoded(piece.substr(equals + 1)));
    }
    return out;
}

Response text_response(unsigned status, std::string body, std::string_view type) {
    Response response;
    response.status = status;
    response.headers.push_back({"Content-Type", std::string(type)});
    response.body = std::move(body);
    return response;
}

}  // namespace pifleet::http
