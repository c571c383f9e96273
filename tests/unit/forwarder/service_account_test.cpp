// Google's key files and the statement made with one. The signature is checked with the public key by OpenSSL
// itself.
#include "forwarder/auth/service_account.hpp"

#include "forwarder/auth/digest.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

struct Key {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_RSA_gen(2048), EVP_PKEY_free};
    std::string pem() const {
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
        PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        char* text = nullptr;
        const auto size = BIO_get_mem_data(out.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }
    bool verifies(const std::string& text, const std::string& signature) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
        const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
        return EVP_DigestVerify(context.get(),
                                bytes,
                                signature.size(),
                                reinterpret_cast<const unsigned char*>(text.data()),
                                text.size()) == 1;
    }
};

std::string unbase64url(std::string text) {
    for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (text.size() % 4 != 0) text += '=';
    std::string out(text.size() / 4 * 3, '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(text.data()),
                    static_cast<int>(text.size()));
    const auto padding = text.size() - text.find_last_not_of('=') - 1;
    out.resize(out.size() - padding);
    return out;
}

nlohmann::json file_of(const std::string& pem) {
    return {{"type", "service_account"},
            {"client_email", "pi@home.iam.gserviceaccount.com"},
            {"private_key_id", "k1"},
            {"private_key", pem},
            {"token_uri", "https://oauth2.googleapis.com/token"}};
}

}  // namespace

TEST_CASE("service account: the statement says who, for what, to whom and until when") {
    const Key key;
    const auto account = parse_service_account(file_of(key.pem()).dump());
    REQUIRE(account.has_value());
    const auto now = std::chrono::system_clock::from_time_t(1'700'000'000);
    const auto form = assertion_form(*account, {"scope-a", "scope-b"}, now);
    REQUIRE(form);
    const std::string head = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    REQUIRE(form->starts_with(head));
    const auto statement = form->substr(head.size());
    const auto last = statement.rfind('.'), first = statement.find('.');
    CHECK(key.verifies(statement.substr(0, last), unbase64url(statement.substr(last + 1))));
    const auto claims = nlohmann::json::parse(unbase64url(statement.substr(first + 1, last - first - 1)));
    CHECK(claims == nlohmann::json{{"iss", "pi@home.iam.gserviceaccount.com"},
                                   {"scope", "scope-a scope-b"},
                                   {"aud", "https://oauth2.googleapis.com/token"},
                                   {"iat", 1'700'000'000},
                                   {"exp", 1'700'003'600}});
    CHECK(nlohmann::json::parse(unbase64url(statement.substr(0, first))) ==
          nlohmann::json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}});
}

TEST_CASE("service account: a key file that is none says what is wrong, without a byte of the key") {
    CHECK(parse_service_account("not json").error().message.find("JSON") != std::string::npos);
    auto file = file_of("-----BEGIN PRIVATE KEY-----\nsecretbytes\n-----END PRIVATE KEY-----\n");
    const auto account = parse_service_account(file.dump());
    REQUIRE(account.has_value());
    const auto form = assertion_form(*account, {}, {});
    REQUIRE_FALSE(form);
    CHECK(form.error().message == "the service account's private key is no key in PEM");
    file.erase("token_uri");
    CHECK(parse_service_account(file.dump()).error().message == "the service account's key has no token_uri");
}
