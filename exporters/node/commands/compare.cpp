#include "common/http/basic_credentials.hpp"
#include "common/http/client.hpp"
#include "common/metrics/parser.hpp"
#include "exporters/node/commands/commands.hpp"
#include "exporters/node/commands/difference.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstdio>
#include <future>

namespace pifleet::node {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t largest_page = 64 * 1024 * 1024;

Result<http::Response> get(const http::Url& url) {
    boost::asio::io_context io(1);
    http::Client client(io.get_executor(), url);
    http::Request request;
    request.target = url.target == "/" ? "/metrics" : url.target;
    if (!url.user.empty())
        request.credentials.push_back({"Authorization", http::basic_credentials(url.user, url.password)});
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    auto asking = client.send(request, deadline, largest_page);
    auto answer = boost::asio::co_spawn(io, std::move(asking), boost::asio::use_future);
    io.run();
    return answer.get();
}

Result<PageShape> their_page(const http::Url& url) {
    const auto answer = get(url);
    if (!answer) return answer.error();
    if (answer->status != 200)
        return failure(url.shown() + " answers with status " + std::to_string(answer->status));
    const auto format = metrics::format_of(http::find_header(answer->headers, "Content-Type"));
    if (!format) return failure(url.shown() + " is no page of metrics");
    auto shape = shape_of(answer->body, *format);
    if (!shape) return failure(url.shown() + ": " + shape.error().message);
    return shape;
}

Result<PageShape> our_page(Exporter& exporter) {
    constexpr auto format = metrics::Format::text_0_0_4;
    return shape_of(exporter.scrape(exporter.everything(), format), format);
}

Result<Difference> difference(Exporter& exporter, const std::string& address) {
    const auto url = http::parse_url(address);
    if (!url) return url.error();
    const auto before = our_page(exporter);
    const auto theirs = their_page(*url);
    const auto after = our_page(exporter);
    for (const auto* page : {&before, &theirs, &after})
        if (!*page) return page->error();
    return differ(*theirs, *before, *after);
}

}  // namespace

int compare(Exporter& exporter, const std::string& url) {
    const auto found = difference(exporter, url);
    if (!found) {
        std::fprintf(stderr, "--compare: %s\n", found.error().message.c_str());
        return 1;
    }
    const bool written = std::fputs(found->report.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
    return written && found->missing == 0 ? 0 : 1;
}

}  // namespace pifleet::node
