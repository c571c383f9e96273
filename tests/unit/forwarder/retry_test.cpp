#include "forwarder/delivery/retry.hpp"

#include "forwarder/backends/http_verdict.hpp"
#include "forwarder/backends/retry_after.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace std::chrono_literals;

namespace {

RetryPolicy policy(double random = 0.5) {
    return RetryPolicy({30ms, 5000ms, 60s, 600s}, [random] { return random; });
}

const Verdict again{Verdict::Kind::retry, "away", {}};
const auto epoch = std::chrono::system_clock::time_point{};

Verdict::Kind kind_of(unsigned status) {
    return verdict_of({status, {}, "", false}, epoch).kind;
}

}  // namespace

TEST_CASE("waits double up to the most, and begin anew after a success") {
    auto rules = policy();
    const auto wait = [&] { return rules.after(again).wait; };
    CHECK(wait() == 30ms);
    CHECK(wait() == 60ms);
    CHECK(wait() == 120ms);
    for (int i = 0; i < 100; ++i) rules.after(again);
    CHECK(wait() == 5000ms);
    CHECK(rules.failures() == 104);
    CHECK(rules.after({}).kind == Decision::Kind::done);
    CHECK(rules.failures() == 0);
    CHECK(wait() == 30ms);
}

TEST_CASE("waits are spread by a tenth each way") {
    CHECK(policy(0).after(again).wait == 27ms);
    auto high = policy(0.999).after(again).wait;
    CHECK(high >= 32ms);
    CHECK(high <= 33ms);
}

TEST_CASE("Retry-After is obeyed within reason") {
    auto rules = policy();
    CHECK(rules.after({Verdict::Kind::retry, "", 20s}).wait == 20s);
    CHECK(rules.after({Verdict::Kind::retry, "", 0ms}).wait == 30ms);
    CHECK(rules.after({Verdict::Kind::retry, "", 24h}).wait == 600s);
}

TEST_CASE("a refused batch is dropped, a denied key is probed once a minute") {
    auto rules = policy();
    CHECK(rules.after({Verdict::Kind::refused, "", {}}).kind == Decision::Kind::drop);
    const auto denied = rules.after({Verdict::Kind::denied, "", {}});
    CHECK(denied.kind == Decision::Kind::wait_and_retry);
    CHECK(denied.wait == 60s);
}

TEST_CASE("what a status means") {
    CHECK(kind_of(200) == Verdict::Kind::delivered);
    CHECK(kind_of(204) == Verdict::Kind::delivered);
    CHECK(kind_of(301) == Verdict::Kind::refused);
    CHECK(kind_of(400) == Verdict::Kind::refused);
    CHECK(kind_of(401) == Verdict::Kind::denied);
    CHECK(kind_of(403) == Verdict::Kind::denied);
    CHECK(kind_of(413) == Verdict::Kind::refused);
    CHECK(kind_of(429) == Verdict::Kind::retry);
    CHECK(kind_of(500) == Verdict::Kind::retry);
    CHECK(kind_of(503) == Verdict::Kind::retry);
    const auto busy = verdict_of({503, {{"retry-after", "7"}}, "too\nbusy\n", false}, epoch);
    CHECK(busy.wait == 7s);
    CHECK(busy.reason == "status 503: too busy");
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
