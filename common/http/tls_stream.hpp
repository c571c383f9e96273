// TLS over a connected socket that does not block, as OpenSSL does it: no buffers between them. While nothing
// comes, a connection costs what OpenSSL keeps of it and no more. Private to common/http.
#pragma once

#include "common/base/result.hpp"
#include "common/http/tls.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace pifleet::http {

class TlsStream {
  public:
    enum class Wants { nothing, read, write };  // what the socket must be ready for before it goes on
    struct Done {
        Wants wants = Wants::nothing;
        boost::system::error_code error;  // eof: the peer has ended the connection as TLS wants it
        std::size_t size = 0;
    };

    /// `name` is what the server shall prove to be, `authority` where it is: sessions are resumed by both.
    static Result<std::unique_ptr<TlsStream>> open(TlsContext context,
                                                   int socket,
                                                   const std::string& name,
                                                   const std::string& authority);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    Done shake_hands();
    Done read(char* into, std::size_t room);
    /// Whether there is something to read, without reading it.
    Done peek();
    /// Gives back what memory is not in use; for a connection that waits.
    void rest();
    /// May take a part. The same bytes must come again when it wants something.
    Done write(std::string_view bytes);

    std::string reason(const boost::system::error_code& error) const;

  private:
    TlsStream(TlsContext context, ssl_st* ssl, std::string name);
    Done outcome(int returned) const;

    TlsContext context_;
    ssl_st* const ssl_;
    const std::string name_;
};

}  // namespace pifleet::http
