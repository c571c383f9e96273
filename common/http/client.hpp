// An HTTP/1.1 client for one origin over one connection that is kept alive, directly or through a proxy.
// Bodies are handed over as they stream in.
#pragma once

#include "common/base/result.hpp"
#include "common/http/message.hpp"
#include "common/http/proxy.hpp"
#include "common/http/url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::http {

enum class TlsVersion { preset, tls10, tls11, tls12, tls13 };  // preset: what is usual today

/// As Prometheus's tls_config has them: PEM in files or given as it is. Files are read at the first use and
/// when they have changed.
struct TlsOptions {
    std::string ca_file;    // empty: the system's certificates
    std::string cert_file;  // the client's own, with key_file
    std::string key_file;
    std::string server_name;  // empty: the URL's host
    bool insecure_skip_verify = false;
    std::string ca, cert, key;                    // in place of the file of the same name
    TlsVersion min_version = TlsVersion::preset;  // 1.2
    TlsVersion max_version = TlsVersion::preset;  // the newest
    friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

struct ClientOptions {
    TlsOptions tls;
    std::shared_ptr<const ProxyOptions> proxy;  // null: none
    unsigned redirects = 0;                     // how many are followed, one after the other
    std::chrono::milliseconds connect{10'000};  // name resolution, TCP and TLS, each
    std::chrono::milliseconds handshake{0};     // TLS alone, where it shall have another limit
    // After so long without a sign the peer is asked for one; five without an answer, and the connection is
    // broken. 0: never.
    std::chrono::seconds keepalive{0};
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 256 * 1024 * 1024;  // of the decoded body: what a gzip bomb may grow to
};

struct ResponseHead {
    unsigned status = 0;
    std::vector<Header> headers;
    std::uint64_t wire_bytes = 0;  // of the body as it came
    std::uint64_t body_bytes = 0;  // of the body decoded
    bool framed = false;           // by Content-Length or chunks: the transport vouches for the end
};

/// Takes a body piece by piece. An error ends the transfer and becomes the request's error.
class BodySink {
  public:
    virtual ~BodySink() = default;
    /// Before the body: the head, so that the sink may refuse (a status, a content type).
    virtual Result<void> on_head(const ResponseHead& head) = 0;
    virtual Result<void> on_body(std::string_view piece) = 0;
    /// Asked behind each of them: when the next piece must have come, in place of the request's deadline; for
    /// answers that go on as long as they tell something.
    virtual std::optional<std::chrono::steady_clock::time_point> deadline() { return std::nullopt; }
    /// Asked when all that has come is read: how long little that comes next may lie, so that many small
    /// pieces are read at a time. Waking up for each of them costs more than reading it.
    virtual std::chrono::milliseconds rest() { return {}; }
};

/// One request at a time. Not thread-safe. gzip bodies are decoded on the way. Redirects are followed as far
/// as the options say, see redirect.hpp; a second connection is kept for where they lead.
class Client {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    Client(boost::asio::any_io_executor executor, const Url& origin, ClientOptions options = {});
    ~Client();
    Client(Client&&) noexcept;

    /// Sends the request and hands the body to the sink, of the last answer where redirects are followed.
    /// Host, Content-Length and Accept-Encoding are added. A kept connection that turns out closed is opened
    /// anew once, if nothing of an answer had come. Errors say the step that failed: "cannot resolve 'pi':
    /// …", "cannot connect to …", "no answer within 10s".
    boost::asio::awaitable<Result<ResponseHead>> send(const Request& request,
                                                      Deadline deadline,
                                                      BodySink& sink);

    /// The same, the body gathered, at most `max_body` bytes.
    boost::asio::awaitable<Result<Response>> send(const Request& request,
                                                  Deadline deadline,
                                                  std::size_t max_body);

    /// From now on each step of connecting may take this long, in place of ClientOptions.connect.
    void connect_within(std::chrono::milliseconds limit);

    /// Drops the connection; the next request opens a new one.
    void close();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pifleet::http
