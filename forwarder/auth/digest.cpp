#include "forwarder/auth/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <memory>
#include <stdexcept>

namespace pifleet::forwarder {

namespace {

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;
struct FreedBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string sha256(std::string_view text) {
    std::string out(32, '\0');
    unsigned size = 0;
    if (EVP_Digest(text.data(),
                   text.size(),
                   reinterpret_cast<unsigned char*>(out.data()),
                   &size,
                   EVP_sha256(),
                   nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-256");
    return out;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::string out(32, '\0');
    unsigned size = 0;
    if (HMAC(EVP_sha256(),
             key.data(),
             static_cast<int>(key.size()),
             bytes(text),
             text.size(),
             reinterpret_cast<unsigned char*>(out.data()),
             &size) == nullptr)
        throw std::runtime_error("OpenSSL has no HMAC");
    return out;
}

Result<std::string> rs256(std::string_view pem, std::string_view text) {
    const std::unique_ptr<BIO, FreedBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    if (!key) return failure("private key is no key in PEM");
    const Context context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes(text), text.size()) != 1)
        return failure("private key cannot sign");
    std::string out(size, '\0');
    if (EVP_DigestSign(
            context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes(text), text.size()) !=
        1)
        return failure("private key cannot sign");
    out.resize(size);
    return out;
}

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const char byte : bytes) {
        out += digits[static_cast<unsigned char>(byte) >> 4];
        out += digits[static_cast<unsigned char>(byte) & 15];
    }
    return out;
}

}  // namespace pifleet::forwarder
