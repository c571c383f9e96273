#include "exporters/node/file_rows.hpp"

#include "common/base/text.hpp"
#include "exporters/node/machine_files.hpp"

#include <charconv>

namespace pifleet::node {

std::optional<double> parse_file_number(std::string_view text) {
    if (const auto value = to_unsigned(text)) return static_cast<double>(*value);
    if (const auto value = to_int(text)) return static_cast<double>(*value);
    if (!text.starts_with("0x")) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return static_cast<double>(value);
}

Result<void> add_file_rows(const Host& host,
                           const std::string& folder,
                           std::span<const FileRow> rows,
                           metrics::Labels labels,
                           metrics::Page& page) {
    Result<void> result;
    std::string path = folder + "/";
    const auto length = path.size();
    for (const auto& row : rows) {
        path.replace(length, std::string::npos, row.file);
        const auto text = read_kept_line(host, path);
        if (!text) continue;
        if (const auto value = parse_file_number(*text))
            page.add(row.family, labels, *value * row.scale / row.divisor);
        else
            note(result, not_a_number(path, *text));
    }
    return result;
}

}  // namespace pifleet::node
