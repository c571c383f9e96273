// AWS Signature Version 4 for requests with a body in memory (docs.aws.amazon.com, "Signature Version 4 for
// API requests"). Pure: given the time, the same request has the same signature; AWS's published vectors are
// the test.
#pragma once

#include "common/base/result.hpp"
#include "common/config/values.hpp"
#include "common/http/message.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// As in Prometheus's `sigv4`, with files for what is secret, and the service.
struct SigV4 {
    std::string region;  // empty: $AWS_REGION
    std::string service = "aps";
    std::string access_key;        // empty: $AWS_ACCESS_KEY_ID
    config::Secret secret_key;     // not given: $AWS_SECRET_ACCESS_KEY
    config::Secret session_token;  // not given: $AWS_SESSION_TOKEN, or none
    friend bool operator==(const SigV4&, const SigV4&) = default;
};

/// What a signature is made with.
struct SigningKey {
    std::string access_key, secret_key, session_token, region, service;
};

/// The key, its secrets read now. The error says what is missing and where it was looked for.
Result<SigningKey> signing_key(const SigV4& options);

/// Signs `request`, which goes to `host` (as its Host header has it): adds X-Amz-Date, X-Amz-Security-Token
/// where there is a session token, and Authorization. Signed are the host, these and the Content-Type.
/// `with_content_hash` adds and signs X-Amz-Content-Sha256 too.
void sign(http::Request& request,
          std::string_view host,
          const SigningKey& key,
          std::chrono::system_clock::time_point now,
          bool with_content_hash = false);

/// The text whose hash is signed, for tests.
std::string canonical_request(const http::Request& request, const std::vector<http::Header>& signed_headers);

}  // namespace pifleet::forwarder
