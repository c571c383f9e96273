// Paths to handlers: a short list searched in order.
#pragma once

#include "common/http/server.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pifleet::http {

struct Route {
    std::string_view method;  // "GET" serves HEAD too; must outlive the router (a literal)
    std::string path;         // compared whole, without the query
    Handler handler;
};

/// A handler that picks the route. An unknown path is a 404, a known one with another method a 405 with
/// Allow.
Handler route(std::vector<Route> routes);

}  // namespace pifleet::http
