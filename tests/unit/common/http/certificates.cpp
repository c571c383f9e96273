#include "certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <filesystem>
#include <fstream>

namespace pifleet::http::test {

namespace {

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    std::string out(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return out;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (!extension) throw std::runtime_error("extension " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

std::shared_ptr<SSL_CTX> context_of(const TlsServer& server) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_use_certificate(context.get(), server.own.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), server.own.key.get());
    if (server.max_version != 0) {
        SSL_CTX_set_security_level(context.get(), 0);  // else TLS 1.1 could not be had
        SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context.get(), server.max_version);
    }
    if (server.clients) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), server.clients->certificate.get());
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return context;
}

// Empty: the client has gone.
std::string read_head(SSL* ssl) {
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n")) {
        if (SSL_read(ssl, &byte, 1) != 1) return {};
        head += byte;
    }
    return head;
}

}  // namespace

TempFolder::TempFolder() {
    auto name = (std::filesystem::temp_directory_path() / "http_test.XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
}

TempFolder::~TempFolder() {
    std::filesystem::remove_all(path_);
}

std::string TempFolder::file(const std::string& name, const std::string& content) const {
    const auto path = path_ + '/' + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
}

std::string Certificate::key_pem() const {
    auto* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio);
}

std::string Certificate::pem() const {
    auto* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate.get());
    return text_of(bio);
}

Certificate make_certificate(const Wish& wish, const Certificate* issuer) {
    static std::atomic<int> number{0};
    Certificate out;
    out.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    out.certificate.reset(X509_new(), X509_free);
    auto* made = out.certificate.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++number);
    X509_gmtime_adj(X509_getm_notBefore(made), wish.from);
    X509_gmtime_adj(X509_getm_notAfter(made), wish.to);
    X509_set_pubkey(made, out.key.get());
    const auto name = "test " + std::to_string(number);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made),
                               "CN",
                               MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()),
                               -1,
                               -1,
                               0);
    auto* signer = issuer ? issuer->certificate.get() : made;
    X509_set_issuer_name(made, X509_get_subject_name(signer));
    extend(made, signer, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!wish.names.empty()) extend(made, signer, NID_subject_alt_name, wish.names);
    X509_sign(made, issuer ? issuer->key.get() : out.key.get(), EVP_sha256());
    return out;
}

std::function<void(Socket&)> serving(TlsServer server) {
    // One context, so that a client can take up its session.
    const auto context = std::shared_ptr<SSL_CTX>(context_of(server));
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("test"), 4);
    return [server = std::move(server), context](Socket& socket) {
        const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
        SSL_set_fd(ssl.get(), socket.descriptor());
        if (SSL_accept(ssl.get()) != 1) return;
        if (server.resumed && SSL_session_reused(ssl.get()) == 1) ++*server.resumed;
        const auto* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
        if (server.asked_for) server.asked_for->push_back(name ? name : "");
        const auto write = [&](std::string_view text) {
            return SSL_write(ssl.get(), text.data(), static_cast<int>(text.size())) > 0;
        };
        for (;;) {
            const auto head = read_head(ssl.get());
            if (head.empty()) return;
            if (server.respond) {
                if (!server.respond(head, write)) return;
                continue;
            }
            write(server.answer);
            if (server.answer.find("Content-Length") == std::string::npos) return;
        }
    };
}

}  // namespace pifleet::http::test
