// A file of lines on its way through a parser, knowing where it is: an error names file and line.
#pragma once

#include "common/base/result.hpp"
#include "exporters/node/scan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::node {

class LineReader {
  public:
    /// Both must outlive the reader.
    LineReader(const std::string& path, std::string_view text) : path_(path), rest_(text) {}

    /// Goes on to the next line; false at the end.
    bool next() {
        if (rest_.empty()) return false;
        line_ = next_line(rest_);
        ++number_;
        return true;
    }

    /// What is left of the line.
    std::string_view line() const { return line_; }
    std::string_view word() { return next_word(line_); }
    /// The next word, which must be a number without a sign.
    Result<std::uint64_t> number();
    /// The same in hexadecimal digits, without 0x.
    Result<std::uint64_t> hex_number();

    /// "/proc/swaps line 2: no priority"
    Error error(std::string_view what) const;

  private:
    const std::string& path_;
    std::string_view rest_;
    std::string_view line_;
    int number_ = 0;
};

/// The whole text as a number of hexadecimal digits, or nothing.
std::optional<std::uint64_t> from_hex(std::string_view text);

}  // namespace pifleet::node
