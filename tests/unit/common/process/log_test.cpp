#include "common/process/log.hpp"

#include "child.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <vector>

using namespace pifleet;
using testing::in_child;

namespace {

auto lines_of(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

// What a unit's stderr looks like to its program.
void pretend_journal() {
    struct stat facts {};
    ::fstat(STDERR_FILENO, &facts);
    const std::string stream = std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
    ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
}

}  // namespace

TEST_CASE("lines are logfmt on stderr from info on") {
    const auto outcome = in_child([] {
        ::unsetenv("JOURNAL_STREAM");
        log::debug("hidden");
        log::info("listening", {{"address", "[::]:9100"}, {"tls", "no key"}});
        return 0;
    });
    CHECK(outcome.out.empty());
    REQUIRE(outcome.err.size() > 31);
    CHECK(outcome.err.substr(0, 5) == "ts=20");
    CHECK(outcome.err.substr(26) == "Z level=info msg=listening address=[::]:9100 tls=\"no key\"\n");
}

TEST_CASE("json lines are whole objects") {
    const auto outcome = in_child([] {
        ::unsetenv("JOURNAL_STREAM");
        if (!log::set_format("json") || !log::set_level("debug")) return 1;
        log::debug("odd \"text\"\n", {{"n", 7}});
        return 0;
    });
    REQUIRE(outcome.status == 0);
    REQUIRE(lines_of(outcome.err) == 1);
    const auto line = nlohmann::json::parse(outcome.err);
    CHECK(line.size() == 4);
    CHECK(line["ts"].get<std::string>().size() == 24);
    CHECK(line["level"] == "debug");
    CHECK(line["msg"] == "odd \"text\"\n");
    CHECK(line["n"] == "7");
}

TEST_CASE("the journal gets the level as its own prefix and no time") {
    const auto outcome = in_child([] {
        pretend_journal();
        if (!log::set_level("debug")) return 1;
        log::debug("d");
        log::info("i");
        log::warn("w");
        log::error("e");
        if (!log::set_format("json")) return 1;
        log::info("j");
        return 0;
    });
    CHECK(outcome.err ==
          "<7>level=debug msg=d\n<6>level=info msg=i\n<4>level=warn msg=w\n<3>level=error msg=e\n"
          "<6>{\"level\":\"info\",\"msg\":\"j\"}\n");
}

TEST_CASE("a stderr that is not the journal's stream gets times") {
    const auto outcome = in_child([] {
        ::setenv("JOURNAL_STREAM", "1:1", 1);  // inherited
        log::info("i");
        return 0;
    });
    CHECK(outcome.err.substr(0, 3) == "ts=");
}

TEST_CASE("repeated warnings are left out, other levels, texts and fields are not") {
    const auto outcome = in_child([] {
        pretend_journal();
        for (int i = 0; i < 3; ++i) log::warn("away", {{"target", "a"}});
        log::warn("away", {{"target", "b"}});
        log::error("away", {{"target", "a"}});
        for (int i = 0; i < 2; ++i) log::info("away");
        return 0;
    });
    CHECK(outcome.err ==
          "<4>level=warn msg=away target=a\n<4>level=warn msg=away target=b\n"
          "<3>level=error msg=away target=a\n<6>level=info msg=away\n<6>level=info msg=away\n");
}

TEST_CASE("threads do not mix their lines") {
    const auto outcome = in_child([] {
        pretend_journal();
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([] {
                for (int i = 0; i < 100; ++i) {
                    log::info("one line of several words");
                    log::warn("the same from all");
                }
            });
        for (auto& thread : threads) thread.join();
        return 0;
    });
    CHECK(lines_of(outcome.err) == 401);
    std::size_t infos = 0;
    const std::string line = "<6>level=info msg=\"one line of several words\"\n";
    for (auto at = outcome.err.find(line); at != outcome.err.npos; at = outcome.err.find(line, at + 1))
        ++infos;
    CHECK(infos == 400);
}

TEST_CASE("levels and formats that do not exist are named") {
    CHECK(log::set_level("wran").error().message ==
          "expected a log level: debug, info, warn or error, not 'wran' (did you mean 'warn'?)");
    CHECK(log::set_format("xml").error().message == "expected a log format: logfmt or json, not 'xml'");
    CHECK(log::set_level("info").has_value());
    CHECK(log::set_format("logfmt").has_value());
}
