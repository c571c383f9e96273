#include "common/http/basic_credentials.hpp"

#include "common/base/base64.hpp"
#include "common/base/text.hpp"

namespace pifleet::http {

std::string basic_credentials(const std::string& user, const std::string& password) {
    return "Basic " + base64_encode(user + ':' + password);
}

std::optional<Credentials> parse_basic_credentials(std::string_view header) {
    constexpr std::string_view scheme = "Basic ";
    if (!equal_ignoring_case(header.substr(0, scheme.size()), scheme)) return std::nullopt;
    const auto text = base64_decode(header.substr(scheme.size()));
    if (!text) return std::nullopt;
    const auto colon = text->find(':');
    if (colon == std::string::npos) return std::nullopt;
    return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

}  // namespace pifleet::http
