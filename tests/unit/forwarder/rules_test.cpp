#include "forwarder/delivery/rules.hpp"

#include "tests/catch.hpp"

using namespace pifleet::forwarder;
using namespace std::chrono_literals;

namespace {

using Kind = Step::Kind;

const Verdict taken;
const Verdict away{Verdict::Kind::retry, "away"};
const Verdict broken{Verdict::Kind::retry, "status 500", {}, true};
const Verdict refused{Verdict::Kind::refused, "status 400"};
const Verdict denied{Verdict::Kind::denied, "status 401"};
const Verdict too_large{Verdict::Kind::too_large, "status 413"};
const Verdict gone{Verdict::Kind::dropped, "status 404"};
const Verdict another_format{Verdict::Kind::not_understood, "status 415"};

constexpr Rules::Sent batch{1000, 0, true, false}, part{500, 0, false, false}, single{1, 0, false, true};

struct Scene {
    Moment now{1h};
    Rules rules;
    explicit Scene(RuleSwitches switches = {}) : rules({}, switches, 1000, [] { return 0.0; }) {}
    Step after(const Verdict& verdict, const Rules::Sent& sent = batch) {
        return rules.after(verdict, sent, now);
    }
};

}  // namespace

TEST_CASE("waits double up to the most, and begin anew after a success") {
    Scene scene;
    const auto wait = [&] { return scene.after(away).wait; };
    CHECK(wait() == 30ms);
    CHECK(wait() == 60ms);
    CHECK(wait() == 120ms);
    for (int i = 0; i < 100; ++i) CHECK(scene.after(away).kind == Kind::again);
    CHECK(wait() == 3000ms);
    CHECK(scene.rules.probing());
    CHECK(scene.after(taken).kind == Kind::delivered);
    CHECK_FALSE(scene.rules.probing());
    CHECK(wait() == 30ms);
}

TEST_CASE("chance makes waits shorter by a tenth at most, and each at least 0.8 of the one before") {
    bool least = false;
    Backoff backoff({}, [&least] { return (least = !least) ? 0.999 : 0.0; });
    auto before = backoff.after_failure({});
    CHECK(before == 27ms);
    for (int i = 0; i < 20; ++i) {
        const auto wait = backoff.after_failure({});
        CHECK(10 * wait >= 8 * before);
        CHECK(wait <= 3000ms);
        before = wait;
    }
}

TEST_CASE("Retry-After is obeyed within reason") {
    Scene scene;
    const auto wait = [&](milliseconds asked) {
        return scene.after({Verdict::Kind::retry, "", asked, true}).wait;
    };
    CHECK(wait(20s) == 20s);
    CHECK(wait(0ms) == 30ms);
    CHECK(wait(24h) == 600s);
}

TEST_CASE("a denied key is probed once a minute") {
    Scene scene;
    CHECK(scene.after(denied).kind == Kind::again);
    CHECK(scene.after(denied).wait == 60s);
    const auto off = Scene({false, true, true}).after(denied);
    CHECK(off.kind == Kind::drop);
    CHECK(off.reason == Dropped::other_status);
}

TEST_CASE("another 4xx is dropped, two in eight seconds at most") {
    Scene scene;
    std::vector<Moment> sent;
    for (int i = 0; i < 20; ++i) {
        sent.push_back(scene.now);
        const auto step = scene.after(gone);
        CHECK(step.kind == Kind::drop);
        CHECK(step.reason == Dropped::other_status);
        scene.now += step.wait;
    }
    for (std::size_t i = 2; i < sent.size(); ++i) CHECK(sent[i] - sent[i - 2] >= 8s);
}

TEST_CASE("another format is tried at once, a few times in a row") {
    Scene scene;
    for (int i = 0; i < 3; ++i) {
        const auto step = scene.after(another_format);
        CHECK(step.kind == Kind::encode_again);
        CHECK(step.wait == 0ms);
    }
    CHECK(scene.after(another_format).wait == 30ms);
    CHECK(scene.after(another_format).wait == 60ms);
    scene.after(taken);
    CHECK(scene.after(another_format).wait == 0ms);
}

TEST_CASE("413 halves what goes in a request, and it grows again slowly") {
    Scene scene;
    CHECK(scene.after(too_large).kind == Kind::read_again);
    CHECK(scene.rules.batch_samples() == 500);
    CHECK(scene.after(too_large, {500, 0, true, false}).kind == Kind::read_again);
    CHECK(scene.rules.batch_samples() == 250);
    for (int i = 0; i < 100; ++i) scene.after(taken, {249, 0, true, false});
    CHECK(scene.rules.batch_samples() == 250);  // nothing was learned from less
    for (int i = 0; i < 16; ++i) scene.after(taken, {250, 0, true, false});
    CHECK(scene.rules.batch_samples() == 265);
    for (int i = 0; i < 1000; ++i) scene.after(taken);
    CHECK(scene.rules.batch_samples() == 1000);
    const auto one = scene.after(too_large, {1, 0, true, true});
    CHECK(one.kind == Kind::drop);
    CHECK(one.reason == Dropped::too_large);
    CHECK(Scene({true, false, true}).after(too_large).kind == Kind::drop);
}

TEST_CASE("a refused batch is looked at closer, a refused series set aside") {
    Scene scene;
    CHECK(scene.after(refused).kind == Kind::look_closer);
    CHECK(scene.after(refused, single).kind == Kind::drop);
    CHECK(scene.after(refused, single).reason ==
          Dropped::refused);  // everything may be, for all that is known
    scene.after(taken, part);
    CHECK(scene.after(refused, single).kind == Kind::drop);
    CHECK(scene.after(refused, single).reason == Dropped::set_aside);
    const auto off = Scene({true, true, false}).after(refused);
    CHECK(off.kind == Kind::drop);
    CHECK(off.reason == Dropped::refused);
}

TEST_CASE("a bisection is paced until something is taken") {
    Scene scene;
    scene.after(refused);
    CHECK(scene.after(refused, part).wait == 8s);
    scene.now += 8s;
    CHECK(scene.after(taken, part).wait == 50ms);
    for (int i = 0; i < 4; ++i) CHECK(scene.after(refused, part).wait == 50ms);
}

TEST_CASE("an endpoint that refuses everything is believed after a while, and asked again later") {
    Scene scene;
    std::vector<Moment> sent;
    auto step = Step{Kind::again};
    for (int i = 0; i < 16; ++i) {
        CHECK(step.kind != Kind::drop_batch);
        sent.push_back(scene.now);
        step = scene.after(refused, i == 0 ? batch : part);
        scene.now += step.wait;
    }
    CHECK(step.kind == Kind::drop_batch);
    CHECK(scene.rules.refuses_everything());
    for (std::size_t i = 2; i < sent.size(); ++i) CHECK(sent[i] - sent[i - 2] >= 8s);
    scene.rules.begin_batch();
    CHECK(scene.after(refused).kind == Kind::drop);
    CHECK(scene.after(refused).wait > 0s);
    scene.now += 10min;
    CHECK(scene.after(refused).kind == Kind::look_closer);
    scene.after(taken);
    CHECK_FALSE(scene.rules.refuses_everything());
}

TEST_CASE("a bisection that finds more and more bad series gives up what was refused, not the backend") {
    Scene scene;
    scene.after(refused);
    scene.after(taken, part);
    for (int i = 0; i < 15; ++i) CHECK(scene.after(refused, single).kind == Kind::drop);
    CHECK(scene.after(refused, single).kind == Kind::drop_refused);
    CHECK_FALSE(scene.rules.refuses_everything());
}

TEST_CASE("an error that keeps meeting the same batch: halves are tried, and together again in an outage") {
    Scene scene;
    const auto fail = [&](const Rules::Sent& sent) {
        scene.now += 15s;
        return scene.after(broken, sent).kind;
    };
    for (int i = 0; i < 4; ++i) CHECK(fail(batch) == Kind::again);
    CHECK(fail(batch) == Kind::look_closer);
    CHECK(fail(part) == Kind::look_closer);
    CHECK(fail(part) == Kind::rejoin);
    for (int i = 0; i < 4; ++i) CHECK(fail(batch) == Kind::again);
    CHECK(fail(batch) == Kind::look_closer);
    SECTION("a half that is taken proves that it is the samples") {
        scene.after(taken, part);
        CHECK(fail(part) == Kind::again);
        CHECK(fail(part) == Kind::look_closer);
        for (int i = 0; i < 4; ++i) CHECK(fail(single) == Kind::again);
        CHECK(fail(single) == Kind::drop);
    }
    SECTION("with a single series there is nothing to compare it with") {
        scene.rules.begin_batch();
        for (int i = 0; i < 20; ++i) CHECK(fail({1, 0, true, true}) == Kind::again);
    }
}

TEST_CASE("no answer, and an answer that asks for time, say nothing of the samples") {
    Scene scene;
    const Verdict busy{Verdict::Kind::retry, "status 503", 1s, true};
    for (int i = 0; i < 50; ++i) {
        scene.now += 10s;
        CHECK(scene.after(away).kind == Kind::again);
        CHECK(scene.after(busy).kind == Kind::again);
    }
}

TEST_CASE("known bad series do not hold up a batch") {
    Scene scene;
    scene.after(taken, part);
    const auto alone = scene.after(broken, {3, 1, false, true});
    CHECK(alone.kind == Kind::drop);
    CHECK(alone.reason == Dropped::set_aside);
    CHECK(scene.after(refused, {3, 3, false, false}).kind == Kind::look_closer);
    CHECK(scene.after(refused, {9, 9, false, false}).kind == Kind::drop);
}

TEST_CASE("the owner's cap spreads samples over time") {
    const Moment now{1h};
    RateCap none(0), cap(1000);
    none.sent(1'000'000, now);
    CHECK(none.ready() <= now);
    cap.sent(500, now);
    CHECK(cap.ready() == now + 500ms);
    cap.sent(500, now);
    CHECK(cap.ready() == now + 1000ms);
    cap.sent(100, now + 10s);
    CHECK(cap.ready() == now + 10'100ms);
}
