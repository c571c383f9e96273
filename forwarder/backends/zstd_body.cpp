#include "forwarder/backends/zstd_body.hpp"

#include <zstd.h>

#include <stdexcept>

namespace pifleet::forwarder {

std::string zstd_body(std::string_view body) {
    constexpr int level = 1;  // a Pi's CPU is dearer than the last tenth of the bytes
    std::string out(ZSTD_compressBound(body.size()), '\0');
    const auto size = ZSTD_compress(out.data(), out.size(), body.data(), body.size(), level);
    if (ZSTD_isError(size) != 0) throw std::runtime_error(ZSTD_getErrorName(size));  // no memory
    out.resize(size);
    return out;
}

}  // namespace pifleet::forwarder
