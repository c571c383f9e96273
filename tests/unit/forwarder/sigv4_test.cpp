// AWS's published vectors (tests/conformance/sigv4), and what a configuration says of keys.
#include "forwarder/auth/sigv4.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

const auto vectors_file = std::string(PIFLEET_SOURCE_DIR) + "/tests/conformance/sigv4/vectors.json";
const auto then = std::chrono::system_clock::from_time_t(1440938160);  // 2015-08-30 12:36:00

http::Request request_of(const nlohmann::json& vector) {
    http::Request request;
    request.method = vector["method"];
    const std::string query = vector["query"];
    request.target = vector["path"].get<std::string>() + (query.empty() ? "" : "?" + query);
    request.body = vector["body"];
    return request;
}

// Every header of a vector, as they are signed there.
std::vector<http::Header> headers_of(const nlohmann::json& vector) {
    std::vector<http::Header> out;
    for (const auto& pair : vector["headers"]) {
        std::string value;
        const std::string given = pair[1];
        for (const auto word : fields(given)) (value += value.empty() ? "" : " ") += word;
        const auto name = lower(pair[0].get<std::string>());
        const auto known =
            std::find_if(out.begin(), out.end(), [&](const auto& header) { return header.name == name; });
        if (known != out.end())
            known->value += "," + value;
        else
            out.push_back({name, value});
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return out;
}

// sign() signs the host, the content type and what is AWS's; a vector with other headers has another
// signature.
bool signed_alike(const std::vector<http::Header>& headers) {
    return std::all_of(headers.begin(), headers.end(), [](const auto& header) {
        return header.name == "host" || header.name == "content-type" || header.name.starts_with("x-amz-");
    });
}

}  // namespace

TEST_CASE("sigv4: AWS's vectors") {
    const auto all = nlohmann::json::parse(*read_file(vectors_file, 1 << 20));
    std::size_t compared = 0;
    for (const auto& vector : all["vectors"]) {
        INFO(vector["name"]);
        const auto headers = headers_of(vector);
        auto request = request_of(vector);
        CHECK(canonical_request(request, headers) == vector["canonical_request"].get<std::string>());
        if (!signed_alike(headers)) continue;
        std::string host, token;
        for (const auto& [name, value] : headers) {
            if (name == "host") host = value;
            if (name == "content-type") request.headers.push_back({"Content-Type", value});
            if (name == "x-amz-security-token") token = value;
        }
        sign(request,
             host,
             {all["access_key"], all["secret_key"], token, all["region"], vector["service"]},
             then);
        CHECK(request.credentials.back().value.ends_with("Signature=" +
                                                         vector["signature"].get<std::string>()));
        ++compared;
    }
    CHECK(compared >= 4);
}

TEST_CASE("sigv4: what is missing is said") {
    unsetenv("AWS_REGION");
    unsetenv("AWS_ACCESS_KEY_ID");
    SigV4 options;
    CHECK(signing_key(options).error().message.find("region") != std::string::npos);
    options.region = "eu-central-1";
    CHECK(signing_key(options).error().message.find("AWS_ACCESS_KEY_ID") != std::string::npos);
    options.access_key = "id";
    options.secret_key = config::Secret::of_text("secret");
    const auto key = signing_key(options);
    REQUIRE(key.has_value());
    CHECK(key->service == "aps");
    CHECK(key->session_token.empty());
}
