#include "common/base/glob.hpp"

#include "tests/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace pifleet;

TEST_CASE("a pattern names files by its last segment, dotted ones too") {
    std::string folder = (std::filesystem::temp_directory_path() / "pifleet-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    for (const auto name : {"a.yml", ".b.yml", "c.json", "d*.yml"}) std::ofstream(folder + "/" + name) << "x";
    using Names = std::vector<std::string>;
    CHECK(matching_files(folder + "/*.yml") ==
          Names{folder + "/.b.yml", folder + "/a.yml", folder + "/d*.yml"});
    CHECK(matching_files(folder + "/?.[jy]*") == Names{folder + "/a.yml", folder + "/c.json"});
    CHECK(matching_files(folder + "/c.json") == Names{folder + "/c.json"});
    CHECK(matching_files(folder + "/none.json").empty());
    CHECK(matching_files(folder + "/none/*.json").empty());
    CHECK(matching_files(folder.substr(0, folder.size() - 1) + "*/a.yml").empty());
    std::filesystem::remove_all(folder);
}

TEST_CASE("folders and names below them") {
    CHECK(folder_of("/a/b.yml") == "/a");
    CHECK(folder_of("/b.yml") == "/");
    CHECK(folder_of("b.yml") == ".");
    CHECK(path_below("/etc/p", "./t/*.yml") == "/etc/p/t/*.yml");
    CHECK(path_below("/etc/p", "../t//x.yml") == "/etc/t/x.yml");
    CHECK(path_below(".", "x.yml") == "x.yml");
    CHECK(path_below("/etc/p", "/x.yml") == "/x.yml");
}
