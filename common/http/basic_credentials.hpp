// What "Basic" authentication says, to servers and to proxies.
#pragma once

#include <string>

namespace pifleet::http {

/// The value of an Authorization or Proxy-Authorization header: "Basic " and both in base64.
std::string basic_credentials(const std::string& user, const std::string& password);

}  // namespace pifleet::http
