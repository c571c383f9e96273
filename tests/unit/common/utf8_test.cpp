#include "common/base/utf8.hpp"

#include "tests/catch.hpp"

using namespace pifleet;

TEST_CASE("characters of every length are read") {
    CHECK(first_character("a").point == 'a');
    CHECK(first_character("ü!").point == 0xfc);
    CHECK(first_character("€").point == 0x20ac);
    CHECK(first_character("\U0001F600").point == 0x1f600);
    CHECK(first_character("\U0001F600").length == 4);
    CHECK(first_character("\xf4\x8f\xbf\xbf").point == 0x10ffff);
}

TEST_CASE("what is not UTF-8 is told byte by byte") {
    for (const char* text : {"\x80",
                             "\xff",
                             "\xc0\xaf",
                             "\xc1\xbf",
                             "\xc3",
                             "\xc3(",
                             "\xe0\x80\xaf",
                             "\xed\xa0\x80",
                             "\xe2\x82",
                             "\xf0\x80\x80\xaf",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80"}) {
        CHECK_FALSE(first_character(text).valid);
        CHECK(first_character(text).length == 1);
    }
}

TEST_CASE("a prefix ends between characters") {
    CHECK(utf8_prefix("abc", 3) == "abc");
    CHECK(utf8_prefix("abc", 2) == "ab");
    CHECK(utf8_prefix("aü", 2) == "a");
    CHECK(utf8_prefix("\U0001F600", 3).empty());
    CHECK(utf8_prefix("abc", 0).empty());
    CHECK(utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size() == 2);  // no character at all: cut somewhere
}

TEST_CASE("printable text has no control characters and a greatest length") {
    CHECK(printable("plain ü", 100) == "plain ü");
    CHECK(printable("a\nb\x1b[0m\xc2\x9b\xff", 100) == "a\ufffdb\ufffd[0m\ufffd\ufffd");
    CHECK(printable("abcdef", 3) == "abc…");
}
