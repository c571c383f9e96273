#include "common/http/web/tls_server_context.hpp"

#include "common/base/files.hpp"
#include "common/http/openssl_parts.hpp"
#include "common/http/web/client_names.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string>
#include <utility>
#include <vector>

namespace pifleet::http::web {

namespace {

template <auto Free>
struct Freed {
    void operator()(auto* thing) const { Free(thing); }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

// What lives with a context: the policy, which is asked at every handshake.
struct Owned {
    explicit Owned(const TlsServerOptions& o) : auth(o.client_auth), allowed(o.client_allowed_sans) {}
    ~Owned() { SSL_CTX_free(context); }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    SSL_CTX* context = nullptr;
    const ClientAuth auth;
    const std::vector<std::string> allowed;
};

Error unusable(std::string_view key, const std::string& file) {
    ERR_clear_error();
    return failure(std::string(key) + ": nothing to be used in " + (file.empty() ? "what it holds" : file));
}

Result<std::string> pem_of(std::string_view key, const std::string& text, const std::string& file) {
    if (file.empty()) return text;
    auto read = read_file(file, 1024 * 1024);
    if (!read) return failure(std::string(key) + "_file: " + read.error().message);
    return read;
}

Bio reader(const std::string& pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// The certificates of a PEM text, in its order.
std::vector<Certificate> certificates(const std::string& pem) {
    std::vector<Certificate> out;
    const auto bio = reader(pem);
    while (auto* next = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) out.emplace_back(next);
    ERR_clear_error();  // that it ended
    return out;
}

Result<void> introduce(SSL_CTX* context, const TlsServerOptions& options) {
    const auto cert_pem = pem_of("cert", options.cert, options.cert_file);
    if (!cert_pem) return cert_pem.error();
    auto chain = certificates(*cert_pem);
    if (chain.empty() || SSL_CTX_use_certificate(context, chain.front().get()) != 1)
        return unusable("cert_file", options.cert_file);
    for (auto next = chain.begin() + 1; next != chain.end(); ++next)
        if (SSL_CTX_add0_chain_cert(context, next->get()) == 1) (void)next->release();  // now the context's
    const auto key_pem = pem_of("key", options.key, options.key_file);
    if (!key_pem) return key_pem.error();
    const Key key(PEM_read_bio_PrivateKey(reader(*key_pem).get(), nullptr, no_passphrase, nullptr));
    if (!key) return unusable("key_file", options.key_file);
    if (SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1) return {};
    ERR_clear_error();
    return failure("key_file: not the key of the certificate");
}

// Who may sign clients' certificates: those of the file, else those that the system trusts, as in Go.
Result<void> trust(SSL_CTX* context, const TlsServerOptions& options) {
    if (options.client_ca_file.empty() && options.client_ca.empty()) {
        SSL_CTX_set_default_verify_paths(context);
        return {};
    }
    const auto pem = pem_of("client_ca", options.client_ca, options.client_ca_file);
    if (!pem) return pem.error();
    for (const auto& certificate : certificates(*pem)) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
        SSL_CTX_add_client_CA(context, certificate.get());
    }
    // Whatever the file lists is trusted, an intermediate authority too.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    return {};
}

// Called in the handshake with what the client showed; 0 ends it with an alert.
int judge_client(X509_STORE_CTX* shown, void* data) {
    const auto& owned = *static_cast<const Owned*>(data);
    const bool verify =
        owned.auth == ClientAuth::verify_if_given || owned.auth == ClientAuth::require_and_verify;
    if (verify && X509_verify_cert(shown) != 1) return 0;
    if (owned.allowed.empty() || has_allowed_name(X509_STORE_CTX_get0_cert(shown), owned.allowed)) return 1;
    X509_STORE_CTX_set_error(shown, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

void set_policy(Owned& owned) {
    if (owned.auth == ClientAuth::none) return;
    const bool required =
        owned.auth == ClientAuth::require_any || owned.auth == ClientAuth::require_and_verify;
    SSL_CTX_set_verify(
        owned.context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    SSL_CTX_set_cert_verify_callback(owned.context, judge_client, &owned);
}

Result<void> set_protocol(SSL_CTX* context, const TlsServerOptions& options) {
    const int least = protocol_number(options.min_version, TLS1_2_VERSION);
    SSL_CTX_set_min_proto_version(context, least);
    SSL_CTX_set_max_proto_version(context, protocol_number(options.max_version, 0));  // 0: the newest
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    // Scrapers keep their connection: nothing is kept for those that come again.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (options.prefer_server_ciphers) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Debian's OpenSSL has the old versions behind the lowest level of security: whoever names one wants it.
    const std::string level = least < TLS1_2_VERSION ? ":@SECLEVEL=0" : "";
    const auto ciphers = (options.ciphers.empty() ? "DEFAULT" : options.ciphers) + level;
    bool taken = SSL_CTX_set_cipher_list(context, ciphers.c_str()) == 1;
    if (!options.groups.empty())
        taken = taken && SSL_CTX_set1_groups_list(context, options.groups.c_str()) == 1;
    ERR_clear_error();
    if (!taken) return failure("this OpenSSL has not the cipher_suites or curve_preferences asked for");
    return {};
}

}  // namespace

Result<ServerContext> server_context(const TlsServerOptions& options) {
    const auto owned = std::make_shared<Owned>(options);
    owned->context = SSL_CTX_new(TLS_server_method());
    if (owned->context == nullptr) return failure("OpenSSL gives no context for TLS");
    if (auto set = set_protocol(owned->context, options); !set) return set.error();
    if (auto introduced = introduce(owned->context, options); !introduced) return introduced.error();
    if (options.client_auth != ClientAuth::none)
        if (auto trusting = trust(owned->context, options); !trusting) return trusting.error();
    set_policy(*owned);
    return ServerContext(owned, owned->context);
}

}  // namespace pifleet::http::web
