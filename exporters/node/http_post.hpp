// One HTTP request to a daemon of this machine, in a thread that may block. The exporter's own HTTP
// (common/http) is coroutines over TCP; a daemon's socket is often a file, and the exporter without this
// carries no client.
#pragma once

#include "common/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace pifleet::node {

struct PostTarget {
    std::string socket_file;  // empty: host and port
    std::string host;
    std::uint16_t port = 0;
    std::string authority;  // for the header Host
    std::string path = "/";
    std::string authorization;  // the header's value; empty: none
};

/// unix:///path/of/a/socket, for which `path` is asked, or http://[user:password@]host[:port]/path.
Result<PostTarget> parse_post_target(std::string_view url, std::string_view path);

/// The body of a 200 answer.
Result<std::string> http_post(const PostTarget& target,
                              std::string_view content_type,
                              std::string_view body,
                              std::chrono::steady_clock::time_point deadline);

/// The body of an answer that ended with its connection; an error says what the status was or what is wrong.
Result<std::string> body_of_answer(std::string answer);

}  // namespace pifleet::node
