#include "common/http/tls_stream.hpp"

#include "common/http/tls_sessions.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <utility>

namespace pifleet::http {

namespace {

using boost::system::error_code;

// OpenSSL's own way to a socket raises SIGPIPE when the peer has gone.
int descriptor(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool again() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int receive(BIO* bio, char* into, int room) {
    BIO_clear_retry_flags(bio);
    const auto got = ::recv(descriptor(bio), into, static_cast<std::size_t>(room), MSG_DONTWAIT);
    if (got < 0 && again()) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

int send(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const auto sent =
        ::send(descriptor(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && again()) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
    static const BIO_METHOD* const made = [] {
        auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
        BIO_meth_set_read(method, receive);
        BIO_meth_set_write(method, send);
        BIO_meth_set_ctrl(method, control);
        return method;
    }();
    return made;
}

int int_size(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

void begin_call() {
    ERR_clear_error();
    errno = 0;
}

}  // namespace

Result<std::unique_ptr<TlsStream>> TlsStream::open(TlsContext context,
                                                   int socket,
                                                   const std::string& name,
                                                   const std::string& authority) {
    auto* ssl = SSL_new(context->native_handle());
    auto* bio = BIO_new(socket_method());
    if (ssl == nullptr || bio == nullptr) {
        SSL_free(ssl);
        BIO_free(bio);
        ERR_clear_error();
        return failure("OpenSSL gives no connection");
    }
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    SSL_set_read_ahead(ssl, 1);  // many small records at a time
    std::unique_ptr<TlsStream> out(new TlsStream(std::move(context), ssl, name));
    if (auto expecting = expect_peer(ssl, name); !expecting) return expecting.error();
    resume_session(ssl, name + ' ' + authority);
    return out;
}

TlsStream::TlsStream(TlsContext context, ssl_st* ssl, std::string name)
    : context_(std::move(context)), ssl_(ssl), name_(std::move(name)) {}

TlsStream::~TlsStream() {
    // Not told goodbye, but not broken either: its session can be resumed.
    SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl_);
}

TlsStream::Done TlsStream::outcome(int returned) const {
    namespace ssl = boost::asio::ssl;
    if (returned > 0) return {Wants::nothing, {}, static_cast<std::size_t>(returned)};
    const int system = errno;
    error_code error;
    switch (SSL_get_error(ssl_, returned)) {
        case SSL_ERROR_WANT_READ:
            return {Wants::read, {}, 0};
        case SSL_ERROR_WANT_WRITE:
            return {Wants::write, {}, 0};
        case SSL_ERROR_ZERO_RETURN:
            error = boost::asio::error::eof;
            break;
        case SSL_ERROR_SYSCALL:
            error = system != 0 ? error_code(system, boost::system::system_category())
                                : make_error_code(ssl::error::stream_truncated);
            break;
        default:
            error = {static_cast<int>(ERR_peek_error()), boost::asio::error::get_ssl_category()};
    }
    ERR_clear_error();
    return {Wants::nothing, error, 0};
}

TlsStream::Done TlsStream::shake_hands() {
    begin_call();
    return outcome(SSL_do_handshake(ssl_));
}

TlsStream::Done TlsStream::read(char* into, std::size_t room) {
    begin_call();
    return outcome(SSL_read(ssl_, into, int_size(room)));
}

TlsStream::Done TlsStream::peek() {
    begin_call();
    char byte = 0;
    return outcome(SSL_peek(ssl_, &byte, 1));
}

// SSL_MODE_RELEASE_BUFFERS leaves the one for writing where it is.
void TlsStream::rest() {
    SSL_free_buffers(ssl_);
}

TlsStream::Done TlsStream::write(std::string_view bytes) {
    begin_call();
    return outcome(SSL_write(ssl_, bytes.data(), int_size(bytes.size())));
}

std::string TlsStream::reason(const error_code& error) const {
    return tls_reason(ssl_, error, name_);
}

}  // namespace pifleet::http
