// SNTP without a server: packets, times over the end of an era, which answers may be believed, flags.
#include "exporters/node/collectors/sntp.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

namespace pifleet::node::test {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t cookie = 0x0123456789abcdef;
constexpr Nanoseconds now = 1'750'000'000s;

void put(std::string& packet, std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) packet[at + size - 1 - i] = static_cast<char>(value >> 8 * i);
}

std::string good_packet() {
    std::string packet(48, '\0');
    packet[0] = 0x24;  // no leap second, version 4, server
    packet[1] = 2;
    put(packet, 4, 0x8000, 4);
    put(packet, 8, 0x4000, 4);
    put(packet, 16, to_ntp_time(now - 100s), 8);
    put(packet, 24, cookie, 8);
    put(packet, 32, to_ntp_time(now), 8);
    put(packet, 40, to_ntp_time(now + 1ms), 8);
    return packet;
}

std::string error_of(const std::string& packet) {
    const auto answer = parse_sntp_answer(packet, cookie);
    return answer ? std::string() : answer.error().message;
}

bool sound(void (*change)(SntpAnswer&)) {
    auto answer = *parse_sntp_answer(good_packet(), cookie);
    change(answer);
    return is_sound(answer);
}

bool near(Nanoseconds a, Nanoseconds b) {
    return a - b < 10ns && b - a < 10ns;
}

}  // namespace

TEST_CASE("a question has the version, the mode and the cookie") {
    const auto packet = sntp_question(3, cookie);
    REQUIRE(packet.size() == 48);
    CHECK(static_cast<unsigned char>(packet[0]) == (3 << 6 | 3 << 3 | 3));
    CHECK(packet.substr(1, 39) == std::string(39, '\0'));
    CHECK(packet.substr(40) == std::string("\x01\x23\x45\x67\x89\xab\xcd\xef"));
}

TEST_CASE("an answer's fields") {
    const auto answer = parse_sntp_answer(good_packet(), cookie);
    REQUIRE(answer.has_value());
    CHECK(answer->stratum == 2);
    CHECK(answer->leap == 0);
    CHECK(answer->root_delay == 500ms);
    CHECK(answer->root_dispersion == 250ms);
    CHECK(reference_seconds(*answer) == 1'749'999'900);
    CHECK(parse_sntp_answer(good_packet() + "an extension field", cookie).has_value());
}

TEST_CASE("what is no answer to the question says why") {
    auto packet = good_packet();
    CHECK(error_of(packet.substr(0, 47)).find("48 bytes") != std::string::npos);
    CHECK(error_of("").find("48 bytes") != std::string::npos);
    packet[0] = 0x23;
    CHECK(error_of(packet).find("server") != std::string::npos);
    packet = good_packet();
    packet[31] = 0;
    CHECK(error_of(packet).find("another question") != std::string::npos);
    packet = good_packet();
    put(packet, 40, 0, 8);
    CHECK(error_of(packet).find("when it was sent") != std::string::npos);
    put(packet, 40, to_ntp_time(now - 1s), 8);
    CHECK(error_of(packet).find("before") != std::string::npos);
}

TEST_CASE("offset and round trip") {
    auto answer = *parse_sntp_answer(good_packet(), cookie);
    // Our clock is 2 s behind; the way there takes 3 ms, the way back 5 ms.
    auto found = judge(answer, to_ntp_time(now - 2s - 3ms), to_ntp_time(now - 2s + 6ms));
    CHECK(near(found.offset, 2s - 1ms));
    CHECK(near(found.round_trip, 8ms));
    CHECK(near(found.root_distance, 504ms));
    CHECK(near(found.least_error, 1995ms));
    // The clocks agree.
    found = judge(answer, to_ntp_time(now - 3ms), to_ntp_time(now + 4ms));
    CHECK(near(found.offset, 0ns));
    CHECK(found.least_error == 0ns);
    // One clock is past the end of the era in 2036, the other is not.
    const Nanoseconds turn = 2'085'978'496s;
    answer.received = answer.sent = to_ntp_time(turn + 1s);
    found = judge(answer, to_ntp_time(turn - 1s), to_ntp_time(turn - 1s));
    CHECK(near(found.offset, 2s));
    answer.reference = to_ntp_time(turn + 5s);
    CHECK(reference_seconds(answer) == 2'085'978'501);
    answer.reference = 0;
    CHECK(reference_seconds(answer) == 0);
}

TEST_CASE("which servers may be believed") {
    CHECK(sound([](SntpAnswer&) {}));
    CHECK(sound([](SntpAnswer& a) { a.leap = 1; }));
    CHECK(sound([](SntpAnswer& a) { a.stratum = 15; }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.stratum = 0; }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.stratum = 16; }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.leap = 3; }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.reference = 0; }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.reference = to_ntp_time(now - 40h); }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.reference = to_ntp_time(now + 1s); }));
    CHECK(sound([](SntpAnswer& a) { a.root_dispersion = 15s; }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.root_dispersion = 16s; }));
    CHECK_FALSE(sound([](SntpAnswer& a) { a.root_delay = 40s; }));
}

TEST_CASE("durations as Go's flags have them") {
    CHECK(parse_go_duration("3.46608s") == 3466080000ns);
    CHECK(parse_go_duration("1ms") == 1ms);
    CHECK(parse_go_duration("1m30s") == 90s);
    CHECK(parse_go_duration("1h") == 1h);
    CHECK(parse_go_duration("\u00b5s") == std::nullopt);
    CHECK(parse_go_duration("2\u00b5s") == 2us);
    CHECK(parse_go_duration("-5us") == -5us);
    CHECK(parse_go_duration("0") == 0ns);
    for (const auto* bad : {"", "-", "1", "s", "1x", "1.2.3s", "1s ", "1e9s", "999999999999h"}) {
        INFO(bad);
        CHECK_FALSE(parse_go_duration(bad).has_value());
    }
}

TEST_CASE("flags of ntp that cannot be meant") {
    CHECK(make_error("ntp", {}).empty());
    CHECK(make_error("ntp", {"--collector.ntp.server=::1"}).empty());
    CHECK(
        make_error("ntp", {"--collector.ntp.server=ntp.example", "--collector.ntp.server-is-local"}).empty());
    for (const auto* flag : {"--collector.ntp.server=192.0.2.1",
                             "--collector.ntp.server=localhost",
                             "--collector.ntp.server-port=0",
                             "--collector.ntp.server-port=65536",
                             "--collector.ntp.protocol-version=5",
                             "--collector.ntp.ip-ttl=-1",
                             "--collector.ntp.max-distance=far",
                             "--collector.ntp.local-offset-tolerance=-1ms"}) {
        const std::string text = flag;
        INFO(text);
        CHECK(make_error("ntp", {flag}).find(text.substr(0, text.find('='))) != std::string::npos);
    }
}

}  // namespace pifleet::node::test
