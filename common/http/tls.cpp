#include "common/http/tls.hpp"

#include "common/base/files.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace pifleet::http {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// What tells one state of a file from another.
struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = -1;
    std::uint64_t inode = 0;
    auto operator<=>(const Stamp&) const = default;
};

Stamp stamp(const std::string& path) {
    struct stat status {};
    if (path.empty() || stat(path.c_str(), &status) != 0) return {};
    return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

// Without a callback OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Result<void> load(const char* what, const std::string& path, auto&& use) {
    const auto content = read_file(path);
    if (!content) return failure(std::string(what) + ": " + content.error().message);
    error_code error;
    use(boost::asio::buffer(*content), error);
    ERR_clear_error();
    if (error) return failure(std::string(what) + ": cannot use " + path + ": " + error.message());
    return {};
}

Result<void> trust(ssl::context& context, const TlsOptions& options) {
    if (options.insecure_skip_verify) {
        context.set_verify_mode(ssl::verify_none);
        return {};
    }
    context.set_verify_mode(ssl::verify_peer);
    // A folder of hashed names on Debian: a certificate is read when a chain asks for it.
    if (options.ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(context.native_handle());
        return {};
    }
    // Whatever the file lists is trusted, an intermediate authority too: so it is for Prometheus.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
    return load("ca_file", options.ca_file, [&](auto buffer, error_code& error) {
        context.add_certificate_authority(buffer, error);
    });
}

Result<void> introduce(ssl::context& context, const TlsOptions& options) {
    if (options.cert_file.empty() && options.key_file.empty()) return {};
    if (options.cert_file.empty() || options.key_file.empty())
        return failure("cert_file and key_file need each other");
    auto loaded = load("cert_file", options.cert_file, [&](auto buffer, error_code& error) {
        context.use_certificate_chain(buffer, error);
    });
    if (!loaded) return loaded;
    loaded = load("key_file", options.key_file, [&](auto buffer, error_code& error) {
        context.use_private_key(buffer, ssl::context::pem, error);
    });
    if (!loaded) return loaded;
    if (SSL_CTX_check_private_key(context.native_handle()) == 1) return {};
    ERR_clear_error();
    return failure("key_file: " + options.key_file + " is not the key of " + options.cert_file);
}

Result<TlsContext> make_context(const TlsOptions& options) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(context->native_handle(), no_passphrase);
    if (auto trusting = trust(*context, options); !trusting) return trusting.error();
    if (auto introduced = introduce(*context, options); !introduced) return introduced.error();
    return context;
}

const char* verify_reason(long code) {
    switch (code) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "the certificate has expired (or the clock is wrong)";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "the certificate is not valid yet (or the clock is wrong)";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return "the certificate is self-signed and not trusted here";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "the certificate is signed by an unknown authority";
        default:
            return X509_verify_cert_error_string(code);
    }
}

const char* protocol_reason(const error_code& error) {
    switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
            return "the server wants a client certificate";
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
            return "the server refused the handshake (does it want a client certificate?)";
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
            return "the server refused the client certificate";
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        case SSL_R_UNSUPPORTED_PROTOCOL:
            return "the server speaks no TLS 1.2 or newer";
        case SSL_R_WRONG_VERSION_NUMBER:
            return "the server does not speak TLS on this port";
        default:
            return nullptr;
    }
}

}  // namespace

Result<TlsContext> tls_context(const TlsOptions& options) {
    struct Entry {
        std::array<Stamp, 3> stamps;
        std::weak_ptr<ssl::context> context;
    };
    using Key =
        std::pair<std::array<std::string, 3>, bool>;  // the server's name is a matter of each connection
    static std::mutex mutex;
    static std::map<Key, Entry> known;

    const std::array<std::string, 3> files{options.ca_file, options.cert_file, options.key_file};
    const std::array<Stamp, 3> stamps{stamp(files[0]), stamp(files[1]), stamp(files[2])};
    const std::lock_guard lock(mutex);
    std::erase_if(known, [](const auto& item) { return item.second.context.expired(); });
    const Key key{files, options.insecure_skip_verify};
    if (const auto found = known.find(key); found != known.end() && found->second.stamps == stamps)
        if (auto context = found->second.context.lock()) return context;
    auto context = make_context(options);
    if (context) known[key] = {stamps, *context};
    return context;
}

Result<void> expect_peer(ssl_st* handle, const std::string& host) {
    auto* wanted = SSL_get0_param(handle);
    const auto name = host.substr(0, host.find('%'));  // without an IPv6 zone
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1) return {};
    ERR_clear_error();
    // As browsers and Go: the name must stand among the alternative names, the subject's common name does not
    // count.
    X509_VERIFY_PARAM_set_hostflags(
        wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) == 1 &&
        SSL_set_tlsext_host_name(handle, name.c_str()) == 1)
        return {};
    ERR_clear_error();
    return failure('\'' + name + "' is no name for a certificate");
}

std::string tls_reason(const ssl_st* handle, const error_code& error, const std::string& host) {
    const auto verified = SSL_get_verify_result(handle);
    if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH)
        return "the certificate is for another name than '" + host + '\'';
    if (verified != X509_V_OK && (SSL_get_verify_mode(handle) & SSL_VERIFY_PEER))
        return verify_reason(verified);
    if (error.category() == boost::asio::error::get_ssl_category())
        if (const auto* reason = protocol_reason(error)) return reason;
    if (error == ssl::error::stream_truncated || error == boost::asio::error::eof ||
        error == boost::asio::error::connection_reset)
        return "the connection was closed";
    return error.message();
}

}  // namespace pifleet::http
