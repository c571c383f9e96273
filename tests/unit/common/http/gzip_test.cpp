#include "common/http/gzip.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::http;

namespace {

std::string page(std::size_t size) {
    std::string out;
    for (std::size_t i = 0; out.size() < size; ++i)
        out += "node_cpu_seconds_total " + std::to_string(i * i) + '\n';
    return out;
}

// Fed in steps of that many bytes.
Result<std::string> unpack(std::string_view packed, std::size_t step, std::size_t limit = 1 << 24) {
    Gunzip gunzip(limit);
    std::string out;
    const auto sink = [&](std::string_view piece) -> Result<void> {
        out += piece;
        return {};
    };
    for (; !packed.empty(); packed.remove_prefix(std::min(step, packed.size())))
        if (auto fed = gunzip.feed(packed.substr(0, step), sink); !fed) return fed.error();
    if (auto finished = gunzip.finish(); !finished) return finished.error();
    return out;
}

}  // namespace

TEST_CASE("what is packed unpacks to itself, however it is cut", "[http]") {
    for (const auto& text : {std::string(), std::string("x"), page(100'000)})
        for (const std::size_t step :
             {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{1} << 20})
            CHECK(unpack(gzip(text), step).value() == text);
    CHECK(gzip(page(100'000)).size() < 40'000);
    const auto members = gzip("one ") + gzip("") + gzip("two");
    CHECK(unpack(members, 3).value() == "one two");
    CHECK(unpack(members, 1000).value() == "one two");
}

TEST_CASE("a gzip bomb ends at the limit", "[http]") {
    const auto bomb = gzip(std::string(10'000'000, '\0'));
    REQUIRE(bomb.size() < 60'000);
    std::size_t passed = 0;
    Gunzip gunzip(1'000'000);
    const auto fed = gunzip.feed(bomb, [&](std::string_view piece) -> Result<void> {
        passed += piece.size();
        return {};
    });
    REQUIRE(!fed);
    CHECK(fed.error().message == "the unpacked body is over the limit of 1000000 bytes");
    CHECK(passed <= 1'000'000);
    CHECK(unpack(gzip("12345"), 100, 5).value() == "12345");
    CHECK(!unpack(gzip("123456"), 100, 5));
}

TEST_CASE("a broken or cut gzip stream is an error", "[http]") {
    const auto packed = gzip(page(10'000));
    for (const std::size_t length : {std::size_t{0}, std::size_t{5}, packed.size() / 2, packed.size() - 1})
        CHECK(unpack(packed.substr(0, length), 100).error().message == "the gzip stream was cut short");
    auto flipped = packed;
    flipped[flipped.size() - 6] ^= 1;  // in the checksum
    CHECK(unpack(flipped, 100).error().message == "broken gzip stream: incorrect data check");
    CHECK(!unpack("<html>not gzip</html>", 100));
    CHECK(!unpack(packed + "garbage", 100));
}

TEST_CASE("the sink's error ends the unpacking", "[http]") {
    Gunzip gunzip(1 << 20);
    const auto fed =
        gunzip.feed(gzip(page(100'000)), [](std::string_view) -> Result<void> { return failure("no"); });
    REQUIRE(!fed);
    CHECK(fed.error().message == "no");
}

TEST_CASE("Accept-Encoding", "[http]") {
    for (const auto* yes :
         {"gzip", "deflate, gzip;q=1.0", "GZIP", "x-gzip", "*", "br;q=1, *;q=0.1", "gzip; q=0.001"})
        CHECK(accepts_gzip(yes));
    for (const auto* no :
         {"", "identity", "gzip;q=0", "gzip;q=0.000", "gzip; Q=0", "*;q=0", "gzip;q=0, *", "gzipped", "br"})
        CHECK(!accepts_gzip(no));
}
