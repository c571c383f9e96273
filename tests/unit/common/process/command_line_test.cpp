#include "common/process/command_line.hpp"

#include "child.hpp"
#include "common/process/build_info.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <sstream>

using namespace pifleet::process;
using pifleet::testing::in_child;

namespace {

constexpr Flag rows[] = {
    {"web.listen-address", FlagKind::list, ":9100", "Where to listen, host:port.", true},
    {"web.config.file", FlagKind::text, "", "TLS and users, a file as the exporter toolkit reads it.", true},
    {"collector.cpu", FlagKind::on_off, "true", "CPU times."},
    {"collector.wifi", FlagKind::on_off, "false", "Radio."},
    {"collector.netdev.device-exclude", FlagKind::text, "", "Devices left out, a regular expression."},
    {"collector.textfile.directory", FlagKind::list, "", "A folder of *.prom files."},
    {"offset", FlagKind::text, "0", "A number."},
    {"collector.arp.netlink", FlagKind::on_off, "true", ""},
};

CommandLine fresh() {
    CommandLine line({"prog", "does things", "[flags]", "Example:\n  prog --offset=1"});
    line.declare(rows);
    return line;
}

// The object after these words, which must be right.
CommandLine parsed(const std::vector<const char*>& words) {
    CommandLine line = fresh();
    REQUIRE_FALSE(line.parse(words));
    return line;
}

// What is said about these words, which must be wrong.
std::string complaint(const std::vector<const char*>& words) {
    const auto outcome = in_child([&] { return fresh().parse(words).value_or(0); });
    CHECK(outcome.status == 1);
    CHECK(outcome.out.empty());
    const std::string begin = "prog: ", end = "\nsee --help\n";
    REQUIRE(outcome.err.size() > begin.size() + end.size());
    CHECK(outcome.err.substr(0, begin.size()) == begin);
    CHECK(outcome.err.substr(outcome.err.size() - end.size()) == end);
    return outcome.err.substr(begin.size(), outcome.err.size() - begin.size() - end.size());
}

std::string answer(const std::vector<const char*>& words) {
    const auto outcome = in_child([&] { return fresh().parse(words).value_or(99); });
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
    return outcome.out;
}

}  // namespace

TEST_CASE("without flags the presets hold") {
    const CommandLine line = parsed({});
    CHECK(line.list("web.listen-address") == std::vector<std::string>{":9100"});
    CHECK(line.text("web.config.file").empty());
    CHECK(line.list("collector.textfile.directory").empty());
    CHECK(line.on("collector.cpu"));
    CHECK_FALSE(line.on("collector.wifi"));
    CHECK_FALSE(line.given("offset"));
}

TEST_CASE("values stand behind an equals sign or in the next word, the last one holds") {
    CHECK(parsed({"--offset=1"}).text("offset") == "1");
    CHECK(parsed({"--offset", "1"}).text("offset") == "1");
    CHECK(parsed({"--offset", "1", "--offset=2"}).text("offset") == "2");
    CHECK(parsed({"--offset=-1"}).text("offset") == "-1");
    CHECK(parsed({"--offset", "-1"}).text("offset") == "-1");
    CHECK(parsed({"--offset", "-x"}).text("offset") == "-x");
    CHECK(parsed({"--offset=a=b c"}).text("offset") == "a=b c");
    CHECK(parsed({"--offset", "--what"}).text("offset") == "--what");
    CHECK(parsed({"--offset=[1,2]"}).text("offset") == "[1,2]");
    CHECK(parsed({"--offset=\"q\""}).text("offset") == "\"q\"");
    CHECK(parsed({"--offset=1"}).given("offset"));
    CHECK(parsed({"--offset", "-h"}).text("offset") == "-h");
}

TEST_CASE("an empty value is a value") {
    CHECK(parsed({"--offset=", "--collector.wifi"}).text("offset").empty());
    CHECK(parsed({"--offset=", "--collector.wifi"}).on("collector.wifi"));
    CHECK(parsed({"--offset", ""}).text("offset").empty());
    CHECK(parsed({"--offset="}).given("offset"));
    CHECK(parsed({"--web.listen-address=", "--web.listen-address=:1"}).list("web.listen-address") ==
          std::vector<std::string>{"", ":1"});
}

TEST_CASE("lists replace their preset and keep their order") {
    CHECK(parsed({"--web.listen-address=:1", "--offset=3", "--web.listen-address", "[::1]:2"})
              .list("web.listen-address") == std::vector<std::string>{":1", "[::1]:2"});
    CHECK(parsed({"--web.listen-address=[a,b]"}).list("web.listen-address") ==
          std::vector<std::string>{"[a,b]"});
    CHECK(parsed({"--collector.textfile.directory=a,b"}).list("collector.textfile.directory") ==
          std::vector<std::string>{"a,b"});
}

TEST_CASE("switches") {
    CHECK(parsed({"--collector.wifi"}).on("collector.wifi"));
    CHECK(parsed({"--collector.wifi=true"}).on("collector.wifi"));
    CHECK(parsed({"--collector.wifi=1"}).on("collector.wifi"));
    CHECK_FALSE(parsed({"--no-collector.cpu"}).on("collector.cpu"));
    CHECK_FALSE(parsed({"--collector.cpu=false"}).on("collector.cpu"));
    CHECK_FALSE(parsed({"--collector.cpu=False"}).on("collector.cpu"));
    CHECK(parsed({"--no-collector.cpu=false"}).on("collector.cpu"));
    CHECK(parsed({"--no-collector.cpu", "--collector.cpu"}).on("collector.cpu"));
    CHECK_FALSE(parsed({"--collector.wifi", "--no-collector.wifi"}).on("collector.wifi"));
    CHECK_FALSE(parsed({"--no-collector.arp.netlink"}).on("collector.arp.netlink"));
    CHECK(parsed({"--no-collector.cpu"}).given("collector.cpu"));
}

TEST_CASE("errors say what is wrong and what was probably meant") {
    CHECK(complaint({"--collector.cpuu"}) ==
          "unknown flag --collector.cpuu (did you mean '--collector.cpu'?)");
    CHECK(complaint({"--no-colector.cpu"}) ==
          "unknown flag --no-colector.cpu (did you mean '--no-collector.cpu'?)");
    CHECK(complaint({"--ofset=3"}) == "unknown flag --ofset (did you mean '--offset'?)");
    CHECK(complaint({"--no-offset"}) == "unknown flag --no-offset (did you mean '--offset'?)");
    CHECK(complaint({"--zzzzzzzz"}) == "unknown flag --zzzzzzzz");
    CHECK(complaint({"-offset=3"}) == "unknown flag -offset (did you mean '--offset'?)");
    CHECK(complaint({"-help"}) == "unknown flag -help (did you mean '--help'?)");
    CHECK(complaint({"word"}) == "unexpected 'word'");
    CHECK(complaint({"--offset=1", "--", "--offset"}) == "unexpected '--offset'");
    CHECK(complaint({"-"}) == "unexpected '-'");
    CHECK(complaint({""}) == "unexpected ''");
    CHECK(complaint({"--collector.wifi", "true"}) == "unexpected 'true'");
    CHECK(complaint({"--offset"}) == "--offset: a value is missing");
    CHECK(complaint({"--offset", "--collector.cpu"}) ==
          "--offset: a value is missing, '--collector.cpu' is another flag");
    CHECK(complaint({"--collector.cpu=maybe"}) == "--collector.cpu: expected true or false, not 'maybe'");
    CHECK(complaint({"--collector.cpu="}) == "unexpected ''");
}

TEST_CASE("help fits a screen and says what it leaves out") {
    const std::string page = answer({"--help"});
    CHECK(page == answer({"-h"}));
    CHECK(page == fresh().help(false));
    CHECK(page ==
          "prog: does things\n"
          "\n"
          "Usage: prog [flags]\n"
          "\n"
          "Flags, with their defaults:\n"
          "  --web.listen-address=:9100 ...  Where to listen, host:port.\n"
          "  --web.config.file=\"\"            TLS and users, a file as the exporter toolkit reads it.\n"
          "  --help                          This page, also -h.\n"
          "  --help-all                      All flags.\n"
          "  --version                       Version, revision and compiler.\n"
          "\n"
          "5 more flags: prog --help-all\n"
          "\n"
          "Example:\n"
          "  prog --offset=1\n");
}

TEST_CASE("help-all lists every flag that has a help text") {
    const std::string page = answer({"--help-all"});
    for (const Flag& row : rows) CHECK((page.find(row.name) != page.npos) == !row.help.empty());
    CHECK(page.find("--[no-]collector.cpu ") != page.npos);
    CHECK(page.find("  --collector.wifi ") != page.npos);
    CHECK(page.find("more flag") == page.npos);
}

TEST_CASE("long help texts and flags are broken to 100 columns") {
    static constexpr Flag wide[] = {
        {"mount-points-exclude",
         FlagKind::text,
         "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)",
         "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen.",
         true},
    };
    CommandLine line({"prog", "s", "[flags]", ""});
    line.declare(wide);
    std::istringstream page(line.help(false));
    std::size_t longest = 0;
    for (std::string text; std::getline(page, text);) longest = std::max(longest, text.size());
    CHECK(longest <= 100);
    CHECK(longest > 80);
}

TEST_CASE("the version line names revision and compiler") {
    const BuildInfo& build = build_info();
    CHECK(answer({"--version"}) == "prog " + std::string(build.version) + " (revision " +
                                       std::string(build.revision) + ", " + std::string(build.compiler) +
                                       ")\n");
    CHECK(build.version == "0.1.0");
    CHECK_FALSE(build.revision.empty());
    CHECK(build.compiler.find('.') != build.compiler.npos);
}

TEST_CASE("slips in the tables and their use are bugs and throw") {
    static constexpr Flag twice[] = {{"offset", FlagKind::text, "", "Again."}};
    static constexpr Flag no_preset[] = {{"x", FlagKind::on_off, "", "Neither."}};
    CommandLine line = fresh();
    CHECK_THROWS(line.declare(twice));
    CHECK_THROWS(line.declare(no_preset));
    CHECK_THROWS(line.text("nowhere"));
    CHECK_THROWS(line.text("collector.cpu"));
    CHECK_THROWS(line.given("nowhere"));
}
