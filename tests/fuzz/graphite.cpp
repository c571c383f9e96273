// Graphite's lines: a metric's name on the first line, "name=value" on the others. Whatever they are, what is
// written reads back as one line with one path and the tags that were there.
#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "forwarder/backends/graphite_lines.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_path(std::string_view path) {
    expect(!path.empty() && path.front() != '.' && path.back() != '.');
    expect(path.find("..") == std::string_view::npos && legal_graphite_prefix(path));
}

std::size_t check_tags(const std::vector<std::string_view>& parts) {
    std::set<std::string_view> names;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto equals = parts[i].find('=');
        expect(equals != std::string_view::npos && equals > 0 && equals + 1 < parts[i].size());
        const auto name = parts[i].substr(0, equals);
        expect(name != "name" && name.find_first_of("!^") == std::string_view::npos);
        expect(parts[i][equals + 1] != '~' && names.insert(name).second);
    }
    return names.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto given = split(text, '\n');
    std::map<std::string_view, std::string_view> sorted;
    for (std::size_t i = 1; i < given.size(); ++i) {
        const auto equals = given[i].find('=', given[i].empty() || given[i].front() != '=' ? 0 : 1);
        if (equals == std::string_view::npos || equals == 0) continue;
        sorted.emplace(given[i].substr(0, equals), given[i].substr(equals + 1));
    }
    sorted["__name__"] = given.front();
    std::vector<metrics::Label> labels;
    std::size_t filled = 0;
    for (const auto& [name, value] : sorted) {
        labels.push_back({name, value});
        filled += name != "__name__" && !value.empty();
    }
    std::string path;
    const bool changed = append_graphite_path(labels, {}, path);
    expect(valid_utf8(path) && path.find_first_of(" \t\r\n\v\f") == std::string::npos);
    const auto parts = split(path, ';');
    check_path(parts.front());
    const auto tags = check_tags(parts);
    expect(changed ? tags <= filled : tags == filled && parts.front() == given.front());
    return 0;
}
