#include "common/http/tls.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace pifleet::http {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

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
            return "the server speaks no TLS 1.2 or newer, or none that min_version and max_version allow";
        case SSL_R_WRONG_VERSION_NUMBER:
            return "the server does not speak TLS on this port";
        default:
            return nullptr;
    }
}

}  // namespace

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
