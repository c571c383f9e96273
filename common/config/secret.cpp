#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "common/config/values.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace pifleet::config {

namespace {

constexpr std::size_t longest_secret = 64 * 1024;  // service account keys and long tokens are a few kB

// A secret goes into a header, where a line end would begin another header. It is not shown, not even in
// part.
bool one_line(std::string_view secret) {
    return std::none_of(secret.begin(), secret.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

// A file that is root's alone, as systemd hands it to a service: LoadCredential=keys:/etc/pifleet/keys makes
// /etc/pifleet/keys/name readable as $CREDENTIALS_DIRECTORY/keys_name.
std::string readable_copy(const std::string& file) {
    const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr || ::access(file.c_str(), R_OK) == 0) return file;
    const auto name = file.rfind('/');
    if (name == std::string::npos || name == 0) return file;
    const auto parent = file.rfind('/', name - 1) + 1;  // npos + 1: from the beginning
    auto copy = std::string(folder) + '/' + file.substr(parent, name - parent) + '_' + file.substr(name + 1);
    return ::access(copy.c_str(), R_OK) == 0 ? copy : file;
}

}  // namespace

Secret Secret::of_text(std::string text) {
    Secret secret;
    secret.text_ = std::move(text);
    return secret;
}

Secret Secret::of_file(std::string path) {
    Secret secret;
    secret.file_ = std::move(path);
    return secret;
}

Result<std::string> Secret::reveal() const {
    const std::string source = file_.empty() ? "the secret in the configuration" : "the secret file " + file_;
    std::string whole = text_;
    if (!file_.empty()) {
        auto content = read_file(readable_copy(file_), longest_secret);
        if (!content)
            return failure(
                content.error().message +
                (content.error().kind == Error::Kind::absent
                     ? "; the secret is expected in this file"
                     : "; the file of a secret must be readable for the user this program runs as"));
        whole = *std::move(content);
    }
    const std::string_view secret = trim(whole);
    if (secret.empty()) return failure(source + " is empty; expected one line of text");
    if (!one_line(secret))
        return failure(source + " holds line breaks or control characters; expected one line of text");
    return std::string(secret);
}

}  // namespace pifleet::config
