#include "common/kubernetes/value_scanner.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace pifleet::kubernetes {

namespace {

constexpr std::uint64_t ones = 0x0101010101010101;
constexpr std::uint64_t tops = 0x8080808080808080;

// The top bit of each byte that is `c`; above the lowest such byte there may be false ones.
constexpr std::uint64_t equal_bytes(std::uint64_t word, unsigned char c) {
    const auto zero = word ^ (ones * c);
    return (zero - ones) & ~zero & tops;
}

// Of a number, or of true, false and null. What else stands behind them is for the reader to refuse.
bool of_scalar(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
}

}  // namespace

const char* find_quote(const char* at, const char* end) {
    if constexpr (std::endian::native == std::endian::little) {
        while (end - at >= 8) {
            std::uint64_t word;
            std::memcpy(&word, at, sizeof word);
            const auto found = equal_bytes(word, '"') | equal_bytes(word, '\\');
            if (found != 0) return at + std::countr_zero(found) / 8;
            at += 8;
        }
    }
    while (at != end && *at != '"' && *at != '\\') ++at;
    return at;
}

void ValueScanner::begin_inside(std::size_t brackets, bool in_string, bool escaped) {
    state_ = State::nested;
    brackets_ = brackets;
    in_string_ = in_string;
    escaped_ = escaped;
}

void ValueScanner::widen(std::size_t brackets) {
    state_ = State::nested;
    brackets_ += brackets;
}

std::size_t ValueScanner::take(std::string_view piece) {
    const char* const begin = piece.data();
    const char* const end = begin + piece.size();
    const char* at = begin;
    if (state_ == State::start && at != end) {
        const char first = *at;
        const bool number = first != '"' && first != '{' && first != '[';
        state_ = number ? State::scalar : State::nested;
    }
    if (state_ == State::nested) at = nested(at, end);
    if (state_ == State::scalar) {
        while (at != end && of_scalar(*at)) ++at;
        if (at != end) state_ = State::done;
    }
    return static_cast<std::size_t>(at - begin);
}

const char* ValueScanner::nested(const char* at, const char* end) {
    while (at != end) {
        if (escaped_) {
            escaped_ = false;
            ++at;
            continue;
        }
        if (in_string_) {
            at = find_quote(at, end);
            if (at == end) return at;
            escaped_ = *at == '\\';
            in_string_ = escaped_;
            ++at;
            if (!in_string_ && brackets_ == 0) {
                state_ = State::done;
                return at;
            }
            continue;
        }
        const char c = *at++;
        if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            ++brackets_;
        } else if ((c == '}' || c == ']') && --brackets_ == 0) {
            state_ = State::done;
            return at;
        }
    }
    return at;
}

}  // namespace pifleet::kubernetes
