// Who we are to the API server, as it is now: tokens read anew from their file, plugins run when what they
// gave has expired or was refused. Private to common/kubernetes.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "common/kubernetes/access.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pifleet::kubernetes {

struct Login {
    std::vector<http::Header> headers;
    http::TlsOptions tls;
};
using LoginPtr = std::shared_ptr<const Login>;

/// For one executor without threads.
class Credentials {
  public:
    /// `access` must outlive it.
    Credentials(boost::asio::any_io_executor executor, const Access& access);

    /// Same pointer, same credentials. However many ask, a plugin runs once; its error is kept for a while.
    boost::asio::awaitable<Result<LoginPtr>> now();
    /// The server did not take these (401): a plugin is asked again.
    void refused(const LoginPtr& login);

  private:
    using Clock = std::chrono::steady_clock;
    Result<LoginPtr> by_file();
    boost::asio::awaitable<Result<LoginPtr>> by_plugin();
    boost::asio::awaitable<Result<LoginPtr>> run_plugin();
    LoginPtr make(std::string token, std::string cert, std::string key) const;
    bool expired() const;

    const Access& access_;
    LoginPtr login_;
    std::string token_;  // that login_ has been made of, where it is from a file
    std::optional<std::chrono::system_clock::time_point> expires_;
    std::optional<Clock::time_point> asked_;  // when the plugin ran last
    Error error_;                             // of that run
    bool running_ = false;
    boost::asio::steady_timer ended_;  // cancelled when the plugin has run
};

}  // namespace pifleet::kubernetes
