#include "common/http/gzip.hpp"

#include "common/base/text.hpp"

#include <string.h>  // explicit_bzero
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace pifleet::http {

namespace {

constexpr int gzip_window = 15 + 16;                 // zlib's way of asking for gzip's header and trailer
constexpr std::size_t slice = std::size_t{1} << 30;  // zlib counts in 32 bits

Bytef* bytes(const char* text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

}  // namespace

namespace {

class Deflate {
  public:
    Deflate() {
        if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    ~Deflate() { deflateEnd(&stream_); }
    Deflate(const Deflate&) = delete;
    Deflate& operator=(const Deflate&) = delete;

    void feed(std::string_view text, std::string& out) {
        for (; !text.empty(); text.remove_prefix(std::min(text.size(), slice)))
            run(text.substr(0, slice), Z_NO_FLUSH, out);
    }
    void finish(std::string& out) { run({}, Z_FINISH, out); }

  private:
    void run(std::string_view text, int flush, std::string& out) {
        stream_.next_in = bytes(text.data());
        stream_.avail_in = static_cast<uInt>(text.size());
        do {
            stream_.next_out = bytes(piece_.data());
            stream_.avail_out = static_cast<uInt>(piece_.size());
            deflate(&stream_, flush);
            out.append(piece_.data(), piece_.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }

    z_stream stream_{};
    std::array<char, 16 * 1024> piece_;
};

class Packed final : public BodySource {
  public:
    explicit Packed(std::shared_ptr<BodySource> body) : body_(std::move(body)) {}

    void next(std::vector<std::string_view>& pieces, std::size_t most) override {
        if (sent_ == out_.size()) {
            out_.clear();
            sent_ = 0;
        }
        while (!ended_ && out_.size() - sent_ == 0) {
            plain_.clear();
            body_->next(plain_, slice_at_a_time);
            for (const auto piece : plain_) deflate_.feed(piece, out_);
            ended_ = plain_.empty();
            if (ended_) deflate_.finish(out_);
        }
        const auto piece = std::string_view(out_).substr(sent_, most);
        sent_ += piece.size();
        if (!piece.empty()) pieces.push_back(piece);
    }

  private:
    static constexpr std::size_t slice_at_a_time = 64 * 1024;  // more would hold up the loop
    std::shared_ptr<BodySource> body_;
    Deflate deflate_;
    std::vector<std::string_view> plain_;
    std::string out_;
    std::size_t sent_ = 0;  // of out_
    bool ended_ = false;
};

}  // namespace

std::string gzip(std::string_view body) {
    Deflate deflate;
    std::string out;
    deflate.feed(body, out);
    deflate.finish(out);
    return out;
}

std::shared_ptr<BodySource> gzip(std::shared_ptr<BodySource> body) {
    return std::make_shared<Packed>(std::move(body));
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

namespace {

// zlib's window holds what was unpacked, which may have been secret: overwritten before it is given back. The
// size stands in front.
constexpr std::size_t in_front = alignof(std::max_align_t);

void* take_memory(void*, uInt count, uInt size) {
    const auto bytes = std::size_t{count} * size;
    auto* memory = static_cast<char*>(std::malloc(in_front + bytes));
    if (memory == nullptr) return nullptr;
    std::memcpy(memory, &bytes, sizeof bytes);
    return memory + in_front;
}

void give_back(void*, void* address) {
    auto* memory = static_cast<char*>(address) - in_front;
    std::size_t bytes = 0;
    std::memcpy(&bytes, memory, sizeof bytes);
    ::explicit_bzero(address, bytes);
    std::free(memory);
}

}  // namespace

struct Gunzip::Impl {
    explicit Impl(std::size_t most) : limit(most) {
        stream.zalloc = take_memory;
        stream.zfree = give_back;
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
        auto taken = sink(unpacked);
        ::explicit_bzero(self.out.data(), unpacked.size());
        if (!taken) return taken;
    }
    return {};
}

Result<void> Gunzip::finish() const {
    if (!impl_->ended) return failure("the gzip stream was cut short");
    return {};
}

}  // namespace pifleet::http
