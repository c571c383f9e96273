#include "exporters/node/web.hpp"

#include "common/http/html.hpp"
#include "common/process/build_info.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace pifleet::node {

namespace asio = boost::asio;

namespace {

// Counts a scrape for as long as it is under way, however it ends.
class Place {
  public:
    explicit Place(std::size_t& count) : count_(count) { ++count_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { --count_; }

  private:
    std::size_t& count_;
};

// A coroutine of the collecting thread.
asio::awaitable<std::string> scrape(Exporter& exporter, Selection selection, metrics::Format format) {
    co_return exporter.scrape(selection, format);
}

}  // namespace

Web::Web(Exporter& exporter, std::string metrics_path, std::size_t most)
    : exporter_(exporter), path_(std::move(metrics_path)), most_(most) {}

std::vector<http::Route> Web::routes() {
    std::vector<http::Route> all;
    all.push_back({"GET", path_, [this](http::Request request) { return metrics(std::move(request)); }});
    if (path_ != "/")
        all.push_back(
            {"GET", "/", [this](http::Request) -> asio::awaitable<http::Response> { co_return landing(); }});
    return all;
}

asio::awaitable<http::Response> Web::metrics(http::Request request) {
    const auto selection = exporter_.select(request.query("collect[]"), request.query("exclude[]"));
    if (!selection) co_return http::text_response(400, selection.error().message + "\n");
    if (most_ != 0 && under_way_ >= most_)
        co_return http::text_response(
            503, std::to_string(most_) + " scrapes are under way already; try again later\n");
    const Place place(under_way_);
    const auto format = metrics::negotiate(http::find_header(request.headers, "Accept"));
    auto work = scrape(exporter_, *selection, format);
    auto page = co_await asio::co_spawn(collecting_, std::move(work), asio::use_awaitable);
    auto response = http::text_response(200, std::move(page), metrics::content_type(format));
    response.compress = true;
    co_return response;
}

http::Response Web::landing() const {
    std::string page =
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>pifleet-node-exporter</title>\n"
        "<style>body{font:16px/1.5 sans-serif;margin:2em auto;max-width:40em}</style>\n"
        "<h1>pifleet-node-exporter</h1>\n<p>Version ";
    page += process::build_info().version;
    page += ". This machine, for Prometheus: <a href=\"" + http::html_escaped(path_) + "\">" +
            http::html_escaped(path_) + "</a></p>\n";
    page += "<p>Collectors that are on, each with its own page:</p>\n<ul>\n";
    for (const auto name : exporter_.names()) {
        page += "<li><a href=\"" + http::html_escaped(path_) + "?collect[]=";
        page += name;
        page += "\">";
        page += name;
        page += "</a></li>\n";
    }
    page += "</ul>\n</html>\n";
    return http::text_response(200, std::move(page), "text/html; charset=utf-8");
}

}  // namespace pifleet::node
