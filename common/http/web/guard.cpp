#include "common/http/web/guard.hpp"

#include "common/http/basic_credentials.hpp"
#include "common/http/file_stamp.hpp"
#include "common/http/web/bcrypt.hpp"
#include "common/http/web/passwords.hpp"
#include "common/http/web/tls_server.hpp"
#include "common/http/web/token_bucket.hpp"
#include "common/process/log.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace pifleet::http::web {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

struct Guard::Impl {
    Impl(std::string path, FileStamp seen, Config read)
        : file(std::move(path)), stamp(seen), config(std::move(read)), rate(config.rate, Clock::now()) {}

    void look_again();
    asio::awaitable<Response> answer(Request request, const Handler& inner);
    asio::awaitable<Response> authorized(Request request, const Handler& inner);

    const std::string file;
    FileStamp stamp;
    Config config;
    TokenBucket rate;
    Passwords passwords{bcrypt_matches};
    TlsServer tls;
};

namespace {

Response unauthorized() {
    auto response = text_response(401, "unauthorized\n");
    response.headers.push_back({"WWW-Authenticate", "Basic"});
    return response;
}

}  // namespace

// A file that has become unusable changes nothing: the house does not go dark, nor open, over a typing error.
void Guard::Impl::look_again() {
    const auto now = file_stamp(file);
    if (now == stamp) return;
    stamp = now;
    auto read = load(file);
    if (read && read->tls.wanted() != config.tls.wanted())
        read = failure(file + ": TLS is switched on and off by a restart only");
    if (!read) {
        log::error("the web configuration cannot be used; going on with what it was",
                   {{"err", read.error()}});
        return;
    }
    config = std::move(*read);
    log::info("the web configuration has been read again", {{"file", file}});
}

asio::awaitable<Response> Guard::Impl::authorized(Request request, const Handler& inner) {
    if (!config.users.empty()) {
        auto given = parse_basic_credentials(find_header(request.headers, "Authorization"));
        if (!given) co_return unauthorized();
        const auto users = config.users;  // the file may change while a password is checked
        const auto right = co_await passwords.right(std::move(*given), users);
        if (!right) co_return text_response(503, right.error().message + "; try again later\n");
        if (!*right) co_return unauthorized();
    }
    auto pending = inner(std::move(request));
    co_return co_await std::move(pending);
}

asio::awaitable<Response> Guard::Impl::answer(Request request, const Handler& inner) {
    look_again();
    if (!rate.take(Clock::now())) co_return text_response(429, "too many requests\n");
    const auto headers = config.headers;
    auto response = co_await authorized(std::move(request), inner);
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    co_return response;
}

Result<std::shared_ptr<Guard>> Guard::open(const std::string& file) {
    const auto stamp = file_stamp(file);
    auto config = load(file);
    if (!config) return config.error();
    return std::shared_ptr<Guard>(new Guard(std::make_shared<Impl>(file, stamp, std::move(*config))));
}

Guard::Guard(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Guard::~Guard() = default;

bool Guard::has_tls() const {
    return impl_->config.tls.wanted();
}

Handler Guard::handler(Handler inner) {
    struct Bound {
        std::shared_ptr<Impl> impl;
        Handler inner;
    };
    const auto bound = std::make_shared<Bound>(Bound{impl_, std::move(inner)});
    // Not a coroutine itself: what it refers to lives as long as the server's handler.
    return [bound](Request request) { return bound->impl->answer(std::move(request), bound->inner); };
}

TlsMaker Guard::tls() {
    if (!has_tls()) return {};
    return [impl = impl_] {
        impl->look_again();
        return impl->tls.engine(impl->config.tls);
    };
}

}  // namespace pifleet::http::web
