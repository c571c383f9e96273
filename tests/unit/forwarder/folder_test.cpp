#include "forwarder/sample_log/folder.hpp"

#include "tests/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

struct Place {
    std::string path =
        (std::filesystem::temp_directory_path() / ("pifleet-folder-" + std::to_string(::getpid()))).string();
    ~Place() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("a folder is made with its parents, for its owner only, and taken by one process at a time") {
    const Place place;
    const auto path = place.path + "/deep/er";
    {
        const auto folder = open_folder(path);
        REQUIRE(folder);
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0700);
        CHECK((*folder)->list()->empty());  // the lock takes no file
        const auto second = open_folder(path);
        REQUIRE_FALSE(second);
        CHECK(second.error().kind == Error::Kind::failure);
        CHECK(second.error().message.find(path) != std::string::npos);
        CHECK(look_into_folder(path));
    }
    CHECK(open_folder(path));
}

TEST_CASE("a folder that cannot be made is another kind of error") {
    const auto folder = open_folder("/proc/no/such");
    REQUIRE_FALSE(folder);
    CHECK(folder.error().kind == Error::Kind::absent);
    CHECK_FALSE(look_into_folder("/proc/no/such"));
}

TEST_CASE("files are read and written by place") {
    const Place place;
    const auto folder = open_folder(place.path);
    REQUIRE(folder);
    CHECK((*folder)->open("a", Folder::Open::read).error().kind == Error::Kind::absent);
    const auto file = (*folder)->open("a", Folder::Open::write);
    REQUIRE(file);
    REQUIRE((*file)->write(0, "hello"));
    REQUIRE((*file)->write(3, "p!"));
    REQUIRE((*file)->sync());
    std::string text;
    REQUIRE((*file)->read(1, 100, text));
    CHECK(text == "elp!");
    REQUIRE((*file)->truncate(2));
    CHECK(*(*file)->size() == 2);
    REQUIRE((*folder)->rename("a", "b"));
    REQUIRE((*folder)->sync());
    CHECK(*(*folder)->list() == std::vector<std::string>{"b"});
    REQUIRE((*folder)->open("b", Folder::Open::fresh));
    CHECK(*(*(*folder)->open("b", Folder::Open::read))->size() == 0);
    REQUIRE((*folder)->remove("b"));
    CHECK((*folder)->remove("b"));
}

TEST_CASE("a folder that was removed takes nothing, says so, and is made anew by the next file") {
    const Place place;
    const auto folder = open_folder(place.path);
    REQUIRE(folder);
    const auto file = (*folder)->open("a", Folder::Open::write);
    REQUIRE((*file)->write(0, "x"));
    std::filesystem::remove_all(place.path);
    CHECK((*file)->write(1, "y").error().message.find("was removed") != std::string::npos);
    CHECK((*folder)->open("a", Folder::Open::read).error().kind == Error::Kind::absent);
    REQUIRE((*folder)->open("b", Folder::Open::fresh));
    CHECK(std::filesystem::exists(place.path + "/b"));
    CHECK_FALSE(open_folder(place.path));  // it is locked as the one before
    REQUIRE((*folder)->sync());
}
