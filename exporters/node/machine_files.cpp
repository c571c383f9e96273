#include "exporters/node/machine_files.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "exporters/node/kept_files.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <optional>

namespace pifleet::node {

namespace {

template <class T>
Result<T> number_of(const Result<std::string>& text,
                    const std::string& path,
                    std::optional<T> (*parse)(std::string_view)) {
    if (!text) return text.error();
    if (const auto value = parse(*text)) return *value;
    return not_a_number(path, *text);
}

}  // namespace

Result<std::string> read_lines(const std::string& path) {
    auto text = read_lines_if_any(path);
    if (!text) return failure(text.error().message);
    return text;
}

Result<std::string> read_lines_if_any(const std::string& path) {
    auto text = read_file(path);
    if (!text) return text.error();
    if (text->empty()) return failure(path + " is empty");
    if (text->back() != '\n') return failure(path + " ends within a line");
    return text;
}

bool is_kernel_proc(const std::string& path) {
    struct statfs system {};
    return ::statfs(path.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

Result<std::string> read_kept_line(const Host& host, const std::string& path) {
    if (host.kept == nullptr) return read_line(path);
    const auto text = host.kept->read(path);
    if (!text) return text.error();
    return std::string(trim(*text));
}

Result<std::int64_t> read_int(const std::string& path) {
    return number_of(read_line(path), path, to_int);
}
Result<std::uint64_t> read_unsigned(const std::string& path) {
    return number_of(read_line(path), path, to_unsigned);
}
Result<std::int64_t> read_int(const Host& host, const std::string& path) {
    return number_of(read_kept_line(host, path), path, to_int);
}
Result<std::uint64_t> read_unsigned(const Host& host, const std::string& path) {
    return number_of(read_kept_line(host, path), path, to_unsigned);
}

std::string line_if_any(const std::string& path) {
    const auto line = read_line(path);
    return line ? *line : std::string();
}
std::string line_if_any(const Host& host, const std::string& path) {
    const auto line = read_kept_line(host, path);
    return line ? *line : std::string();
}

Result<std::int64_t> int_if_readable(const Host& host, const std::string& path) {
    const auto text = read_kept_line(host, path);
    if (!text) return absent(text.error().message);
    return number_of(text, path, to_int);
}

std::vector<std::string> numbered_entries(const std::string& folder, std::string_view prefix) {
    auto names = list_folder(folder);
    if (!names) return {};
    std::erase_if(*names, [prefix](const std::string& name) {
        return !name.starts_with(prefix) || name.size() == prefix.size() ||
               name.find_first_not_of("0123456789", prefix.size()) != std::string::npos;
    });
    return std::move(*names);
}

Error not_a_number(std::string_view file, std::string_view word) {
    return failure(std::string(file) + ": '" + printable(word, 40) + "' is not a number");
}

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool replaced = false;
    while (!text.empty()) {
        const auto character = first_character(text);
        if (character.valid)
            out += text.substr(0, character.length);
        else if (!replaced)
            out += "\xef\xbf\xbd";
        replaced = !character.valid;
        text.remove_prefix(character.length);
    }
    return out;
}

}  // namespace pifleet::node
