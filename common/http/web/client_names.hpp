// The alternative names of a client's certificate. Private to common/http/web.
#pragma once

#include <span>
#include <string>

struct x509_st;  // OpenSSL's X509

namespace pifleet::http::web {

/// Whether one of the certificate's DNS names, mail addresses, URIs or IP addresses is, letter by letter, one
/// of `allowed`.
bool has_allowed_name(const x509_st* certificate, std::span<const std::string> allowed);

}  // namespace pifleet::http::web
