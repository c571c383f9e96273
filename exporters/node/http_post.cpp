#include "exporters/node/http_post.hpp"

#include "common/base/base64.hpp"
#include "common/base/text.hpp"
#include "common/http/percent.hpp"
#include "common/http/url.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/plain_socket.hpp"

#include <sys/socket.h>

#include <array>
#include <optional>

namespace pifleet::node {

namespace {

constexpr std::size_t most_bytes = 4 * 1024 * 1024;
constexpr std::string_view header_end = "\r\n\r\n";

// HTTP/1.0, so that the answer comes unchunked and ends with its connection.
std::string request_of(const PostTarget& target, std::string_view content_type, std::string_view body) {
    std::string out = "POST " + target.path + " HTTP/1.0\r\nHost: " + target.authority +
                      "\r\nConnection: close\r\nUser-Agent: pifleet-node-exporter\r\nContent-Type: ";
    out += content_type;
    out += "\r\nContent-Length: " + std::to_string(body.size());
    if (!target.authorization.empty()) out += "\r\nAuthorization: " + target.authorization;
    out += header_end;
    out += body;
    return out;
}

// "HTTP/1.0 200 OK"
std::optional<std::uint64_t> status_of(std::string_view line) {
    if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return {};
    return to_unsigned(line.substr(9, 3));
}

// Nothing: the header is not there.
Result<std::optional<std::uint64_t>> length_of(std::string_view headers) {
    for (const auto line : split(headers, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = trim(line.substr(0, colon)), value = trim(line.substr(colon + 1));
        if (equal_ignoring_case(name, "Transfer-Encoding"))
            return failure("the answer is chunked, which nobody asked for");
        if (!equal_ignoring_case(name, "Content-Length")) continue;
        const auto length = to_unsigned(value);
        if (!length) return failure("the answer's Content-Length is no number");
        return std::optional(*length);
    }
    return std::optional<std::uint64_t>();
}

}  // namespace

Result<PostTarget> parse_post_target(std::string_view url, std::string_view path) {
    PostTarget target;
    constexpr std::string_view scheme = "unix://";
    if (url.starts_with(scheme)) {
        const auto file = http::percent_decode(url.substr(scheme.size()));
        if (!file || !file->starts_with('/'))
            return failure("expected unix:///path/of/a/socket, with three slashes");
        target.socket_file = *file;
        target.authority = "unix";
        target.path = path;
        return target;
    }
    const auto parsed = http::parse_url(url);
    if (!parsed) return parsed.error();
    if (parsed->tls) return failure("https is not spoken here: expected http:// or unix://");
    target.host = parsed->host;
    target.port = parsed->port;
    target.authority = parsed->authority();
    target.path = parsed->target;
    if (!parsed->user.empty())
        target.authorization = "Basic " + base64_encode(parsed->user + ":" + parsed->password);
    return target;
}

Result<std::string> http_post(const PostTarget& target,
                              std::string_view content_type,
                              std::string_view body,
                              std::chrono::steady_clock::time_point deadline) {
    auto socket = target.socket_file.empty()
                      ? PlainSocket::to_host(target.host, target.port, SOCK_STREAM, deadline)
                      : PlainSocket::to_file(target.socket_file, deadline);
    if (!socket) return socket.error();
    const auto sent = socket->send_all(request_of(target, content_type, body), deadline);
    if (!sent) return sent.error();
    std::string answer;
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        const auto came = socket->receive(buffer, deadline);
        if (!came) return came.error();
        if (*came == 0) return body_of_answer(std::move(answer));
        answer.append(buffer.data(), *came);
        if (answer.size() > most_bytes) return failure("the answer has more than 4 MB");
    }
}

Result<std::string> body_of_answer(std::string answer) {
    const auto end = answer.find(header_end);
    if (end == std::string::npos) return failure("the answer is not HTTP or was cut");
    const auto headers = std::string_view(answer).substr(0, end);
    const auto line = headers.substr(0, headers.find("\r\n"));
    const auto status = status_of(line);
    if (!status) return failure("the answer is not HTTP");
    if (*status != 200) return failure("the answer is '" + valid_utf8(line) + "'");
    const auto length = length_of(headers);
    if (!length) return length.error();
    answer.erase(0, end + header_end.size());
    if (*length && answer.size() < **length) return failure("the answer was cut");
    if (*length) answer.resize(static_cast<std::size_t>(**length));
    return answer;
}

}  // namespace pifleet::node
