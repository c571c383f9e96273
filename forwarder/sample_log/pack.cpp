#include "forwarder/sample_log/pack.hpp"

#include <zstd.h>

#include <bit>
#include <cmath>
#include <new>

namespace pifleet::forwarder {

namespace {

constexpr int level = 1;             // on real pages level 3 is slower and saves nothing
constexpr unsigned char raw = 0xff;  // in the exponents' column: the value's 64 bits stand in the last column

// All of them are doubles without rounding, and so is every digit string below 2^53: the quotient of two such
// numbers is the double nearest to the decimal, which is what a page's parser made of it.
constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr double exact = 9007199254740992.0;  // 2^53

struct Decimal {
    std::int64_t digits = 0;
    unsigned char places = raw;  // behind the point
};

// The shortest decimal that gives these very bits, if there is one of 15 digits or so.
Decimal decimal_of(std::uint64_t bits) {
    const auto value = std::bit_cast<double>(bits);
    for (unsigned char places = 0; places < std::size(powers); ++places) {
        const auto scaled = value * powers[places];
        if (!(std::fabs(scaled) < exact)) break;  // a NaN ends here too
        const auto digits = static_cast<std::int64_t>(scaled + std::copysign(0.5, scaled));
        if (std::bit_cast<std::uint64_t>(static_cast<double>(digits) / powers[places]) == bits)
            return {digits, places};
    }
    return {};
}

// Times wrap rather than overflow: a page may claim any.
std::int64_t minus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// One time for all: the last sample's, which in a scrape is the scrape's own. Those that differ are listed.
void append_times(std::string& out, std::span<const Sample> samples) {
    const auto base = samples.back().time_ms;
    std::string others;
    std::size_t count = 0, last = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (samples[i].time_ms == base) continue;
        put_varint(others, i - last);
        put_varint(others, zigzag(minus(samples[i].time_ms, base)));
        last = i;
        ++count;
    }
    put_varint(out, zigzag(base));
    put_varint(out, count);
    out += others;
}

bool read_times(ByteReader& from, std::span<Sample> samples) {
    const auto base = unzigzag(from.varint());
    const auto others = from.varint();
    for (auto& sample : samples) sample.time_ms = base;
    std::uint64_t at = 0;
    for (std::uint64_t n = 0; n < others && from.good(); ++n) {
        const auto gap = from.varint();
        if (gap >= samples.size() || (at += gap) >= samples.size()) return false;
        samples[at].time_ms = plus(base, unzigzag(from.varint()));
    }
    return from.good();
}

}  // namespace

void append_columns(std::string& out, std::span<const Sample> samples) {
    append_times(out, samples);
    std::int64_t last = -1;
    for (const auto& sample : samples) {
        put_varint(out, zigzag(static_cast<std::int64_t>(sample.series) - last));
        last = sample.series;
    }
    std::string digits, others;
    digits.reserve(4 * samples.size());
    for (const auto& sample : samples) {
        const auto decimal = decimal_of(sample.value_bits);
        out += static_cast<char>(decimal.places);
        if (decimal.places == raw)
            put_fixed(others, sample.value_bits);
        else
            put_varint(digits, zigzag(decimal.digits));
    }
    out += digits;
    out += others;
}

bool read_columns(ByteReader& from, std::size_t count, std::vector<Sample>& into) {
    if (count == 0 || count > most_packed_samples || count > from.rest().size()) return false;
    const auto start = into.size();
    into.resize(start + count);
    const auto samples = std::span(into).subspan(start);
    if (!read_times(from, samples)) return false;
    std::int64_t last = -1;
    for (auto& sample : samples) {
        last = plus(last, unzigzag(from.varint()));
        if (last < 0 || last > 0xffffffff) return false;
        sample.series = static_cast<SeriesId>(last);
    }
    const auto places = from.take(count);
    if (!from.good()) return false;
    for (std::size_t i = 0; i < count; ++i) {
        const auto place = static_cast<unsigned char>(places[i]);
        if (place == raw) continue;
        if (place >= std::size(powers)) return false;
        const auto value = static_cast<double>(unzigzag(from.varint())) / powers[place];
        samples[i].value_bits = std::bit_cast<std::uint64_t>(value);
    }
    for (std::size_t i = 0; i < count; ++i)
        if (static_cast<unsigned char>(places[i]) == raw) samples[i].value_bits = from.fixed<std::uint64_t>();
    return from.good();
}

Compressor::Compressor()
    : packing_(nullptr, [](ZSTD_CCtx* context) { ZSTD_freeCCtx(context); }),
      unpacking_(nullptr, [](ZSTD_DCtx* context) { ZSTD_freeDCtx(context); }) {}

Compressor::~Compressor() = default;

void Compressor::compress(std::string_view bytes, std::string& out) {
    if (!packing_) packing_.reset(ZSTD_createCCtx());
    if (!packing_) throw std::bad_alloc();
    const auto before = out.size();
    out.resize(before + ZSTD_compressBound(bytes.size()));
    const auto size = ZSTD_compressCCtx(
        packing_.get(), out.data() + before, out.size() - before, bytes.data(), bytes.size(), level);
    if (ZSTD_isError(size) != 0)
        throw std::bad_alloc();  // with room enough, nothing but memory can be missing
    out.resize(before + size);
}

bool Compressor::decompress(std::string_view bytes, std::size_t size, std::string& into) {
    if (size > most_packed_bytes) return false;
    // What a frame says of itself is asked first: a few bytes must not make us take 64 MB.
    if (ZSTD_getFrameContentSize(bytes.data(), bytes.size()) != size) return false;
    if (!unpacking_) unpacking_.reset(ZSTD_createDCtx());
    if (!unpacking_) throw std::bad_alloc();
    into.resize(size);
    return ZSTD_decompressDCtx(unpacking_.get(), into.data(), size, bytes.data(), bytes.size()) == size;
}

void Compressor::rest() {
    packing_.reset();
    unpacking_.reset();
}

}  // namespace pifleet::forwarder
