// The heads that we send, as bytes. Private to common/http: Beast reads what comes, this writes what goes.
#pragma once

#include "common/base/result.hpp"
#include "common/http/message.hpp"
#include "common/http/url.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::http {

/// Request line and headers, with Host and Accept-Encoding unless given and Content-Length where there is a
/// body. `proxy`: the head is for this proxy, which is told the whole URL. An error when a part would break
/// the lines (a line feed in a header, a blank in the target).
Result<std::string> request_head(const Request& request, const Url& origin, const Url* proxy = nullptr);

/// Asks the proxy for a tunnel to the origin. Errors as above.
Result<std::string> connect_head(const Url& origin, const Url& proxy, std::span<const Header> headers);

/// Status line and headers, with Content-Length and Connection. `version` is the request's, 10 or 11;
/// `reason` stands behind the status ("Not Found"). A body with a source is of chunks, or in HTTP/1.0, where
/// `keep` must be false then, ends with the connection. Errors as above.
Result<std::string> response_head(const Response& response,
                                  unsigned version,
                                  bool keep,
                                  std::string_view reason);

/// Whether a response of this status has a body at all.
bool has_body(unsigned status);

/// "no answer within 10s"; to the tenth of a second, below one to the millisecond.
std::string no_answer_within(std::chrono::steady_clock::duration time, std::string_view what = "no answer");

}  // namespace pifleet::http
