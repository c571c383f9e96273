#include "common/http/tls_sessions.hpp"

#include <openssl/ssl.h>

#include <ctime>
#include <map>
#include <mutex>
#include <utility>

namespace pifleet::http {

namespace {

constexpr std::size_t most_sessions = 64;  // a server each
constexpr long most_age = 3600;            // seconds: then its certificate is looked at again

struct Free {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, Free>;

// Attached to the context.
struct Sessions {
    std::mutex mutex;
    std::map<std::string, Session> known;
};

// OpenSSL's numbers of what we attach to a context and to a connection, and how it is freed.
int context_index() {
    static const int index = SSL_CTX_get_ex_new_index(
        0, nullptr, nullptr, nullptr, [](void*, void* attached, CRYPTO_EX_DATA*, int, long, void*) {
            delete static_cast<Sessions*>(attached);
        });
    return index;
}
int key_index() {
    static const int index = SSL_get_ex_new_index(
        0, nullptr, nullptr, nullptr, [](void*, void* attached, CRYPTO_EX_DATA*, int, long, void*) {
            delete static_cast<std::string*>(attached);
        });
    return index;
}

Sessions* sessions_of(SSL* ssl) {
    return static_cast<Sessions*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
}

// 1: the session is ours now.
int remember(SSL* ssl, SSL_SESSION* session) {
    auto* sessions = sessions_of(ssl);
    const auto* key = static_cast<const std::string*>(SSL_get_ex_data(ssl, key_index()));
    if (sessions == nullptr || key == nullptr) return 0;
    const std::lock_guard lock(sessions->mutex);
    if (sessions->known.size() >= most_sessions && !sessions->known.contains(*key)) sessions->known.clear();
    sessions->known[*key].reset(session);
    return 1;
}

}  // namespace

void keep_sessions(ssl_ctx_st* context) {
    auto sessions = std::make_unique<Sessions>();
    if (SSL_CTX_set_ex_data(context, context_index(), sessions.get()) != 1) return;
    sessions.release();
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, remember);
}

void resume_session(ssl_st* ssl, const std::string& key) {
    auto* sessions = sessions_of(ssl);
    if (sessions == nullptr) return;
    auto attached = std::make_unique<std::string>(key);
    if (SSL_set_ex_data(ssl, key_index(), attached.get()) != 1) return;
    attached.release();
    const std::lock_guard lock(sessions->mutex);
    const auto found = sessions->known.find(key);
    if (found == sessions->known.end()) return;
    const auto age = static_cast<long>(std::time(nullptr)) - SSL_SESSION_get_time(found->second.get());
    if (age < 0 || age > most_age || SSL_SESSION_is_resumable(found->second.get()) != 1)
        sessions->known.erase(found);
    else
        SSL_set_session(ssl, found->second.get());
}

}  // namespace pifleet::http
