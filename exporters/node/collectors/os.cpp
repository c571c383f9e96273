// Which operating system this is, of /etc/os-release (os-release(5)): lines NAME=VALUE, the value in quotes
// where the shell would need them.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <algorithm>
#include <ctime>
#include <map>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family info{"node_os_info", Type::gauge, "What /etc/os-release says of the operating system."};
constexpr Family version{
    "node_os_version", Type::gauge, "Version of the operating system as a number: major.minor."};
constexpr Family support_end{"node_os_support_end_timestamp_seconds",
                             Type::gauge,
                             "When the operating system is no longer supported."};

using Release = std::map<std::string, std::string, std::less<>>;

std::string_view value_of(const Release& release, std::string_view key) {
    const auto found = release.find(key);
    return found == release.end() ? std::string_view() : std::string_view(found->second);
}

// Nothing when a quote is not closed.
std::optional<std::string> unquote(std::string_view text) {
    if (text.empty() || (text.front() != '"' && text.front() != '\'')) return std::string(text);
    const char quote = text.front();
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == quote) return value;
        if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
    }
    return std::nullopt;
}

Result<Release> read_release(const std::string& path) {
    const auto text = read_file(path);
    if (!text) return text.error();
    Release release;
    LineReader lines(path, *text);
    while (lines.next()) {
        const auto line = trim(lines.line());
        if (line.empty() || line.front() == '#') continue;
        const auto equals = line.find('=');
        const auto value = unquote(equals == std::string_view::npos ? "\"" : line.substr(equals + 1));
        if (!value) return lines.error("not NAME=VALUE");
        release[std::string(line.substr(0, equals))] = valid_utf8(*value);
    }
    if (release.empty()) return failure(path + " is empty");
    return release;
}

// "12.11 (bookworm)" is 12.11; nothing where no digit stands first.
std::optional<double> version_number(std::string_view text) {
    const auto digits = [&text](std::size_t from) {
        return std::min(text.find_first_not_of("0123456789", from), text.size());
    };
    auto end = digits(0);
    if (end > 0 && end < text.size() && text[end] == '.') end = digits(end + 1);
    return to_double(text.substr(0, end));
}

// "2029-12-31" as seconds since 1970.
std::optional<double> date_seconds(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = to_unsigned(text.substr(0, 4));
    const auto month = to_unsigned(text.substr(5, 2));
    const auto day = to_unsigned(text.substr(8, 2));
    if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
    std::tm date{};
    date.tm_year = static_cast<int>(*year) - 1900;
    date.tm_mon = static_cast<int>(*month) - 1;
    date.tm_mday = static_cast<int>(*day);
    return static_cast<double>(::timegm(&date));
}

class Os final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        auto release = read_release(host.rootfs + "/etc/os-release");
        if (!release && release.error().kind == Error::Kind::absent)
            release = read_release(host.rootfs + "/usr/lib/os-release");
        if (!release) return release.error();
        const auto value = [&release](std::string_view key) { return value_of(*release, key); };
        page.add(info,
                 {{"build_id", value("BUILD_ID")},
                  {"id", value("ID")},
                  {"id_like", value("ID_LIKE")},
                  {"image_id", value("IMAGE_ID")},
                  {"image_version", value("IMAGE_VERSION")},
                  {"name", value("NAME")},
                  {"pretty_name", value("PRETTY_NAME")},
                  {"variant", value("VARIANT")},
                  {"variant_id", value("VARIANT_ID")},
                  {"version", value("VERSION")},
                  {"version_codename", value("VERSION_CODENAME")},
                  {"version_id", value("VERSION_ID")}},
                 1);
        if (const auto number = version_number(value("VERSION_ID")); number && *number > 0)
            page.add(version,
                     {{"id", value("ID")}, {"id_like", value("ID_LIKE")}, {"name", value("NAME")}},
                     *number);
        if (value("SUPPORT_END").empty()) return {};
        const auto end = date_seconds(value("SUPPORT_END"));
        if (!end) return failure("os-release: SUPPORT_END is no date: " + std::string(value("SUPPORT_END")));
        page.add(support_end, *end);
        return {};
    }
};

}  // namespace

extern const CollectorKind os_kind;
constinit const CollectorKind os_kind{"os", true, "which operating system this is", {}, make_collector<Os>};

}  // namespace pifleet::node
