#include "common/http/wire.hpp"

#include "common/base/text.hpp"
#include "common/http/basic_credentials.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>

namespace pifleet::http {

namespace {

constexpr std::string_view line_end = "\r\n";

bool control(char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
}

// A method, a target or a header's name: what ends at a blank or a colon must not have one.
bool one_word(std::string_view text, bool colon_allowed) {
    return !text.empty() && std::none_of(text.begin(), text.end(), [&](char c) {
        return control(c) || c == ' ' || c == '\t' || (c == ':' && !colon_allowed);
    });
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    ((((out += name) += ": ") += value) += line_end);
}

// Values are not repeated in an error: they may be secrets.
Result<void> append_headers(std::string& out,
                            std::span<const Header> headers,
                            std::initializer_list<std::string_view> ours) {
    for (const auto& header : headers) {
        if (!one_word(header.name, false))
            return failure("a header's name is empty or has a forbidden character");
        if (std::any_of(header.value.begin(), header.value.end(), control))
            return failure("the value of header '" + header.name + "' has a control character");
        const bool skip = std::any_of(
            ours.begin(), ours.end(), [&](auto name) { return equal_ignoring_case(name, header.name); });
        if (!skip) append_header(out, header.name, header.value);
    }
    return {};
}

// A proxy's own user and password stand in its URL.
void append_proxy_credentials(std::string& out, const Url& proxy) {
    if (!proxy.user.empty() || !proxy.password.empty())
        append_header(out, "Proxy-Authorization", basic_credentials(proxy.user, proxy.password));
}

}  // namespace

Result<std::string> request_head(const Request& request, const Url& origin, const Url* proxy) {
    if (!one_word(request.method, false)) return failure("the request's method is no word");
    if (!one_word(request.target, true))
        return failure("the request's target is empty or has a forbidden character");
    std::string out = request.method + ' ';
    if (proxy != nullptr) (out += "http://") += origin.authority();
    (out += request.target) += " HTTP/1.1\r\n";
    if (find_header(request.headers, "Host").empty()) append_header(out, "Host", origin.authority());
    if (find_header(request.headers, "Accept-Encoding").empty())
        append_header(out, "Accept-Encoding", "gzip");
    for (const auto* headers : {&request.headers, &request.credentials})
        if (auto added = append_headers(out, *headers, {"Content-Length", "Transfer-Encoding"}); !added)
            return added.error();
    if (proxy != nullptr) append_proxy_credentials(out, *proxy);
    const bool bodyless = request.method == "GET" || request.method == "HEAD";
    if (!request.body.empty() || !bodyless)
        append_header(out, "Content-Length", std::to_string(request.body.size()));
    return out += line_end;
}

Result<std::string> connect_head(const Url& origin, const Url& proxy, std::span<const Header> headers) {
    const auto host = origin.host.find(':') == std::string::npos ? origin.host : '[' + origin.host + ']';
    const auto authority = host + ':' + std::to_string(origin.port);
    std::string out = "CONNECT " + authority + " HTTP/1.1\r\n";
    append_header(out, "Host", authority);
    if (auto added = append_headers(out, headers, {"Host", "Content-Length", "Transfer-Encoding"}); !added)
        return added.error();
    if (find_header(headers, "Proxy-Authorization").empty()) append_proxy_credentials(out, proxy);
    return out += line_end;
}

Result<std::string> response_head(const Response& response,
                                  unsigned version,
                                  bool keep,
                                  std::string_view reason) {
    std::string out = version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    ((out += std::to_string(response.status)) += ' ') += reason;
    out += line_end;
    auto added = append_headers(out, response.headers, {"Content-Length", "Transfer-Encoding", "Connection"});
    if (!added) return added.error();
    if (response.source == nullptr && has_body(response.status))
        append_header(out, "Content-Length", std::to_string(response.body.size()));
    else if (has_body(response.status) && version != 10)
        append_header(out, "Transfer-Encoding", "chunked");
    if (!keep)
        append_header(out, "Connection", "close");
    else if (version == 10)
        append_header(out, "Connection", "keep-alive");
    return out += line_end;
}

bool has_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

std::string no_answer_within(std::chrono::steady_clock::duration time, std::string_view what) {
    const double milliseconds = std::max(0.0, std::chrono::duration<double, std::milli>(time).count());
    const double step = milliseconds < 1000 ? 1 : 100;
    const double rounded = std::round(milliseconds / step) * step;
    return std::string(what) + " within " + number_text(rounded / 1000) + 's';
}

}  // namespace pifleet::http
