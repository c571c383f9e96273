#include "common/http/web/config.hpp"

#include "common/base/base64.hpp"
#include "common/http/web/token_bucket.hpp"
#include "tests/catch.hpp"
#include "tests/unit/common/http/certificates.hpp"

using namespace pifleet;
using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;

namespace {

const std::string hash = "$2b$04$abcdefghijklmnopqrstuuIFA5gEpZL2n9hTjVmZ4TMuVLLXTHRSi";

struct Files {
    TempFolder folder;
    Certificate own = make_certificate({});
    std::string cert = folder.file("cert.pem", own.pem());
    std::string key = folder.file("key.pem", own.key_pem());

    Result<web::Config> load(const std::string& text) const {
        return web::load(folder.file("web.yml", text));
    }
    // The faults without the folder's name.
    std::string faults(const std::string& text) const {
        const auto path = folder.file("web.yml", text);
        const auto read = web::load(path);
        if (read) return "none";
        auto out = read.error().message;
        const auto folder_name = path.substr(0, path.size() - 7);
        for (auto at = out.find(folder_name); at != out.npos; at = out.find(folder_name))
            out.erase(at, folder_name.size());
        return out;
    }
};

const std::string pair = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n";

bool begins(const std::string& text, const std::string& with) {
    INFO(text);
    CHECK(text.substr(0, with.size()) == with);
    return text.starts_with(with);
}

}  // namespace

TEST_CASE("a whole web configuration is read, paths from its folder on") {
    const Files files;
    const auto read =
        files.load(pair +
                   "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: cert.pem\n"
                   "  client_allowed_sans: [pi, 10.0.0.1]\n  min_version: TLS11\n  max_version: TLS13\n"
                   "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]\n"
                   "  curve_preferences: [X25519, CurveP256]\n  prefer_server_cipher_suites: false\n"
                   "http_server_config:\n  http2: false\n  headers: {X-Frame-Options: deny}\n"
                   "basic_auth_users:\n  me: " +
                   hash + "\nrate_limit: {interval: 1m1.5s, burst: 7}\n");
    REQUIRE(read.has_value());
    CHECK(read->tls.cert_file == files.cert);
    CHECK(read->tls.client_auth == web::ClientAuth::require_and_verify);
    CHECK(read->tls.client_allowed_sans == std::vector<std::string>{"pi", "10.0.0.1"});
    CHECK(read->tls.min_version == TlsVersion::tls11);
    CHECK(read->tls.max_version == TlsVersion::tls13);
    CHECK(read->tls.ciphers == "ECDHE-RSA-AES128-GCM-SHA256");
    CHECK(read->tls.groups == "X25519:P-256");
    CHECK_FALSE(read->tls.prefer_server_ciphers);
    CHECK(read->headers == std::vector<Header>{{"X-Frame-Options", "deny"}});
    CHECK(read->users == std::map<std::string, std::string>{{"me", hash}});
    CHECK(read->rate.interval == 61'500ms);
    CHECK(read->rate.burst == 7);
}

TEST_CASE("an empty web configuration asks for nothing") {
    const Files files;
    for (const auto* text : {"", "tls_server_config:\n", "tls_server_config: {}\nbasic_auth_users:\n"}) {
        const auto read = files.load(text);
        REQUIRE(read.has_value());
        CHECK_FALSE(read->tls.wanted());
        CHECK(read->users.empty());
    }
}

TEST_CASE("faults of a web configuration name their place") {
    const Files files;
    CHECK(web::load("/nonexistent/web.yml").error().message.find("/nonexistent/web.yml") !=
          std::string::npos);
    begins(files.faults("tls_config: {}\n"), "web.yml:1:1: ");
    begins(files.faults(pair + "  client_auth_type: Sometimes\n"),
           "web.yml:4:21: expected one of NoClientCert, ");
    begins(files.faults(pair + "  min_version: 1.2\n"), "web.yml:4:16: expected one of TLS10, ");
    begins(files.faults(pair + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n"),
           "web.yml:4:19: expected one of ");
    begins(files.faults(pair + "  client_ca_file: cert.pem\n"), "web.yml:4:19: without client_auth_type ");
    begins(files.faults(pair + "  client_auth_type: RequestClientCert\n  client_allowed_sans: [pi]\n"),
           "web.yml:5:24: needs client_auth_type");
    begins(files.faults(pair + "  min_version: TLS13\n  max_version: TLS12\n"), "web.yml:5:16: ");
    begins(files.faults("tls_server_config:\n  cert_file: cert.pem\n"),
           "web.yml:2:3: the certificate's key ");
    begins(files.faults("tls_server_config:\n  key_file: key.pem\n"),
           "web.yml:2:3: a certificate is missing");
    begins(files.faults("tls_server_config:\n  cert_file: none\n  key_file: key.pem\n"),
           "web.yml:2:3: cert_file: ");
    begins(files.faults("tls_server_config:\n  cert_file: key.pem\n  key_file: key.pem\n"),
           "web.yml:2:3: cert_file: nothing to be used in ");
    begins(files.faults("http_server_config:\n  headers:\n    X-Frame-Option: deny\n"), "web.yml:3:5: ");
    begins(files.faults("http_server_config:\n  headers:\n    X-Frame-Options: allow\n"),
           "web.yml:3:22: X-Frame-Options: expected deny or sameorigin");
    begins(files.faults("rate_limit: {interval: 1d}\n"), "web.yml:1:24: expected a duration");
}

TEST_CASE("a password that stands where its hash should is refused and not repeated") {
    const auto fault = Files().faults("basic_auth_users:\n  me: hunter2\n");
    begins(fault, "web.yml:2:7: the password of 'me' is no bcrypt hash");
    CHECK(fault.find("hunter2") == std::string::npos);
}

TEST_CASE("a key that is not the certificate's is refused") {
    const Files files;
    files.folder.file("key.pem", make_certificate({}).key_pem());
    begins(files.faults(pair), "web.yml:2:3: key_file: not the key of the certificate");
}

TEST_CASE("a rate lets a burst pass, then one request an interval") {
    const web::TokenBucket::Time start{};
    web::TokenBucket bucket({1s, 2}, start);
    CHECK(bucket.take(start));
    CHECK(bucket.take(start));
    CHECK_FALSE(bucket.take(start));
    CHECK_FALSE(bucket.take(start + 900ms));
    CHECK(bucket.take(start + 1100ms));
    CHECK(bucket.take(start + 1h));
    CHECK(bucket.take(start + 1h));
    CHECK_FALSE(bucket.take(start + 1h));
    web::TokenBucket open({0s, 0}, start);
    CHECK(open.take(start));
}

TEST_CASE("base64 there and back") {
    const std::pair<std::string, std::string> known[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {std::string("\0\xff", 2), "AP8="}};
    for (const auto& [bytes, text] : known) {
        CHECK(base64_encode(bytes) == text);
        CHECK(base64_decode(text) == bytes);
    }
    for (const auto* wrong : {"Z", "Zg=", "Zm9=v", "Zm 8", "====", "Zm9v="})
        CHECK_FALSE(base64_decode(wrong));
}
