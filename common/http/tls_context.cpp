// Contexts of OpenSSL, made at first use and shared.
#include "common/base/files.hpp"
#include "common/http/file_stamp.hpp"
#include "common/http/openssl_parts.hpp"
#include "common/http/tls.hpp"
#include "common/http/tls_sessions.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <map>
#include <mutex>
#include <tuple>

namespace pifleet::http {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// One thing that a file holds, or the configuration itself.
struct Source {
    const char* key;  // as the configuration calls it
    const std::string& text;
    const std::string& file;
    bool given() const { return !text.empty() || !file.empty(); }
    std::string name() const { return text.empty() ? std::string(key) + "_file" : key; }
    std::string what() const { return text.empty() ? file : "what it holds"; }
};

Result<void> load(const Source& source, auto&& use) {
    Result<std::string> read = source.text;
    if (source.text.empty()) read = read_file(source.file);
    if (!read) return failure(source.name() + ": " + read.error().message);
    error_code error;
    use(boost::asio::buffer(*read), error);
    ERR_clear_error();
    if (error) return failure(source.name() + ": cannot use " + source.what() + ": " + error.message());
    return {};
}

Result<void> trust(ssl::context& context, const TlsOptions& options) {
    if (options.insecure_skip_verify) {
        context.set_verify_mode(ssl::verify_none);
        return {};
    }
    context.set_verify_mode(ssl::verify_peer);
    const Source ca{"ca", options.ca, options.ca_file};
    // A folder of hashed names on Debian: a certificate is read when a chain asks for it.
    if (!ca.given()) {
        SSL_CTX_set_default_verify_paths(context.native_handle());
        return {};
    }
    // Whatever the file lists is trusted, an intermediate authority too: so it is for Prometheus.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
    return load(ca,
                [&](auto buffer, error_code& error) { context.add_certificate_authority(buffer, error); });
}

Result<void> introduce(ssl::context& context, const TlsOptions& options) {
    const Source cert{"cert", options.cert, options.cert_file}, key{"key", options.key, options.key_file};
    if (!cert.given() && !key.given()) return {};
    if (!cert.given() || !key.given()) return failure("cert_file and key_file need each other");
    auto loaded =
        load(cert, [&](auto buffer, error_code& error) { context.use_certificate_chain(buffer, error); });
    if (!loaded) return loaded;
    loaded = load(key, [&](auto buffer, error_code& error) {
        context.use_private_key(buffer, ssl::context::pem, error);
    });
    if (!loaded) return loaded;
    if (SSL_CTX_check_private_key(context.native_handle()) == 1) return {};
    ERR_clear_error();
    return failure(key.name() + ": " + key.what() + " is not the key of the certificate");
}

void set_versions(SSL_CTX* context, const TlsOptions& options) {
    const int least = protocol_number(options.min_version, TLS1_2_VERSION);
    SSL_CTX_set_min_proto_version(context, least);
    SSL_CTX_set_max_proto_version(context, protocol_number(options.max_version, 0));  // 0: the newest
    // Debian's OpenSSL has the old versions behind the lowest level of security: whoever names one wants it.
    if (least < TLS1_2_VERSION) SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
}

Result<TlsContext> make_context(const TlsOptions& options) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    set_versions(context->native_handle(), options);
    SSL_CTX_set_mode(
        context->native_handle(),
        SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_CLEANSE_PLAINTEXT);
    keep_sessions(context->native_handle());
    SSL_CTX_set_default_passwd_cb(context->native_handle(), no_passphrase);
    if (auto trusting = trust(*context, options); !trusting) return trusting.error();
    if (auto introduced = introduce(*context, options); !introduced) return introduced.error();
    return context;
}

}  // namespace

Result<TlsContext> tls_context(const TlsOptions& options) {
    struct Entry {
        std::array<FileStamp, 3> stamps;
        std::weak_ptr<ssl::context> context;
    };
    struct Less {  // the server's name is a matter of each connection
        static auto key(const TlsOptions& o) {
            return std::tie(o.ca_file,
                            o.cert_file,
                            o.key_file,
                            o.ca,
                            o.cert,
                            o.key,
                            o.insecure_skip_verify,
                            o.min_version,
                            o.max_version);
        }
        bool operator()(const TlsOptions& a, const TlsOptions& b) const { return key(a) < key(b); }
    };
    static std::mutex mutex;
    static std::map<TlsOptions, Entry, Less> known;

    const std::array<FileStamp, 3> stamps{
        file_stamp(options.ca_file), file_stamp(options.cert_file), file_stamp(options.key_file)};
    const std::lock_guard lock(mutex);
    std::erase_if(known, [](const auto& item) { return item.second.context.expired(); });
    if (const auto found = known.find(options); found != known.end() && found->second.stamps == stamps)
        if (auto context = found->second.context.lock()) return context;
    auto context = make_context(options);
    if (context) known[options] = {stamps, *context};
    return context;
}

}  // namespace pifleet::http
