#include "forwarder/backends/http_verdict.hpp"

#include "forwarder/backends/own_secrets.hpp"
#include "forwarder/backends/retry_after.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace std::chrono_literals;

namespace {

const auto epoch = std::chrono::system_clock::time_point{};

Verdict::Kind kind_of(unsigned status) {
    return verdict_of({status, {}, "", nullptr, false}, epoch).kind;
}

}  // namespace

TEST_CASE("what a status means") {
    CHECK(kind_of(200) == Verdict::Kind::delivered);
    CHECK(kind_of(204) == Verdict::Kind::delivered);
    CHECK(kind_of(301) == Verdict::Kind::dropped);
    CHECK(kind_of(400) == Verdict::Kind::refused);
    CHECK(kind_of(401) == Verdict::Kind::denied);
    CHECK(kind_of(403) == Verdict::Kind::denied);
    CHECK(kind_of(404) == Verdict::Kind::dropped);
    CHECK(kind_of(413) == Verdict::Kind::too_large);
    CHECK(kind_of(429) == Verdict::Kind::retry);
    CHECK(kind_of(500) == Verdict::Kind::retry);
    CHECK(kind_of(503) == Verdict::Kind::retry);
    const auto busy = verdict_of({503, {{"retry-after", "7"}}, "too\nbusy\n", nullptr, false}, epoch);
    CHECK(busy.wait == 7s);
    CHECK(busy.answered);
    CHECK(busy.reason == "status 503: too busy");
}

TEST_CASE("a receiver that has kept a part of what it refuses is not sent that part again") {
    const auto verdict = [](const char* written) {
        return verdict_of({400, {{"X-Prometheus-Remote-Write-Samples-Written", written}}, "", nullptr, false},
                          epoch);
    };
    CHECK(verdict("7").kind == Verdict::Kind::dropped);
    CHECK(verdict("7").written == 7);
    CHECK(verdict("0").kind == Verdict::Kind::refused);
    CHECK(verdict("many").kind == Verdict::Kind::refused);
}

TEST_CASE("Retry-After comes as seconds or as a date") {
    const auto now = std::chrono::system_clock::from_time_t(784111700);  // Sun, 06 Nov 1994 08:48:20 GMT
    CHECK(parse_retry_after("120", now) == 120s);
    CHECK(parse_retry_after(" 5 ", now) == 5s);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 77s);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0s);
    CHECK(parse_retry_after("99999999999999", now) == std::chrono::seconds(1 << 30));
    for (const auto bad : {"", "-1", "soon", "Sun, 06 Nov 1994 08:49:37", "1.5"})
        CHECK_FALSE(parse_retry_after(bad, now));
}

TEST_CASE("an answer that repeats our secrets does not show them") {
    http::Request request;
    request.target = "/write?bucket=long-name&api_key=a%2Fb%2Fcdef&token=a%2Fb%2Fcdefgh&key=ab";
    request.credentials = {{"Authorization", "Bearer s3cret-one"}, {"X-Key", "s3cret-two"}};
    const OwnSecrets secrets(request);
    const auto hidden = [&secrets](unsigned status, std::string body) {
        http::Response answer{status, {}, std::move(body), nullptr, false};
        secrets.hide(answer);
        return answer.body;
    };
    CHECK(hidden(401, "no s3cret-one or s3cret-two, Bearer s3cret-one") ==
          "no <secret> or <secret>, <secret>");
    CHECK(hidden(404, "/write?bucket=long-name&api_key=a%2Fb%2Fcdef&token=a/b/cdefgh&key=ab") ==
          "/write?bucket=long-name&api_key=<secret>&token=<secret>&key=ab");
    CHECK(hidden(200, "s3cret-one") == "s3cret-one");
    CHECK(hidden(500, "") == "");
}
