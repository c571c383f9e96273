#include "forwarder/backends/http_verdict.hpp"

#include "common/base/text.hpp"
#include "forwarder/backends/retry_after.hpp"

#include <string>
#include <string_view>

namespace pifleet::forwarder {

namespace {

Verdict::Kind kind_of(unsigned status) {
    if (status == 408 || status == 429 || status >= 500) return Verdict::Kind::retry;
    if (status == 401 || status == 403) return Verdict::Kind::denied;
    if (status == 413) return Verdict::Kind::too_large;
    if (status == 400) return Verdict::Kind::refused;
    return Verdict::Kind::dropped;
}

}  // namespace

std::string excerpt(std::string_view body) {
    constexpr std::size_t most = 300;
    std::string out;
    for (const char c : trim(body).substr(0, most)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return out;
}

Verdict verdict_of(const http::Response& answer, std::chrono::system_clock::time_point now) {
    if (answer.status >= 200 && answer.status < 300) return {};
    Verdict verdict{kind_of(answer.status), "status " + std::to_string(answer.status)};
    if (const auto said = excerpt(answer.body); !said.empty()) verdict.reason += ": " + said;
    if (verdict.kind == Verdict::Kind::retry) {
        verdict.answered = true;
        verdict.wait = parse_retry_after(http::find_header(answer.headers, "Retry-After"), now);
    }
    if (verdict.kind == Verdict::Kind::refused) {
        // Remote_write 2.0: what was good has been kept. To send it again would repeat it.
        const auto written =
            to_unsigned(http::find_header(answer.headers, "X-Prometheus-Remote-Write-Samples-Written"));
        verdict.written = written.value_or(0);
        if (verdict.written > 0) verdict.kind = Verdict::Kind::dropped;
    }
    return verdict;
}

}  // namespace pifleet::forwarder
