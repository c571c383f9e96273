// TLS for the client: contexts made at first use and shared, what OpenSSL says in plain words. Private to
// common/http.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"

#include <boost/system/error_code.hpp>

#include <memory>
#include <string>

struct ssl_st;  // OpenSSL's SSL
namespace boost::asio::ssl {
class context;
}

namespace pifleet::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// The context of these options: the one that others of the process use, made anew when one of the files has
/// changed. It lives while somebody holds it. Errors name the file. Thread-safe.
Result<TlsContext> tls_context(const TlsOptions& options);

/// Before the handshake: what the server shall prove to be, a name (sent as SNI too) or an IP address.
Result<void> expect_peer(ssl_st* ssl, const std::string& host);

/// Why a handshake, read or write failed: "the certificate is for another name than 'pi'".
std::string tls_reason(const ssl_st* ssl, const boost::system::error_code& error, const std::string& host);

}  // namespace pifleet::http
