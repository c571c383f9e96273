// Requests and responses as plain values: what the programs see of HTTP. No Beast, no OpenSSL here.
#pragma once

#include <cstddef>
#include <memory>
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

/// A body that is made piece by piece while it is sent, so that no page of any size has to be held.
class BodySource {
  public:
    virtual ~BodySource() = default;
    /// Appends the views that come next, at most `most` bytes in all (at least 1); none: the body has ended.
    /// They live until the next call. Not called any more once the client has gone.
    virtual void next(std::vector<std::string_view>& pieces, std::size_t most) = 0;
};

struct Response {
    unsigned status = 200;
    std::vector<Header> headers;
    std::string body;
    std::shared_ptr<BodySource> source = nullptr;  // in place of `body`
    bool compress = false;                         // the server may gzip the body when the client takes it
};

/// A response with a Content-Type and a body.
Response text_response(unsigned status,
                       std::string body,
                       std::string_view type = "text/plain; charset=utf-8");

}  // namespace pifleet::http
