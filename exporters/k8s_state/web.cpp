#include "exporters/k8s_state/web.hpp"

#include "common/base/text.hpp"
#include "common/http/html.hpp"
#include "common/process/build_info.hpp"
#include "common/process/run.hpp"
#include "exporters/k8s_state/page_source.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace pifleet::k8s {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// A page on its way, which counts and is timed until its end.
class Web::Scrape final : public http::BodySource {
  public:
    Scrape(std::shared_ptr<Scrapes> scrapes,
           std::vector<std::shared_ptr<const Feed>> feeds,
           metrics::Format format)
        : scrapes_(std::move(scrapes)), page_(std::move(feeds), format) {
        ++scrapes_->under_way;
    }
    ~Scrape() override {
        --scrapes_->under_way;
        scrapes_->times.add(Clock::now() - begun_);
    }
    void next(std::vector<std::string_view>& pieces, std::size_t most) override { page_.next(pieces, most); }

  private:
    const Clock::time_point begun_ = Clock::now();
    std::shared_ptr<Scrapes> scrapes_;
    PageSource page_;
};

namespace {

http::Handler simple(std::function<http::Response(const http::Request&)> answer) {
    const auto shared = std::make_shared<decltype(answer)>(std::move(answer));
    return [shared](http::Request request) -> asio::awaitable<http::Response> {
        return [](auto work, http::Request asked) -> asio::awaitable<http::Response> {
            co_return (*work)(asked);
        }(shared, std::move(request));
    };
}

http::Response status_text(unsigned status) {
    return http::text_response(status, status == 200 ? "OK" : "Service Unavailable");
}

// The names in ?resources=a,b&resources=c.
std::vector<std::string> names_in(const http::Request& request, std::string_view parameter) {
    std::vector<std::string> out;
    for (const auto& value : request.query(parameter))
        for (const auto name : split(value, ','))
            if (!trim(name).empty()) out.emplace_back(trim(name));
    return out;
}

std::vector<std::shared_ptr<const Feed>> wanted(const http::Request& request,
                                                const std::vector<std::shared_ptr<const Feed>>& all) {
    const bool some = !request.query("resources").empty();
    const auto only = names_in(request, "resources"), without = names_in(request, "exclude_resources");
    const auto has = [](const auto& names, std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::vector<std::shared_ptr<const Feed>> out;
    for (const auto& feed : all)
        if ((!some || has(only, feed->kind().name)) && !has(without, feed->kind().name)) out.push_back(feed);
    return out;
}

void append_kinds(std::string& page, const std::vector<KindStatus>& kinds) {
    page += "<table>\n<tr><th>resource<th>objects<th>watches<th>\n";
    for (const auto& kind : kinds) {
        page += "<tr><td>" + std::string(kind.resource) + "<td>" + std::to_string(kind.objects) + "<td>" +
                std::to_string(kind.working) + " of " + std::to_string(kind.watches) + "<td>";
        if (!kind.withdrawn.empty()) page += "not on the page: " + http::html_escaped(kind.withdrawn);
        page += '\n';
    }
    page += "</table>\n";
}

}  // namespace

http::Response Web::metrics(const http::Request& request) {
    if (scrapes_->under_way >= most_scrapes)
        return http::text_response(503, "too many scrapes are under way already; try again later\n");
    const auto format = metrics::negotiate(http::find_header(request.headers, "Accept"));
    auto response = http::text_response(200, {}, metrics::content_type(format));
    response.source = std::make_shared<Scrape>(scrapes_, wanted(request, exporter_.feeds()), format);
    response.compress = exporter_.options().gzip;
    return response;
}

http::Response Web::own_metrics(const http::Request& request) {
    metrics::Page page;
    add_build_info(page);
    add_file_metrics(page, exporter_.files());
    exporter_.feeds();  // looks at the watches
    add_own_metrics(page, exporter_.status(), exporter_.shard());
    scrapes_->times.write(page);
    process::add_process_metrics(page);
    const auto format = metrics::negotiate(http::find_header(request.headers, "Accept"));
    std::string text;
    page.write(format, text);
    auto response = http::text_response(200, std::move(text), metrics::content_type(format));
    response.compress = true;
    return response;
}

http::Response Web::readiness() {
    if (!exporter_.begun())
        return http::text_response(503, "Service Unavailable: the shard is not known yet");
    if (exporter_.ready()) return status_text(200);
    std::string text = "Service Unavailable: not listed yet:";
    for (const auto& kind : exporter_.status())
        if (!kind.settled) (text += ' ') += kind.resource;
    return http::text_response(503, std::move(text));
}

// Whether the API server is, as it says itself; asked once a second at most.
asio::awaitable<http::Response> Web::liveness() {
    if (Clock::now() - asked_ > std::chrono::seconds(1)) {
        const auto api = exporter_.api();
        auto pending = api->get("/livez");
        const auto answer = co_await std::move(pending);
        alive_ = answer && answer->status == 200;
        asked_ = Clock::now();
    }
    co_return status_text(alive_ ? 200 : 503);
}

http::Response Web::landing(bool own) {
    std::string page =
        "<!doctype html>\n<html lang=\"en\"><meta "
        "charset=\"utf-8\"><title>pifleet-k8s-state-exporter</title>\n"
        "<style>body{font:16px/1.5 sans-serif;margin:2em auto;max-width:60em}td,th{text-align:left;"
        "padding-right:1em}</style>\n<h1>pifleet-k8s-state-exporter</h1>\n<p>Version ";
    page += process::build_info().version;
    page += own ? ". About the exporter itself: " : ". The cluster's state, for Prometheus: ";
    page +=
        "<a href=\"/metrics\">/metrics</a> <a href=\"/healthz\">/healthz</a> <a href=\"/livez\">/livez</a> "
        "<a href=\"/readyz\">/readyz</a></p>\n";
    append_kinds(page, exporter_.status());
    page += "</html>\n";
    return http::text_response(200, std::move(page), "text/html; charset=utf-8");
}

std::vector<http::Route> Web::cluster_routes(const Guard& guard) {
    auto pages = simple([this](const http::Request& request) { return metrics(request); });
    return {{"GET", "/metrics", guard ? guard(std::move(pages)) : std::move(pages)},
            {"GET", "/healthz", simple([](const http::Request&) { return status_text(200); })},
            {"GET", "/livez", [this](http::Request) { return liveness(); }},
            {"GET", "/readyz", simple([this](const http::Request&) { return readiness(); })},
            {"GET", "/", simple([this](const http::Request&) { return landing(false); })}};
}

std::vector<http::Route> Web::own_routes(const Guard& guard) {
    auto pages = simple([this](const http::Request& request) { return own_metrics(request); });
    return {{"GET", "/metrics", guard ? guard(std::move(pages)) : std::move(pages)},
            {"GET", "/healthz", simple([](const http::Request&) { return status_text(200); })},
            {"GET", "/livez", [this](http::Request) { return liveness(); }},
            {"GET", "/readyz", simple([this](const http::Request&) { return readiness(); })},
            {"GET", "/", simple([this](const http::Request&) { return landing(true); })}};
}

}  // namespace pifleet::k8s
