#include "forwarder/auth/authorization.hpp"

#include <openssl/evp.h>

namespace pifleet::forwarder {

namespace {

std::string base64(const std::string& text) {
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
    const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                        reinterpret_cast<const unsigned char*>(text.data()),
                                        static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

}  // namespace

Result<std::optional<http::Header>> authorization_header(const Authorization& authorization) {
    using Header = std::optional<http::Header>;
    if (authorization.kind == Authorization::Kind::none) return Header{};
    std::string secret;
    if (authorization.secret.given()) {
        auto revealed = authorization.secret.reveal();
        if (!revealed) return revealed.error();
        secret = std::move(*revealed);
    }
    if (authorization.kind == Authorization::Kind::basic)
        return Header{{"Authorization", "Basic " + base64(authorization.username + ":" + secret)}};
    return Header{{"Authorization", authorization.scheme + " " + secret}};
}

}  // namespace pifleet::forwarder
