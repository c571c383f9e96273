#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "tests/catch.hpp"

#include <cmath>
#include <limits>

using namespace pifleet;

TEST_CASE("numbers are whole words") {
    CHECK(to_int("12") == 12);
    CHECK(to_int("-12") == -12);
    CHECK_FALSE(to_int("12 "));
    CHECK_FALSE(to_int(""));
    CHECK_FALSE(to_unsigned("-1"));
    CHECK(to_double("1e3") == 1000.0);
}

TEST_CASE("numbers read back as the same double") {
    for (const double value : {0.0, 1.0, 0.1, 1e300, 5e-324, 123456789.0, 1.0 / 3, -0.0}) {
        INFO(value);
        CHECK(to_double(number_text(value)) == value);
    }
    CHECK(number_text(NAN) == "NaN");
    CHECK(number_text(std::numeric_limits<double>::infinity()) == "+Inf");
    CHECK(number_text(-std::numeric_limits<double>::infinity()) == "-Inf");
}

TEST_CASE("split keeps empty pieces and fields does not") {
    CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(split("", ',') == std::vector<std::string_view>{""});
    CHECK(fields("  a \t b\n") == std::vector<std::string_view>{"a", "b"});
    CHECK(fields(" ").empty());
}

TEST_CASE("the nearest word is found when it is near") {
    const std::string_view words[] = {"targets", "labels", "scrape_interval"};
    CHECK(nearest("tagret", words) == "targets");
    CHECK(nearest("scrape_intervall", words) == "scrape_interval");
    CHECK_FALSE(nearest("xyzzy", words));
    CHECK(did_you_mean("lables", words) == " (did you mean 'labels'?)");
    CHECK(did_you_mean("xyzzy", words).empty());
}

TEST_CASE("a missing file is absent, a folder is a failure, a large one is refused") {
    CHECK(read_file("/does/not/exist").error().kind == Error::Kind::absent);
    CHECK(read_file("/").error().kind == Error::Kind::failure);
    CHECK(read_file("/proc/self/exe", 1024).error().message.find("larger than 1024") != std::string::npos);
    CHECK(read_file("/proc/self/stat").value().size() > 10);
    CHECK(list_folder("/does/not/exist").error().kind == Error::Kind::absent);
}
