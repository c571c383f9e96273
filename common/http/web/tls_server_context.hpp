// OpenSSL's context of a server. Private to common/http/web.
#pragma once

#include "common/http/tls_engine.hpp"
#include "common/http/web/config.hpp"

#include <memory>

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace pifleet::http::web {

/// What a context refers to lives as long as it does.
using ServerContext = std::shared_ptr<ssl_ctx_st>;

/// Reads the files. The error names the key of the configuration and the file.
Result<ServerContext> server_context(const TlsServerOptions& options);

Result<std::unique_ptr<TlsEngine>> make_engine(ServerContext context);

}  // namespace pifleet::http::web
