// The envelope of Prometheus's API.
#pragma once

#include "common/http/message.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder::status::api {

using Json = nlohmann::ordered_json;

http::Response success(Json data);
/// 400: a parameter that cannot be understood.
http::Response bad_data(const std::string& what);

Json object(const std::vector<std::pair<std::string, std::string>>& labels);

/// The first value of ?name=, or nothing: an empty text.
std::string parameter(const http::Request& request, std::string_view name);

}  // namespace pifleet::forwarder::status::api
