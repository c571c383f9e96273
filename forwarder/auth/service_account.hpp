// Google's service accounts: a key file signs a statement of who we are, which is good for a token (RFC 7523;
// developers.google.com/identity/protocols/oauth2/service-account).
#pragma once

#include "common/base/result.hpp"
#include "common/http/url.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

struct ServiceAccount {
    std::string email, key_id, private_key;  // the key in PEM
    http::Url token_url;
    std::string token_url_text;  // as the statement names it
};

/// The key file's JSON. Errors name the member that is missing or wrong.
Result<ServiceAccount> parse_service_account(std::string_view json);

/// The form that asks for a token with these scopes. Its statement holds for an hour from `now`, which must
/// be right.
Result<std::string> assertion_form(const ServiceAccount& account,
                                   const std::vector<std::string>& scopes,
                                   std::chrono::system_clock::time_point now);

}  // namespace pifleet::forwarder
