#include "forwarder/backends/own_secrets.hpp"

#include "common/base/text.hpp"
#include "forwarder/config/masking.hpp"

#include <algorithm>
#include <string_view>

namespace pifleet::forwarder {

namespace {

constexpr std::size_t shortest = 6;  // what is shorter stands in many a text by chance

void replace_all(std::string& text, std::string_view what) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + masked.size()))
        text.replace(at, what.size(), masked);
}

}  // namespace

OwnSecrets::OwnSecrets(const http::Request& request) {
    const auto add = [this](std::string_view secret) {
        if (secret.size() >= shortest) secrets_.emplace_back(secret);
    };
    for (const auto& header : request.credentials) {
        add(header.value);
        add(std::string_view(header.value).substr(header.value.rfind(' ') + 1));  // behind "Bearer"
    }
    const auto query = request.target.find('?');
    if (query == std::string::npos) return;
    for (const auto pair : split(std::string_view(request.target).substr(query + 1), '&')) {
        const auto name = pair.substr(0, pair.find('='));
        if (!names_secret(name) || name.size() == pair.size()) continue;
        add(pair.substr(name.size() + 1));
        for (const auto& decoded : request.query(name)) add(decoded);
    }
    // A longer one first: a shorter one may be a part of it.
    std::sort(
        secrets_.begin(), secrets_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void OwnSecrets::hide(http::Response& answer) const {
    if (answer.status < 300) return;
    for (const auto& secret : secrets_) replace_all(answer.body, secret);
}

}  // namespace pifleet::forwarder
