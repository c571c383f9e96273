#include "exporters/k8s_state/resources/time_zone.hpp"

#include "common/base/files.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace pifleet::k8s {

namespace {

constexpr std::size_t largest_file = 256 * 1024;  // the longest has 4 kB
constexpr std::int64_t widest_offset = 26 * 3600;

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

// What stands behind a header, by the counts in it; nothing when the text ends before.
struct Block {
    std::string_view times, kinds, types;
    std::size_t width;  // of a time
    char version;

    std::size_t count() const { return kinds.size(); }
    std::int64_t time(std::size_t i) const {
        const auto value = big_endian(times.substr(i * width, width));
        return width == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
    }
    std::optional<std::int64_t> offset(std::size_t type) const {
        if (type * 6 + 6 > types.size()) return std::nullopt;
        const auto value = static_cast<std::int32_t>(big_endian(types.substr(type * 6, 4)));
        return value < -widest_offset || value > widest_offset ? std::nullopt
                                                               : std::optional<std::int64_t>(value);
    }
};

constexpr std::size_t header_bytes = 44;

std::optional<Block> take_block(std::string_view& file, std::size_t width) {
    if (file.size() < header_bytes || !file.starts_with("TZif")) return std::nullopt;
    const auto count = [&](std::size_t i) { return big_endian(file.substr(20 + 4 * i, 4)); };
    const auto utc_marks = count(0), standard_marks = count(1), leaps = count(2), times = count(3),
               types = count(4), names = count(5);
    const auto bytes =
        times * (width + 1) + types * 6 + names + leaps * (width + 4) + standard_marks + utc_marks;
    if (bytes > file.size() - header_bytes) return std::nullopt;
    const auto body = file.substr(header_bytes, bytes);
    const Block block{body.substr(0, times * width),
                      body.substr(times * width, times),
                      body.substr(times * (width + 1), types * 6),
                      width,
                      file[4]};
    file.remove_prefix(header_bytes + bytes);
    return block;
}

Error broken() {
    return failure("the file of the time zone is broken");
}

Result<TimeZone> read_zone(const std::string& path) {
    const auto file = read_file(path, largest_file);
    return file ? TimeZone::parse(*file) : Result<TimeZone>(absent("there is no such time zone"));
}

}  // namespace

Result<TimeZone> TimeZone::parse(std::string_view file) {
    auto block = take_block(file, 4);
    if (block && block->version >= '2') block = take_block(file, 8);
    if (!block) return broken();
    TimeZone zone;
    const auto first = block->offset(0);
    if (!first) return broken();
    zone.first_ = *first;
    for (std::size_t i = 0; i < block->count(); ++i) {
        const auto offset = block->offset(static_cast<unsigned char>(block->kinds[i]));
        const auto time = block->time(i);
        if (!offset || (i > 0 && time <= zone.changes_.back().time)) return broken();
        zone.changes_.push_back({time, *offset});
    }
    if (block->version >= '2' && file.starts_with('\n')) {
        const auto text = file.substr(1, file.find('\n', 1) - 1);
        zone.rule_ = TzRule::parse(text);
        if (!text.empty() && !zone.rule_) return broken();
    }
    return zone;
}

Result<TimeZone> TimeZone::load(std::string_view name, std::string_view database) {
    if (name.empty() || name == "UTC") return TimeZone();
    if (name == "Local") return local();
    // A name is a path below the database and must stay there.
    if (name.front() == '/' || name.find("..") != std::string_view::npos ||
        name.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos)
        return absent("there is no such time zone");
    return read_zone(std::string(database) + '/' + std::string(name));
}

TimeZone TimeZone::local() {
    const char* variable = std::getenv("TZ");
    std::string_view name = variable == nullptr ? "/etc/localtime" : variable;
    if (name.starts_with(':')) name.remove_prefix(1);
    if (name.empty() || name == "Local") return {};
    const auto zone = name.front() == '/' ? read_zone(std::string(name)) : load(name);
    return zone ? *zone : TimeZone();
}

bool TimeZone::database_exists() {
    return load("Etc/UTC").has_value();
}

std::int64_t TimeZone::offset(std::int64_t time) const {
    if (changes_.empty() || time < changes_.front().time)
        return changes_.empty() && rule_ ? rule_->offset(time) : first_;
    if (rule_ && time >= changes_.back().time) return rule_->offset(time);
    const auto behind =
        std::upper_bound(changes_.begin(), changes_.end(), time, [](std::int64_t at, const Change& change) {
            return at < change.time;
        });
    return std::prev(behind)->offset;
}

}  // namespace pifleet::k8s
