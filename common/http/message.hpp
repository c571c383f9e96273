// Requests and responses as plain values: what the programs see of HTTP. No Beast, no OpenSSL here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::http {

struct Header {
    std::string name;
    std::string value;
    friend bool operator==(const Header&, const Header&) = default;
};

/// The first header of this name (any case), or an empty view.
std::string_view find_header(std::span<const Header> headers, std::string_view name);

struct Request {
    std::string method = "GET";
    std::string target = "/";  // path and query, still percent-encoded
    std::vector<Header> headers;
    std::vector<Header> credentials;  // headers too, but for the host that is asked only: no redirect takes
                                      // them to another one
    std::string body;

    std::string_view path() const;                                // the target without its query
    std::vector<std::string> query(std::string_view name) const;  // every value of ?name=, decoded, in order
};

struct Response {
    unsigned status = 200;
    std::vector<Header> headers;
    std::string body;
    bool compress = false;  // the server may gzip the body when the client takes it
};

/// A response with a Content-Type and a body.
Response text_response(unsigned status,
                       std::string body,
                       std::string_view type = "text/plain; charset=utf-8");

}  // namespace pifleet::http
