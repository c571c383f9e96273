// Where a JSON value ends: piece by piece, at the speed of looking for quotes, without looking into it and
// without judging it (brackets are counted, not paired). Private to common/kubernetes.
#pragma once

#include <cstddef>
#include <string_view>

namespace pifleet::kubernetes {

class ValueScanner {
  public:
    /// The next byte is the first one of a value: a quote, a bracket, or of a number or word.
    void begin() { *this = {}; }
    /// What comes is inside of so many open brackets; `in_string`: and inside of a text.
    void begin_inside(std::size_t brackets, bool in_string, bool escaped);
    /// The value that is under way stands inside of so many more brackets, whose end is now looked for.
    void widen(std::size_t brackets);

    /// How many of the bytes belong to the value; fewer than all: it has ended. The end of a number shows
    /// at the byte behind it.
    std::size_t take(std::string_view piece);
    bool done() const { return state_ == State::done; }

  private:
    enum class State { start, scalar, nested, done };
    const char* nested(const char* at, const char* end);

    State state_ = State::start;
    bool in_string_ = false;
    bool escaped_ = false;  // in a text, behind a backslash
    std::size_t brackets_ = 0;
};

/// The first quote or backslash, or `end`.
const char* find_quote(const char* at, const char* end);

inline bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace pifleet::kubernetes
