// TLS sessions of a client's context, the last one of each server: a new connection takes up where another
// one was, without certificates and at a tenth of the cost. Private to common/http.
#pragma once

#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;

namespace pifleet::http {

/// From now on the context keeps sessions; it frees them.
void keep_sessions(ssl_ctx_st* context);

/// Before the handshake: what the connection's session is kept by. One that is known and less than an hour
/// old is offered to the server. Thread-safe.
void resume_session(ssl_st* ssl, const std::string& key);

}  // namespace pifleet::http
