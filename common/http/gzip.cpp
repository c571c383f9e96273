#include "common/http/gzip.hpp"

#include "common/base/text.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace pifleet::http {

namespace {

constexpr int gzip_window = 15 + 16;                 // zlib's way of asking for gzip's header and trailer
constexpr std::size_t slice = std::size_t{1} << 30;  // zlib counts in 32 bits

Bytef* bytes(const char* text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

}  // namespace

std::string gzip(std::string_view body) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string out;
    std::array<char, 16 * 1024> piece;
    int status = Z_OK;
    while (status != Z_STREAM_END) {
        if (stream.avail_in == 0) {
            const auto next = body.substr(0, slice);
            body.remove_prefix(next.size());
            stream.next_in = bytes(next.data());
            stream.avail_in = static_cast<uInt>(next.size());
        }
        stream.next_out = bytes(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        status = deflate(&stream, body.empty() ? Z_FINISH : Z_NO_FLUSH);
        out.append(piece.data(), piece.size() - stream.avail_out);
    }
    deflateEnd(&stream);
    return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
    bool any = false;
    for (const auto entry : split(accept_encoding, ',')) {
        const auto semicolon = std::min(entry.find(';'), entry.size());
        const auto name = trim(entry.substr(0, semicolon));
        const auto weight = lower(entry.substr(semicolon));
        const auto q = weight.find("q=");
        // What is no number is no refusal.
        const bool wanted =
            q == std::string::npos || to_double(trim(std::string_view(weight).substr(q + 2))) != 0.0;
        if (equal_ignoring_case(name, "gzip") || equal_ignoring_case(name, "x-gzip")) return wanted;
        if (name == "*") any = wanted;
    }
    return any;
}

struct Gunzip::Impl {
    explicit Impl(std::size_t most) : limit(most) {
        if (inflateInit2(&stream, gzip_window) != Z_OK) throw std::bad_alloc();
    }
    ~Impl() { inflateEnd(&stream); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    z_stream stream{};
    std::size_t limit;
    std::size_t passed = 0;
    bool ended = false;  // at the end of a member; another one may follow
    std::array<char, 16 * 1024> out;
};

Gunzip::Gunzip(std::size_t limit) : impl_(std::make_unique<Impl>(limit)) {}
Gunzip::~Gunzip() = default;
Gunzip::Gunzip(Gunzip&&) noexcept = default;

Result<void> Gunzip::feed(std::string_view piece, const Sink& sink) {
    auto& self = *impl_;
    auto& stream = self.stream;
    bool more = false;  // the last call filled the buffer, so zlib may hold back some
    while (!piece.empty() || more) {
        if (self.ended) {
            inflateReset(&stream);
            self.ended = false;
        }
        const auto next = piece.substr(0, slice);
        stream.next_in = bytes(next.data());
        stream.avail_in = static_cast<uInt>(next.size());
        stream.next_out = bytes(self.out.data());
        stream.avail_out = static_cast<uInt>(self.out.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR) throw std::bad_alloc();
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return failure(std::string("broken gzip stream: ") + (stream.msg ? stream.msg : "not gzip"));
        piece.remove_prefix(next.size() - stream.avail_in);
        self.ended = status == Z_STREAM_END;
        more = !self.ended && stream.avail_out == 0;
        const std::string_view unpacked(self.out.data(), self.out.size() - stream.avail_out);
        if (unpacked.size() > self.limit - self.passed)
            return failure("the unpacked body is over the limit of " + std::to_string(self.limit) + " bytes");
        self.passed += unpacked.size();
        if (unpacked.empty()) continue;
        if (auto taken = sink(unpacked); !taken) return taken;
    }
    return {};
}

Result<void> Gunzip::finish() const {
    if (!impl_->ended) return failure("the gzip stream was cut short");
    return {};
}

}  // namespace pifleet::http
