#include "forwarder/relabel/hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <stdexcept>

namespace pifleet::forwarder {

std::uint64_t shard_hash(std::string_view text) {
    constexpr std::size_t digest_size = 16, used = 8;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
    // Another hash would move targets to other shards than the rest of the fleet has them in.
    if (done != 1 || size != digest_size)
        throw std::runtime_error("hashmod needs MD5, which this machine's OpenSSL refuses");
    std::uint64_t number = 0;
    for (auto i = digest_size - used; i < digest_size; ++i) number = number << 8 | digest[i];
    return number;
}

}  // namespace pifleet::forwarder
