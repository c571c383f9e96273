#include "common/http/web/tls_server.hpp"

#include "common/http/file_stamp.hpp"
#include "common/http/web/tls_server_context.hpp"
#include "common/process/log.hpp"

#include <array>

namespace pifleet::http::web {

struct TlsServer::Impl {
    using Stamps = std::array<FileStamp, 3>;
    TlsServerOptions options;
    Stamps stamps;
    ServerContext context;

    static Stamps look(const TlsServerOptions& o) {
        return {file_stamp(o.cert_file), file_stamp(o.key_file), file_stamp(o.client_ca_file)};
    }
};

TlsServer::TlsServer() : impl_(std::make_unique<Impl>()) {}
TlsServer::~TlsServer() = default;

Result<void> TlsServer::check(const TlsServerOptions& options) {
    const auto context = server_context(options);
    if (!context) return context.error();
    return {};
}

Result<std::unique_ptr<TlsEngine>> TlsServer::engine(const TlsServerOptions& options) {
    auto& held = *impl_;
    const auto stamps = Impl::look(options);
    if (!held.context || stamps != held.stamps || options != held.options) {
        const auto made = server_context(options);
        // Certificate and key are two files: between the writing of one and of the other they do not fit.
        if (!made && !held.context) return made.error();
        if (made) {
            held.context = *made;
            held.options = options;
            held.stamps = stamps;
        } else {
            log::error("the TLS files cannot be used; going on with what they held before",
                       {{"err", made.error()}});
        }
    }
    return make_engine(held.context);
}

}  // namespace pifleet::http::web
