#include "tests/bench/house/targets.hpp"

#include "tests/bench/house/ledger.hpp"

#include <charconv>
#include <utility>

namespace pifleet::bench {

namespace {

// Calls take(line), the line with its end.
template <class Take>
void each_line(std::string_view text, Take take) {
    while (!text.empty()) {
        const auto length = std::min(text.find('\n'), text.size() - 1) + 1;
        take(text.substr(0, length));
        text.remove_prefix(length);
    }
}

// As many digits as counters of bytes and seconds have.
std::int64_t constant_of(std::size_t series) {
    constexpr std::int64_t spread = 7919;
    return static_cast<std::int64_t>(series) * spread % 1'000'000 * scrapes_at_most;
}

}  // namespace

Pages counting_pages(std::string_view text) {
    struct Line {
        std::string before;  // the value
        std::int64_t constant;
    };
    std::vector<Line> lines;
    std::string comments;
    each_line(text, [&](std::string_view line) {
        if (line.front() == '#') {
            comments += line;
            return;
        }
        const auto value = line.rfind(' ');
        if (value == std::string_view::npos) return;
        lines.push_back({std::exchange(comments, {}) + std::string(line.substr(0, value + 1)),
                         constant_of(lines.size())});
    });
    return [lines = std::move(lines), size = text.size()](std::size_t, std::uint64_t scrape) {
        std::string page;
        page.reserve(size + lines.size() * 8);
        for (const auto& line : lines) {
            char digits[24];
            const auto value = line.constant + static_cast<std::int64_t>(scrape) + 1;
            const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
            page.append(line.before).append(digits, end).push_back('\n');
        }
        return page;
    };
}

Result<Pages> recorded_pages(std::string text) {
    std::vector<std::string> pages(1);
    each_line(text, [&](std::string_view line) {
        if (line == "# EOF\n")
            pages.emplace_back();
        else
            pages.back() += line;
    });
    pages.pop_back();
    if (pages.empty()) return failure("no page in the recording");
    return Pages([pages = std::move(pages)](std::size_t target, std::uint64_t scrape) {
        constexpr std::size_t apart = 17;
        return pages[(target * apart + scrape) % pages.size()];
    });
}

Targets::Targets(boost::asio::io_context& io, Pages pages, bool compress)
    : io_(io), pages_(std::move(pages)), compress_(compress) {}

Result<void> Targets::listen(std::size_t count) {
    all_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto& server = servers_.emplace_back(std::make_unique<http::Server>(
            io_, [this, i](http::Request) -> boost::asio::awaitable<http::Response> {
                auto page = http::text_response(
                    200, pages_(i, all_[i].scrapes++), "text/plain; version=0.0.4; charset=utf-8");
                page.compress = compress_;
                co_return page;
            }));
        auto port = server->listen("127.0.0.1:0");
        if (!port) return port.error();
        all_[i].port = *port;
    }
    return {};
}

}  // namespace pifleet::bench
