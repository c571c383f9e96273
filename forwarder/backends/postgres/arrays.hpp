// Arrays as PostgreSQL takes them in binary: dimensions (one), flags, the type of the elements, how many,
// where they begin, and each element with its length. Numbers have the highest byte first. Facts from
// PostgreSQL's array_recv and the send functions of its types.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace pifleet::forwarder::postgres {

class BinaryArray {
  public:
    /// Types by their number in pg_type, the same in every database.
    enum class Type : std::uint32_t { int8 = 20, text = 25, float8 = 701, timestamptz = 1184 };

    BinaryArray(Type type, std::size_t count) {
        put32(1);
        put32(0);
        put32(static_cast<std::uint32_t>(type));
        put32(static_cast<std::uint32_t>(count));
        put32(1);
    }
    void add(std::uint64_t word) {
        put32(8);
        put32(static_cast<std::uint32_t>(word >> 32));
        put32(static_cast<std::uint32_t>(word));
    }
    void add(std::string_view text) {
        put32(static_cast<std::uint32_t>(text.size()));
        bytes_ += text;
    }
    std::string take() { return std::move(bytes_); }

  private:
    void put32(std::uint32_t word) {
        for (unsigned shift = 32; shift > 0; shift -= 8) bytes_ += static_cast<char>(word >> (shift - 8));
    }
    std::string bytes_;
};

/// Microseconds since 2000-01-01, as timestamps are sent.
constexpr std::uint64_t timestamp_of(std::int64_t time_ms) {
    return static_cast<std::uint64_t>(time_ms * 1000 - 946'684'800'000'000);
}

}  // namespace pifleet::forwarder::postgres
