#include "exporters/node/collectors/rpc_stats.hpp"

#include "common/base/text.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

Result<RpcStats> RpcStats::read(const std::string& path) {
    const auto text = read_lines_if_any(path);
    if (!text) return text.error();
    RpcStats stats;
    LineReader lines(path, *text);
    while (lines.next()) {
        const auto name = lines.word();
        auto& numbers = stats.lines_[std::string(name)];
        for (auto word = lines.word(); !word.empty(); word = lines.word()) {
            if (name == "th" && numbers.size() == 2) break;  // a histogram in seconds that is no longer kept
            const auto value = to_unsigned(word);
            if (!value) return lines.error("not a name and numbers");
            numbers.push_back(*value);
        }
        if (numbers.empty()) return lines.error("not a name and numbers");
        if (name.starts_with("proc") && numbers.size() != numbers.front() + 1)
            return lines.error("not as many numbers as it says");
    }
    return stats;
}

double RpcStats::at(std::string_view line, std::size_t place) const {
    const auto found = lines_.find(line);
    return found != lines_.end() && place < found->second.size() ? static_cast<double>(found->second[place])
                                                                 : 0;
}

void RpcStats::add_procedures(const metrics::Family& family,
                              std::string_view line,
                              std::string_view version,
                              std::span<const std::string_view> names,
                              metrics::Page& page) const {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!names[i].empty()) page.add(family, {{"method", names[i]}, {"proto", version}}, at(line, i + 1));
}

}  // namespace pifleet::node
