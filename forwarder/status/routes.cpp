#include "forwarder/status/routes.hpp"

#include "common/http/router.hpp"
#include "common/process/run.hpp"
#include "forwarder/status/api.hpp"
#include "forwarder/status/page.hpp"
#include "forwarder/status/render.hpp"

#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace pifleet::forwarder::status {

namespace {

using http::Request;
using http::Response;

// A number that no injected script can know, as the page's Content-Security-Policy wants it.
std::string fresh_nonce() {
    std::random_device random;
    std::string nonce;
    for (int i = 0; i < 4; ++i) nonce += std::to_string(random()) + "-";
    return nonce;
}

Response page_response() {
    const auto nonce = fresh_nonce();
    std::string html(page_html());
    constexpr std::string_view mark = "@NONCE@";
    for (auto at = html.find(mark); at != std::string::npos; at = html.find(mark, at))
        html.replace(at, mark.size(), nonce);
    auto response = http::text_response(200, std::move(html), "text/html; charset=utf-8");
    // The page is one file: nothing is loaded from elsewhere, and no other page may frame it.
    response.headers.push_back(
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce +
             "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
             "frame-ancestors 'none'"});
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    response.headers.push_back({"Referrer-Policy", "no-referrer"});
    response.headers.push_back({"Cache-Control", "no-store"});
    response.compress = true;
    return response;
}

Response json_response(const Snapshot& snapshot) {
    auto response = http::text_response(200, json(snapshot), "application/json");
    response.headers.push_back({"Cache-Control", "no-store"});
    response.compress = true;
    return response;
}

Response metrics_response(const Request& request, const Snapshot& snapshot) {
    metrics::Page page;
    add_metrics(snapshot, page);
    process::add_process_metrics(page);
    const auto format = metrics::negotiate(http::find_header(request.headers, "Accept"));
    std::string body;
    page.write(format, body);
    auto response = http::text_response(200, std::move(body), metrics::content_type(format));
    response.compress = true;
    return response;
}

Response reload_response(const Result<void>& reloaded) {
    if (reloaded) return http::text_response(200, "the configuration was read and is in use\n");
    return http::text_response(
        500,
        "the configuration was not taken; the one before stays in use:\n" + reloaded.error().message + "\n");
}

// A handler that answers at once.
template <class Answer>
http::Handler at_once(Answer answer) {
    return [answer = std::move(answer)](Request request) -> boost::asio::awaitable<Response> {
        co_return answer(request);
    };
}

}  // namespace

http::Handler routes(Source source) {
    const auto shared = std::make_shared<const Source>(std::move(source));
    const auto reload = at_once([shared](const Request&) { return reload_response(shared->reload()); });
    return http::route({
        {"GET", "/", at_once([](const Request&) { return page_response(); })},
        {"GET", "/api/status", at_once([shared](const Request&) {
             return json_response(shared->snapshot());
         })},
        {"GET", "/metrics", at_once([shared](const Request& request) {
             return metrics_response(request, shared->snapshot());
         })},
        {"GET", "/-/healthy", at_once([](const Request&) { return http::text_response(200, "healthy\n"); })},
        {"GET", "/-/ready", at_once([](const Request&) { return http::text_response(200, "ready\n"); })},
        {"POST", "/-/reload", reload},
        {"PUT", "/-/reload", reload},
        {"GET", "/api/v1/targets", at_once([shared](const Request& request) {
             return api::targets(request, shared->snapshot());
         })},
        {"GET", "/api/v1/targets/metadata", at_once([shared](const Request& request) {
             return api::targets_metadata(request, shared->families());
         })},
        {"GET", "/api/v1/metadata", at_once([shared](const Request& request) {
             return api::metadata(request, shared->families());
         })},
        {"GET", "/api/v1/scrape_pools", at_once([shared](const Request&) {
             return api::scrape_pools(shared->snapshot());
         })},
        {"GET", "/api/v1/status/config", at_once([shared](const Request&) {
             return api::config(shared->config());
         })},
        {"GET", "/api/v1/status/buildinfo", at_once([](const Request&) { return api::build_info(); })},
    });
}

}  // namespace pifleet::forwarder::status
