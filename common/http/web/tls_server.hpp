// The server's side of TLS, by OpenSSL. The context is made at the first connection and anew when a file has
// changed: a renewed certificate is shown from the next connection on.
#pragma once

#include "common/http/tls_engine.hpp"
#include "common/http/web/config.hpp"

#include <memory>

namespace pifleet::http::web {

class TlsServer {
  public:
    TlsServer();
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    /// Whether a context can be made of these. The error names the file and what is wrong with it.
    static Result<void> check(const TlsServerOptions& options);

    /// An engine for one connection. When files have become unusable since the last connection, what they
    /// held before goes on being used and the fault is logged; the error is that there was nothing before.
    Result<std::unique_ptr<TlsEngine>> engine(const TlsServerOptions& options);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pifleet::http::web
