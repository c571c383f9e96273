#include "forwarder/auth/sigv4.hpp"

#include "common/base/text.hpp"
#include "common/http/percent.hpp"
#include "forwarder/auth/digest.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string from_environment(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

// "20150830T123600Z"
std::string stamp(std::chrono::system_clock::time_point now) {
    const auto seconds = std::chrono::system_clock::to_time_t(now);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    const auto size = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    return {text, size};
}

// Blanks around a header's value go, those within become one.
std::string folded(std::string_view value) {
    std::string out;
    for (const auto word : fields(value)) (out += out.empty() ? "" : " ") += word;
    return out;
}

// The parts of a query, each encoded the one way that AWS wants, sorted by name, then value.
std::string canonical_query(std::string_view target) {
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return {};
    std::vector<std::pair<std::string, std::string>> parts;
    for (const auto part : split(target.substr(mark + 1), '&')) {
        if (part.empty()) continue;
        const auto equals = std::min(part.find('='), part.size());
        const auto again = [](std::string_view text) {
            const auto plain = http::percent_decode(text);
            return http::percent_encode(plain ? *plain : text);
        };
        parts.emplace_back(again(part.substr(0, equals)),
                           again(part.substr(std::min(equals + 1, part.size()))));
    }
    std::sort(parts.begin(), parts.end());
    std::string out;
    for (const auto& [name, value] : parts) (out += out.empty() ? "" : "&") += name + '=' + value;
    return out;
}

std::string names_of(const std::vector<http::Header>& headers) {
    std::string out;
    for (const auto& header : headers) (out += out.empty() ? "" : ";") += header.name;
    return out;
}

// Of the day, the region and the service; sorted out step by step so that a leaked one opens little.
std::string derived_key(const SigningKey& key, std::string_view day) {
    const auto dated = hmac_sha256("AWS4" + key.secret_key, day);
    return hmac_sha256(hmac_sha256(hmac_sha256(dated, key.region), key.service), "aws4_request");
}

std::vector<http::Header> headers_to_sign(const http::Request& request, std::string_view host) {
    std::vector<http::Header> out{{"host", std::string(host)}};
    for (const auto& header : request.headers) {
        auto name = lower(header.name);
        if (name == "content-type" || name.starts_with("x-amz-"))
            out.push_back({std::move(name), folded(header.value)});
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return out;
}

}  // namespace

Result<SigningKey> signing_key(const SigV4& options) {
    SigningKey key{options.access_key, {}, {}, options.region, options.service};
    if (key.region.empty()) key.region = from_environment("AWS_REGION");
    if (key.access_key.empty()) key.access_key = from_environment("AWS_ACCESS_KEY_ID");
    if (options.secret_key.given()) {
        auto text = options.secret_key.reveal();
        if (!text) return failure("sigv4: " + text.error().message);
        key.secret_key = std::move(*text);
    } else {
        key.secret_key = from_environment("AWS_SECRET_ACCESS_KEY");
    }
    if (options.session_token.given()) {
        auto text = options.session_token.reveal();
        if (!text) return failure("sigv4: " + text.error().message);
        key.session_token = std::move(*text);
    } else if (!options.secret_key.given()) {  // of one set with the secret
        key.session_token = from_environment("AWS_SESSION_TOKEN");
    }
    if (key.region.empty()) return failure("sigv4: no region is given, and none in $AWS_REGION");
    if (key.access_key.empty() || key.secret_key.empty())
        return failure(
            "sigv4: no access_key with a secret_key_file is given, and none in $AWS_ACCESS_KEY_ID and "
            "$AWS_SECRET_ACCESS_KEY");
    return key;
}

std::string canonical_request(const http::Request& request, const std::vector<http::Header>& signed_headers) {
    const std::string_view target = request.target;
    std::string path(target.substr(0, target.find('?')));
    if (path.empty()) path = "/";
    std::string out =
        request.method + '\n' + http::percent_encode(path, "/") + '\n' + canonical_query(target) + '\n';
    for (const auto& header : signed_headers) out += header.name + ':' + header.value + '\n';
    return out + '\n' + names_of(signed_headers) + '\n' + hex(sha256(request.body));
}

void sign(http::Request& request,
          std::string_view host,
          const SigningKey& key,
          std::chrono::system_clock::time_point now,
          bool with_content_hash) {
    const auto time = stamp(now);
    const auto day = time.substr(0, 8);
    request.headers.push_back({"X-Amz-Date", time});
    if (!key.session_token.empty()) request.headers.push_back({"X-Amz-Security-Token", key.session_token});
    if (with_content_hash) request.headers.push_back({"X-Amz-Content-Sha256", hex(sha256(request.body))});
    const auto headers = headers_to_sign(request, host);
    const auto scope = day + '/' + key.region + '/' + key.service + "/aws4_request";
    const auto text = std::string(algorithm) + '\n' + time + '\n' + scope + '\n' +
                      hex(sha256(canonical_request(request, headers)));
    const auto signature = hex(hmac_sha256(derived_key(key, day), text));
    request.credentials.push_back({"Authorization",
                                   std::string(algorithm) + " Credential=" + key.access_key + '/' + scope +
                                       ", SignedHeaders=" + names_of(headers) + ", Signature=" + signature});
}

}  // namespace pifleet::forwarder
