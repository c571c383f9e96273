// TlsEngine over OpenSSL's memory BIOs.
#include "common/http/web/tls_server_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace pifleet::http::web {

namespace {

int int_size(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

class Engine : public TlsEngine {
  public:
    explicit Engine(ServerContext context) : context_(std::move(context)), ssl_(SSL_new(context_.get())) {
        if (ssl_ == nullptr) return;
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));  // now ssl_'s
        SSL_set_accept_state(ssl_);
    }
    ~Engine() override { SSL_free(ssl_); }

    bool made() const {
        return ssl_ != nullptr && SSL_get_rbio(ssl_) != nullptr && SSL_get_wbio(ssl_) != nullptr;
    }

    void received(std::string_view bytes) override {
        BIO_write(SSL_get_rbio(ssl_), bytes.data(), int_size(bytes.size()));
    }

    std::string outgoing() override {
        std::string out(BIO_ctrl_pending(SSL_get_wbio(ssl_)), '\0');
        if (!out.empty()) BIO_read(SSL_get_wbio(ssl_), out.data(), int_size(out.size()));
        return out;
    }

    Result<bool> shake_hands() override {
        ERR_clear_error();
        const int done = SSL_do_handshake(ssl_);
        if (done == 1) return true;
        if (SSL_get_error(ssl_, done) == SSL_ERROR_WANT_READ) return false;
        ended_ = true;
        const auto error = ERR_peek_error();
        plain_http_ = ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
        const auto verified = SSL_get_verify_result(ssl_);
        const char* reason =
            verified != X509_V_OK ? X509_verify_cert_error_string(verified) : ERR_reason_error_string(error);
        ERR_clear_error();
        return failure(reason == nullptr ? "the TLS handshake failed" : reason);
    }

    bool plain_http() const override { return plain_http_; }
    bool ended() const override { return ended_; }

    std::size_t read(std::span<char> into) override {
        if (ended_) return 0;
        ERR_clear_error();
        const int size = SSL_read(ssl_, into.data(), int_size(into.size()));
        if (size > 0) return static_cast<std::size_t>(size);
        ended_ = SSL_get_error(ssl_, size) != SSL_ERROR_WANT_READ;
        ERR_clear_error();
        return 0;
    }

    bool write(std::string_view text) override {
        if (text.empty()) return true;
        ERR_clear_error();
        const bool written = SSL_write(ssl_, text.data(), int_size(text.size())) > 0;
        ERR_clear_error();
        return written;
    }

    void close() override {
        ERR_clear_error();
        SSL_shutdown(ssl_);
        ERR_clear_error();
    }

  private:
    const ServerContext context_;
    SSL* const ssl_;
    bool plain_http_ = false;
    bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<TlsEngine>> make_engine(ServerContext context) {
    auto engine = std::make_unique<Engine>(std::move(context));
    if (!engine->made()) return failure("OpenSSL gives no connection");
    return std::unique_ptr<TlsEngine>(std::move(engine));
}

}  // namespace pifleet::http::web
