#include "forwarder/config/environment.hpp"

#include "tests/catch.hpp"

using namespace pifleet::forwarder;

TEST_CASE("variables are put in as Go's os.Expand does") {
    const auto expanded = [](std::string_view text) {
        return expand_variables(text, [](const std::string& name) { return "<" + name + ">"; });
    };
    CHECK(expanded("") == "");
    CHECK(expanded("plain") == "plain");
    CHECK(expanded("$A") == "<A>");
    CHECK(expanded("x${A}y$B_1-z") == "x<A>y<B_1>-z");
    CHECK(expanded("${any name.at all}") == "<any name.at all>");
    CHECK(expanded("$$A ${$}A") == "$A $A");
    CHECK(expanded("$12 $* ${#}") == "<1>2 <*> <#>");
    CHECK(expanded("5$ or 5 $, or $\xc3\xa4") == "5$ or 5 $, or $\xc3\xa4");
    CHECK(expanded("$") == "$");
    CHECK(expanded("a${}b") == "ab");
    CHECK(expanded("a${b") == "ab");
    CHECK(expanded("a${") == "a");
}
