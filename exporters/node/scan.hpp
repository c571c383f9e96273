// Walking through the text files of /proc line by line and word by word. Nothing is copied: the views point
// into the text, so a file is read once and nothing is allocated per line.
#pragma once

#include <cstddef>
#include <string_view>

namespace pifleet::node {

/// Cuts the first line off `text` and gives it without its line end.
inline std::string_view next_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

/// Cuts the first word off `line`, with the blanks before it; empty when there is none left.
inline std::string_view next_word(std::string_view& line) {
    // By hand: find_first_of calls memchr for every character, which is most of what parsing /proc would
    // take.
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    std::size_t begin = 0;
    while (begin < line.size() && blank(line[begin])) ++begin;
    std::size_t end = begin;
    while (end < line.size() && !blank(line[end])) ++end;
    const auto word = line.substr(begin, end - begin);
    line.remove_prefix(end);
    return word;
}

}  // namespace pifleet::node
