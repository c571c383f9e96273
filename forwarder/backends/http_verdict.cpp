#include "forwarder/backends/http_verdict.hpp"

#include "common/base/text.hpp"
#include "forwarder/backends/retry_after.hpp"

#include <string>
#include <string_view>

namespace pifleet::forwarder {

namespace {

// The beginning of an error's body, on one line: receivers say there which series they refuse.
std::string excerpt(std::string_view body) {
    constexpr std::size_t most = 300;
    std::string out;
    for (const char c : trim(body).substr(0, most)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return out;
}

}  // namespace

Verdict verdict_of(const http::Response& answer, std::chrono::system_clock::time_point now) {
    if (answer.status >= 200 && answer.status < 300) return {};
    Verdict verdict{Verdict::Kind::refused, "status " + std::to_string(answer.status), {}};
    if (const auto said = excerpt(answer.body); !said.empty()) verdict.reason += ": " + said;
    if (answer.status == 401 || answer.status == 403) verdict.kind = Verdict::Kind::denied;
    if (answer.status == 429 || answer.status >= 500) {
        verdict.kind = Verdict::Kind::retry;
        verdict.wait = parse_retry_after(http::find_header(answer.headers, "Retry-After"), now);
    }
    return verdict;
}

}  // namespace pifleet::forwarder
