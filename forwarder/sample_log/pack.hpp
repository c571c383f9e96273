// Samples as few bytes, without loss: 1.5 to 2 bytes each for real pages where they take 24 in memory. The
// columns are apart (series, decimal exponents, digits), since that is what zstd finds repetition in. A pack
// needs nothing but itself.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/sample_log/bytes.hpp"
#include "forwarder/sample_log/sample.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace pifleet::forwarder {

/// The most samples that are packed as one, and the most bytes that they and what stands with them may take
/// unpacked: bounds for what a broken file can make a reader do.
constexpr std::size_t most_packed_samples = 1 << 16, most_packed_bytes = 64 << 20;

/// Appends the columns of the samples, of which there are 1 to most_packed_samples.
void append_columns(std::string& out, std::span<const Sample> samples);

/// Reads back `count` samples behind what `into` has. False: the bytes are no such columns.
bool read_columns(ByteReader& from, std::size_t count, std::vector<Sample>& into);

/// zstd with its work space, which is made at the first use and given back by rest().
class Compressor {
  public:
    Compressor();
    ~Compressor();
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;

    void compress(std::string_view bytes, std::string& out);  // appends
    /// `size` is what must come out. False: the bytes are not that.
    bool decompress(std::string_view bytes, std::size_t size, std::string& into);
    void rest();

  private:
    template <class T>
    using Handle = std::unique_ptr<T, void (*)(T*)>;
    Handle<ZSTD_CCtx_s> packing_;
    Handle<ZSTD_DCtx_s> unpacking_;
};

}  // namespace pifleet::forwarder
