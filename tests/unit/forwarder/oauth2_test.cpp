#include "forwarder/auth/oauth2.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace std::chrono_literals;

namespace {

http::Response answer(std::string body, unsigned status = 200) {
    return http::text_response(status, std::move(body), "application/json");
}

std::string error(std::string body, unsigned status = 200) {
    const auto token = parse_token(answer(std::move(body), status));
    return token ? "" : token.error().message;
}

}  // namespace

TEST_CASE("a token server's answer is a token and how long it holds") {
    const auto token = parse_token(answer(R"({"access_token":"abc","token_type":"bearer","expires_in":60})"));
    REQUIRE(token.has_value());
    CHECK(token->authorization == "Bearer abc");
    CHECK(token->lifetime == 60s);
    const auto other = parse_token(answer(R"({"access_token":"abc","token_type":"MAC","expires_in":"90"})"));
    CHECK(other->authorization == "MAC abc");
    CHECK(other->lifetime == 90s);
    for (const std::string lifetime : {"0", "-1", "null", "\"soon\"", "[]"}) {
        const auto endless = parse_token(answer(R"({"access_token":"abc","expires_in":)" + lifetime + "}"));
        REQUIRE(endless.has_value());
        CHECK(endless->lifetime == std::chrono::seconds::max());
    }
    CHECK(parse_token(answer(R"({"access_token":"abc","expires_in":1e300})"))->lifetime == 8760h);
}

TEST_CASE("what is no token is told, and nothing of the body but what is meant to be read") {
    CHECK(error(R"({"error":"invalid_client","error_description":"no\nsuch","secret":"s"})", 401) ==
          "status 401: invalid_client: no such");
    CHECK(error("<html>secret</html>", 503) == "status 503");
    CHECK(error("<html>") == "the answer is not a JSON object");
    CHECK(error("[1]") == "the answer is not a JSON object");
    CHECK(error("{}") == "the answer has no access_token");
    CHECK(error(R"({"access_token":""})") == "the answer has no access_token");
    CHECK(error(R"({"access_token":7})") == "the answer has no access_token");
}

TEST_CASE("the form has scopes, parameters and, where no header takes it, the secret") {
    OAuth2 config;
    config.client_id = "me";
    CHECK(token_form(config, false, "s") == "grant_type=client_credentials");
    config.scopes = {"a", "b:c"};
    config.endpoint_params = {{"audience", "x y"}};
    CHECK(token_form(config, true, "s&t") ==
          "grant_type=client_credentials&scope=a%20b%3Ac&client_id=me&client_secret=s%26t&audience=x%20y");
}
