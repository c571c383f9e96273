#include "forwarder/auth/service_account.hpp"

#include "common/base/base64.hpp"
#include "common/http/percent.hpp"
#include "forwarder/auth/digest.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace pifleet::forwarder {

using nlohmann::json;

namespace {

std::string base64url(std::string_view bytes) {
    auto text = base64_encode(bytes);
    while (text.ends_with('=')) text.pop_back();
    for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

Result<std::string> member(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
        return failure("the service account's key has no " + std::string(key));
    return found->get<std::string>();
}

}  // namespace

Result<ServiceAccount> parse_service_account(std::string_view text) {
    const auto object = json::parse(text, nullptr, false);
    if (!object.is_object()) return failure("the service account's key is not the JSON that Google gives");
    ServiceAccount account;
    for (const auto& [key, into] : {std::pair{"client_email", &account.email},
                                    {"private_key", &account.private_key},
                                    {"private_key_id", &account.key_id},
                                    {"token_uri", &account.token_url_text}}) {
        auto value = member(object, key);
        if (!value) return value.error();
        *into = std::move(*value);
    }
    auto url = http::parse_url(account.token_url_text);
    if (!url) return failure("the service account's token_uri: " + url.error().message);
    account.token_url = std::move(*url);
    return account;
}

Result<std::string> assertion_form(const ServiceAccount& account,
                                   const std::vector<std::string>& scopes,
                                   std::chrono::system_clock::time_point now) {
    constexpr int lifetime = 3600;
    std::string scope;
    for (const auto& one : scopes) (scope += scope.empty() ? "" : " ") += one;
    const auto seconds = std::chrono::system_clock::to_time_t(now);
    const json head{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", account.key_id}};
    const json claims{{"iss", account.email},
                      {"scope", scope},
                      {"aud", account.token_url_text},
                      {"iat", seconds},
                      {"exp", seconds + lifetime}};
    const auto statement = base64url(head.dump()) + '.' + base64url(claims.dump());
    const auto signature = rs256(account.private_key, statement);
    if (!signature) return failure("the service account's " + signature.error().message);
    return "grant_type=" + http::percent_encode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
           "&assertion=" + statement + '.' + base64url(*signature);
}

}  // namespace pifleet::forwarder
