#include "common/http/redirect.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pifleet::http {

namespace {

constexpr std::array<unsigned, 5> statuses{301, 302, 303, 307, 308};

std::string origin_text(const Url& url) {
    return (url.tls ? "https://" : "http://") + url.authority();
}

// Path segments "." and ".." resolved, as RFC 3986 has it; the path begins with '/'.
std::string without_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    const auto segments = split(path.substr(1), '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool last = i + 1 == segments.size();
        const bool dots = segments[i] == "." || segments[i] == "..";
        if (segments[i] == ".." && !kept.empty()) kept.pop_back();
        if (!dots) kept.push_back(segments[i]);
        if (dots && last) kept.push_back({});
    }
    std::string out;
    for (const auto segment : kept) (out += '/') += segment;
    return out.empty() ? "/" : out;
}

// Credentials stay with the host that they were meant for and its subdomains, and do not leave TLS.
bool trusted_with_credentials(const Url& from, const Url& to) {
    if (from.tls && !to.tls) return false;
    const auto host = lower(from.host), next = lower(to.host);
    return next == host || next.ends_with('.' + host);
}

}  // namespace

Result<Url> resolve_location(const Url& base, std::string_view location) {
    location = trim(location.substr(0, location.find('#')));
    if (location.find("://") < location.find_first_of("/?")) return parse_url(location);
    if (location.starts_with("//")) return parse_url((base.tls ? "https:" : "http:") + std::string(location));
    const std::string_view target = base.target;
    const auto path = target.substr(0, target.find('?'));
    std::string next(location);
    if (location.empty())
        next = target;
    else if (location.front() == '?')
        next.insert(0, path);
    else if (location.front() != '/')
        next.insert(0, path.substr(0, path.rfind('/') + 1));
    const auto query = std::min(next.find('?'), next.size());
    return parse_url(origin_text(base) + without_dots(std::string_view(next).substr(0, query)) +
                     next.substr(query));
}

Trail::Trail(const Url& origin, const Request& request, unsigned most)
    : url_(origin), request_(request), most_(most) {
    url_.target = request.target;
    seen_.push_back(origin_text(url_) + url_.target);
}

Result<void> Trail::follow(unsigned status, std::string_view location) {
    const auto from = url_.shown();
    auto next = resolve_location(url_, location);
    if (!next) return failure("the redirect of " + from + " leads nowhere: " + next.error().message);
    const bool bodyless = request_.method == "GET" || request_.method == "HEAD";
    if (!bodyless && status != 307 && status != 308)
        return failure("status " + std::to_string(status) + " redirects to " + next->shown() + ", where a " +
                       request_.method + " does not follow: set the url to this one");
    auto whole = origin_text(*next) + next->target;
    if (std::find(seen_.begin(), seen_.end(), whole) != seen_.end())
        return failure("redirect loop: " + from + " leads back to " + next->shown());
    if (seen_.size() > most_)
        return failure("redirected more than " + std::to_string(most_) + " times, the last time by " + from);
    if (!trusted_with_credentials(url_, *next)) request_.credentials.clear();
    std::erase_if(request_.headers,
                  [](const Header& header) { return equal_ignoring_case(header.name, "Host"); });
    request_.target = next->target;
    seen_.push_back(std::move(whole));
    url_ = std::move(*next);
    return {};
}

Result<void> RedirectSink::on_head(const ResponseHead& head) {
    location_.reset();
    const auto location = find_header(head.headers, "Location");
    if (std::find(statuses.begin(), statuses.end(), head.status) == statuses.end() || location.empty())
        return sink_.on_head(head);
    location_ = std::string(location);
    return {};
}

Result<void> RedirectSink::on_body(std::string_view piece) {
    if (location_) return {};
    return sink_.on_body(piece);
}

}  // namespace pifleet::http
