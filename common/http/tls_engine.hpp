// The server's side of TLS for one connection, as a transformation of bytes: no socket, no waiting, no
// OpenSSL to be seen. A server that speaks plain HTTP has nothing of TLS in its program.
#pragma once

#include "common/base/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::http {

class TlsEngine {
  public:
    virtual ~TlsEngine() = default;

    /// Bytes that came over the wire.
    virtual void received(std::string_view bytes) = 0;

    /// Takes what has to go over the wire; after every other call, also one that failed.
    virtual std::string outgoing() = 0;

    /// Whether the connection stands; false: more must be received first. The error says why it never will.
    virtual Result<bool> shake_hands() = 0;

    /// Whether the client began by speaking plain HTTP, which deserves an answer in words.
    virtual bool plain_http() const = 0;

    /// Decrypts into `into` and gives how much that was. 0: more must be received first, unless ended().
    virtual std::size_t read(std::span<char> into) = 0;

    /// The client has ended the connection, or broke it.
    virtual bool ended() const = 0;

    /// Encrypts; false: the connection is broken.
    virtual bool write(std::string_view text) = 0;

    /// Says that nothing more comes.
    virtual void close() = 0;
};

/// Gives a new connection its engine. The error says what is missing: a certificate, a key.
using TlsMaker = std::function<Result<std::unique_ptr<TlsEngine>>()>;

}  // namespace pifleet::http
