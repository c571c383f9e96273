#include "common/http/tunnel.hpp"

#include "common/base/text.hpp"

#include <boost/asio/buffer.hpp>

namespace pifleet::http {

namespace asio = boost::asio;

Result<void> tunnel_granted(std::string_view head) {
    const auto line = trim(head.substr(0, head.find('\n')));
    const auto blank = line.find(' ');
    const auto status = line.substr(blank == std::string_view::npos ? line.size() : blank + 1);
    const auto code = to_unsigned(status.substr(0, 3));
    if (!line.starts_with("HTTP/1.") || !code) return failure("the proxy's answer is not HTTP");
    if (*code >= 200 && *code < 300) return {};
    std::string said;
    for (const char c : status.substr(0, 100)) said += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return failure("the proxy answered with status " + said);
}

asio::awaitable<Result<void>> dig_tunnel(Connection& connection, std::string head, std::size_t most_answer) {
    const auto unwritten = co_await connection.write(head, {});
    if (unwritten) co_return failure("the proxy: " + connection.reason(unwritten));
    std::string answer;
    // Byte by byte: what stands behind the empty line belongs to the TLS handshake.
    while (!answer.ends_with("\r\n\r\n") && answer.size() < most_answer) {
        char byte = 0;
        const auto space = asio::buffer(&byte, 1);
        const auto got = co_await connection.read_some(space);
        if (timed_out(got.error)) co_return failure("no answer from the proxy in time");
        if (got.error) co_return failure("the proxy closed the connection without an answer");
        answer += byte;
    }
    if (!answer.ends_with("\r\n\r\n"))
        co_return failure("the proxy's answer is over the limit of " + std::to_string(most_answer) +
                          " bytes");
    co_return tunnel_granted(answer);
}

}  // namespace pifleet::http
