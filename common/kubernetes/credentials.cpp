#include "common/kubernetes/credentials.hpp"

#include "common/base/blocking.hpp"
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "common/http/basic_credentials.hpp"
#include "common/kubernetes/exec_credential.hpp"
#include "common/kubernetes/run_program.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <utility>

namespace pifleet::kubernetes {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto plugin_limit = 30s;
constexpr auto between_runs = 10s;  // of a plugin that fails, or whose credentials are refused
constexpr auto margin = 5s;         // what counts as expired already

Program program_of(const ExecPlugin& plugin, const Access& access) {
    std::string ca = access.tls.ca;
    if (plugin.provide_cluster_info && ca.empty() && !access.tls.ca_file.empty())
        if (auto read = read_file(access.tls.ca_file)) ca = std::move(*read);
    Program out;
    out.command = plugin.command;
    out.arguments = plugin.arguments;
    out.environment = plugin.environment;
    out.environment.emplace_back("KUBERNETES_EXEC_INFO", exec_info(plugin, access, ca));
    out.limit = plugin_limit;
    return out;
}

}  // namespace

Credentials::Credentials(asio::any_io_executor executor, const Access& access)
    : access_(access), ended_(std::move(executor), Clock::time_point::max()) {}

LoginPtr Credentials::make(std::string token, std::string cert, std::string key) const {
    auto out = std::make_shared<Login>();
    out->tls = access_.tls;
    if (!cert.empty()) {
        out->tls.cert = std::move(cert);
        out->tls.key = std::move(key);
        out->tls.cert_file.clear();
        out->tls.key_file.clear();
    }
    out->headers = access_.identity;
    if (!token.empty())
        out->headers.push_back({"Authorization", "Bearer " + token});
    else if (!access_.user.empty())
        out->headers.push_back({"Authorization", http::basic_credentials(access_.user, access_.password)});
    return out;
}

asio::awaitable<Result<LoginPtr>> Credentials::now() {
    if (!access_.token_file.empty()) co_return by_file();
    const bool fixed = !access_.token.empty() || !access_.user.empty() || !access_.exec;
    if (!fixed) co_return co_await by_plugin();
    if (!login_) login_ = make(access_.token, {}, {});
    co_return login_;
}

// A file that cannot be read for a moment leaves what it held before.
Result<LoginPtr> Credentials::by_file() {
    auto read = read_file(access_.token_file);
    std::string token(read ? trim(*read) : std::string_view());
    if (token.empty()) {
        if (login_) return login_;
        if (!access_.token.empty()) return login_ = make(access_.token, {}, {});
        return failure("no token: " + (read ? access_.token_file + " is empty" : read.error().message));
    }
    if (!login_ || token != token_) {
        token_ = token;
        login_ = make(std::move(token), {}, {});
    }
    return login_;
}

bool Credentials::expired() const {
    return expires_ && std::chrono::system_clock::now() + margin >= *expires_;
}

void Credentials::refused(const LoginPtr& login) {
    if (!access_.exec || login != login_) return;
    if (!asked_ || Clock::now() - *asked_ >= between_runs) login_.reset();
}

asio::awaitable<Result<LoginPtr>> Credentials::by_plugin() {
    while (running_) co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
    const bool lately = asked_ && Clock::now() - *asked_ < between_runs;
    if (login_ && !expired()) co_return login_;
    if (lately && !login_) co_return error_;
    if (lately)
        co_return failure("the plugin " + access_.exec->command + " gives credentials that have expired");
    co_return co_await run_plugin();
}

asio::awaitable<Result<LoginPtr>> Credentials::run_plugin() {
    // Also when this coroutine is cancelled: those who wait try for themselves.
    struct Running {
        explicit Running(Credentials& c) : credentials(c) { credentials.running_ = true; }
        ~Running() {
            credentials.running_ = false;
            credentials.ended_.cancel();
        }
        Credentials& credentials;
    } const running(*this);

    const auto& plugin = *access_.exec;
    auto said = std::make_shared<Result<std::string>>(failure(plugin.command + " did not end in time"));
    std::function<void()> work = [said, program = program_of(plugin, access_)] {
        *said = run_program(program);
    };
    const auto ended = co_await run_blocking(std::move(work), Clock::now() + plugin_limit + 5s);
    asked_ = Clock::now();
    login_.reset();
    const auto fail = [&](std::string message) {
        return error_ = failure("no credentials: " + std::move(message));
    };
    if (!ended) co_return fail(ended.error().message);
    if (!*ended) co_return fail(plugin.command + " did not end in time");
    if (!*said) {
        const bool missing = said->error().kind == Error::Kind::absent && !plugin.install_hint.empty();
        co_return fail(said->error().message + (missing ? "; " + plugin.install_hint : ""));
    }
    auto read = read_exec_credential(**said, plugin.api_version);
    if (!read) co_return fail(plugin.command + ": " + read.error().message);
    expires_ = read->expires;
    login_ = make(std::move(read->token), std::move(read->cert), std::move(read->key));
    if (expired()) co_return fail(plugin.command + " gives credentials that have expired");
    co_return login_;
}

}  // namespace pifleet::kubernetes
