#include "forwarder/status/api_answer.hpp"

namespace pifleet::forwarder::status::api {

namespace {

http::Response answer(unsigned status, const Json& whole) {
    // What a target or a file said may be any bytes; JSON may not.
    auto response = http::text_response(
        status, whole.dump(-1, ' ', false, Json::error_handler_t::replace), "application/json");
    response.headers.push_back({"Cache-Control", "no-store"});
    response.compress = true;
    return response;
}

}  // namespace

http::Response success(Json data) {
    return answer(200, {{"status", "success"}, {"data", std::move(data)}});
}

http::Response bad_data(const std::string& what) {
    return answer(400, {{"status", "error"}, {"errorType", "bad_data"}, {"error", what}});
}

Json object(const std::vector<std::pair<std::string, std::string>>& labels) {
    Json out = Json::object();
    for (const auto& [name, value] : labels) out[name] = value;
    return out;
}

std::string parameter(const http::Request& request, std::string_view name) {
    auto values = request.query(name);
    return values.empty() ? std::string() : std::move(values.front());
}

}  // namespace pifleet::forwarder::status::api
