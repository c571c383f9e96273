#include "exporters/node/collectors/mounts.hpp"

#include "common/base/text.hpp"
#include "exporters/node/scan.hpp"

#include <algorithm>

namespace pifleet::node {

namespace {

bool octal(char c) {
    return c >= '0' && c <= '7';
}

// The kernel writes blank, tab, line end and backslash as \ and three octal digits.
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && octal(text[i + 1]) && octal(text[i + 2]) &&
            octal(text[i + 3])) {
            out +=
                static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool has_option(std::string_view options, std::string_view wanted) {
    const auto all = split(options, ',');
    return std::find(all.begin(), all.end(), wanted) != all.end();
}

// "36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/root rw"; what stands before the dash varies in
// number.
bool parse_line(std::string_view line, Mount& mount) {
    // Single blanks separate, for a field may be empty: a tmpfs can be mounted from "".
    const auto parts = split(line, ' ');
    if (parts.size() < 10 || parts[parts.size() - 4] != "-") return false;
    const auto colon = parts[2].find(':');
    if (colon == std::string_view::npos) return false;
    mount.major = parts[2].substr(0, colon);
    mount.minor = parts[2].substr(colon + 1);
    if (!to_unsigned(parts[0]) || !to_unsigned(mount.major) || !to_unsigned(mount.minor)) return false;
    mount.id = parts[0];
    mount.point = unescape(parts[4]);
    mount.type = parts[parts.size() - 3];
    mount.device = parts[parts.size() - 2];
    const bool mount_read_only = has_option(parts[5], "ro");
    const bool system_read_only = has_option(parts.back(), "ro");
    mount.read_only = mount_read_only || system_read_only;
    mount.write_taken_away =
        has_option(parts.back(), "emergency_ro") || (system_read_only && !mount_read_only);
    return mount.point.starts_with('/') && !mount.type.empty();
}

// vfat, too, once it has counted its free clusters, which its first answer is for.
bool keeps_its_figures(std::string_view type) {
    constexpr std::string_view types[] = {
        "btrfs", "ext2", "ext3", "ext4", "f2fs", "ramfs", "tmpfs", "vfat", "xfs"};
    return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

bool lies_in(std::string_view point, std::string_view folder) {
    if (folder == "/") return true;
    return point.starts_with(folder) && (point.size() == folder.size() || point[folder.size()] == '/');
}

}  // namespace

bool answers_from_memory(std::span<const Mount> mounts, std::string_view point) {
    return std::all_of(mounts.begin(), mounts.end(), [point](const Mount& mount) {
        return keeps_its_figures(mount.type) || !lies_in(point, mount.point);
    });
}

Result<std::vector<Mount>> parse_mountinfo(const std::string& path, std::string_view text) {
    std::vector<Mount> mounts;
    for (int number = 1; !text.empty(); ++number)
        if (!parse_line(next_line(text), mounts.emplace_back()))
            return failure(path + " line " + std::to_string(number) + " does not describe a mount");
    return mounts;
}

std::string strip_root(std::string_view point, std::string_view root) {
    if (root == "/" || !point.starts_with(root)) return std::string(point);
    const auto rest = point.substr(root.size());
    if (rest.empty()) return "/";
    return std::string(rest.front() == '/' ? rest : point);
}

}  // namespace pifleet::node
