#include "exporters/node/kept_files.hpp"

#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

namespace pifleet::node::test {

namespace fs = std::filesystem;

TEST_CASE("a kept file gives what it holds now") {
    Machine machine;
    const auto path = machine.path("sys/value");
    machine.write("sys/value", "1\n");
    KeptFiles files;
    CHECK(*files.read(path) == "1\n");
    machine.write("sys/value", "a longer text\n");
    CHECK(*files.read(path) == "a longer text\n");
    machine.write("sys/value", "");
    CHECK(files.read(path)->empty());
    CHECK(files.kept() == 1);
}

TEST_CASE("a file that went away is opened by its name again") {
    Machine machine;
    const auto path = machine.path("sys/value");
    machine.write("sys/value", "old\n");
    KeptFiles files;
    CHECK(*files.read(path) == "old\n");
    fs::remove(path);
    const auto missing = files.read(path);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().kind == Error::Kind::absent);
    CHECK(files.kept() == 0);
    machine.write("sys/value", "new\n");
    CHECK(*files.read(path) == "new\n");
    machine.write("sys/other", "renamed over it\n");
    fs::rename(machine.path("sys/other"), path);
    CHECK(*files.read(path) == "renamed over it\n");
}

TEST_CASE("no more files are kept than were allowed, and idle ones make room") {
    Machine machine;
    KeptFiles files(2);
    const auto name = [](int i) { return "sys/" + std::to_string(i); };
    for (int i = 0; i < 4; ++i) machine.write(name(i), std::to_string(i));
    for (int scrape = 0; scrape < 3; ++scrape) {
        for (int i = 0; i < 4; ++i) CHECK(*files.read(machine.path(name(i))) == std::to_string(i));
        CHECK(files.kept() == 2);
        files.next_scrape();
    }
    for (int scrape = 0; scrape < 20; ++scrape) {
        CHECK(*files.read(machine.path(name(1))) == "1");
        files.next_scrape();
    }
    fs::remove(machine.path(name(0)));  // the one that was idle is no longer kept: this shows nowhere
    CHECK(*files.read(machine.path(name(3))) == "3");
    CHECK(files.kept() == 2);
}

TEST_CASE("kept files may be larger than a page, but not without end") {
    Machine machine;
    KeptFiles files;
    const std::string page(4096, 'p'), large(100'000, 'l');
    machine.write("sys/page", page);
    machine.write("sys/large", large);
    machine.write("sys/huge", std::string(3 * 1024 * 1024, 'h'));
    CHECK(*files.read(machine.path("sys/page")) == page);
    CHECK(*files.read(machine.path("sys/large")) == large);
    CHECK(*files.read(machine.path("sys/page")) == page);
    CHECK_FALSE(files.read(machine.path("sys/huge")).has_value());
    CHECK_FALSE(files.read(machine.path("sys")).has_value());  // a folder
    CHECK(files.kept() == 2);
}

TEST_CASE("an attribute of the real sysfs can be read again and again") {
    KeptFiles files;
    const auto first = files.read("/sys/devices/system/cpu/possible");
    if (!first) return;  // no sysfs in here
    const std::string text(*first);
    CHECK_FALSE(text.empty());
    CHECK(*files.read("/sys/devices/system/cpu/possible") == text);
}

}  // namespace pifleet::node::test
