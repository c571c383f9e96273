#include "forwarder/auth/authorization.hpp"

#include "common/http/basic_credentials.hpp"

#include <utility>

namespace pifleet::forwarder {

Result<std::optional<http::Header>> authorization_header(const Authorization& authorization) {
    using Header = std::optional<http::Header>;
    if (authorization.kind == Authorization::Kind::none) return Header{};
    std::string secret;
    if (authorization.secret.given()) {
        auto revealed = authorization.secret.reveal();
        if (!revealed) return revealed.error();
        secret = std::move(*revealed);
    }
    if (authorization.kind == Authorization::Kind::basic) {
        std::string user = authorization.username;
        if (!authorization.username_file.empty()) {
            auto revealed = config::Secret::of_file(authorization.username_file).reveal();
            if (!revealed) return revealed.error();
            user = std::move(*revealed);
        }
        return Header{{"Authorization", http::basic_credentials(user, secret)}};
    }
    return Header{{"Authorization", authorization.scheme + " " + secret}};
}

}  // namespace pifleet::forwarder
