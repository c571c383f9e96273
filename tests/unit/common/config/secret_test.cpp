#include "common/config/values.hpp"
#include "faults.hpp"
#include "tests/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace pifleet::config;

namespace {

class TemporaryFile {
  public:
    explicit TemporaryFile(std::string_view content) { write(content); }
    ~TemporaryFile() { std::filesystem::remove(path); }
    void write(std::string_view content) const { std::ofstream(path) << content; }
    const std::string path =
        std::filesystem::temp_directory_path() / ("pifleet-secret-" + std::to_string(::getpid()));
};

std::string fault(const Secret& secret) {
    const auto text = secret.reveal();
    return text ? "" : text.error().message;
}

}  // namespace

TEST_CASE("a secret from a file is read each time, without the blanks around it") {
    const TemporaryFile file(" first\r\n\n");
    const Secret secret = Secret::of_file(file.path);
    CHECK(secret.given());
    CHECK(secret.file() == file.path);
    CHECK(secret.reveal().value() == "first");
    file.write("second");
    CHECK(secret.reveal().value() == "second");
}

TEST_CASE("a secret's file that cannot be used is named, its content is not") {
    CHECK(fault(Secret::of_file("/nowhere/key")) ==
          "cannot open /nowhere/key: No such file or directory; the secret is expected in this file");
    const TemporaryFile file("\n \n");
    CHECK(fault(Secret::of_file(file.path)) ==
          "the secret file " + file.path + " is empty; expected one line of text");
    file.write("hidden\nX-Evil: 1\n");
    CHECK(fault(Secret::of_file(file.path)) ==
          "the secret file " + file.path +
              " holds line breaks or control characters; expected one line of text");
    file.write(std::string(100'000, 'x'));
    CHECK(fault(Secret::of_file(file.path)).find("larger than") != std::string::npos);
    CHECK(fault(Secret::of_file("/")).find("must be readable") != std::string::npos);
}

TEST_CASE("a secret in the configuration itself") {
    CHECK_FALSE(Secret().given());
    CHECK_FALSE(Secret::of_text("").given());
    CHECK(Secret::of_text(" key ").reveal().value() == "key");
    CHECK(Secret::of_text("key") == Secret::of_text("key"));
    CHECK_FALSE(Secret::of_text("key") == Secret::of_file("key"));
    CHECK(
        fault(Secret::of_text("hid\nden")) ==
        "the secret in the configuration holds line breaks or control characters; expected one line of text");
    CHECK(fault(Secret()) == "the secret in the configuration is empty; expected one line of text");
    CHECK(testing::decoded<Secret>("hidden").value == Secret::of_text("hidden"));
    CHECK(testing::decoded<Secret>("[hidden]").faults == "f:1:1: expected text, not a list");
}

TEST_CASE("a secret's file that is root's alone is read from the copy that systemd made") {
    namespace fs = std::filesystem;
    const auto folder = fs::temp_directory_path() / ("pifleet-credentials-" + std::to_string(::getpid()));
    fs::create_directory(folder);
    std::ofstream(folder / "keys_newrelic") << "the copy\n";
    ::setenv("CREDENTIALS_DIRECTORY", folder.c_str(), 1);
    CHECK(Secret::of_file("/nowhere/keys/newrelic").reveal().value() == "the copy");
    CHECK(Secret::of_file("keys/newrelic").reveal().value() == "the copy");
    CHECK(fault(Secret::of_file("/nowhere/keys/other")).starts_with("cannot open /nowhere/keys/other"));
    CHECK_FALSE(fault(Secret::of_file("/newrelic")).empty());
    CHECK_FALSE(fault(Secret::of_file("/nowhere/keys/../keys_newrelic")).empty());
    const TemporaryFile own("its own");
    CHECK(Secret::of_file(own.path).reveal().value() == "its own");
    ::unsetenv("CREDENTIALS_DIRECTORY");
    CHECK_FALSE(fault(Secret::of_file("/nowhere/keys/newrelic")).empty());
    fs::remove_all(folder);
}
