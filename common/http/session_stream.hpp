// The bytes of one accepted connection, in plain text or through TLS: read into a buffer that is small while
// nothing comes, written in few system calls. Private to common/http.
#pragma once

#include "common/http/tls_engine.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace pifleet::http {

class SessionStream {
  public:
    template <typename T>
    using Task = boost::asio::awaitable<T>;
    using ErrorCode = boost::system::error_code;

    /// `tls` is null for plain text. At most `most` bytes wait to be consumed.
    SessionStream(boost::asio::ip::tcp::socket socket, std::unique_ptr<TlsEngine> tls, std::size_t most);

    /// False: the client cannot or will not speak TLS as it must here.
    Task<bool> shake_hands(std::chrono::milliseconds patience);
    /// What is under way or begins later ends with an error then.
    void expires_at(std::chrono::steady_clock::time_point when) { stream_.expires_at(when); }
    void expires_after(std::chrono::milliseconds time) { stream_.expires_after(time); }

    Task<ErrorCode> read_some();
    boost::beast::flat_buffer& received() { return buffer_; }
    Task<ErrorCode> send(std::string_view head, std::string_view body);
    Task<ErrorCode> send_pieces(std::span<const std::string_view> pieces);
    /// How much of a long body is worth handing over at a time.
    std::size_t piece_size() const;

    /// Ends the connection so that what was sent last is not lost.
    Task<void> farewell();
    /// Ends what is under way at once.
    void close() { stream_.close(); }

  private:
    Task<ErrorCode> read_decrypted(std::span<char> into, std::size_t& size);
    Task<ErrorCode> receive_encrypted();
    Task<ErrorCode> send_encrypted();
    Task<ErrorCode> encrypt(std::string_view text);
    Task<void> answer_in_plain_text();

    boost::beast::tcp_stream stream_;
    const std::unique_ptr<TlsEngine> tls_;
    boost::beast::flat_buffer buffer_;
};

}  // namespace pifleet::http
