// What the exporter uses of an API server, handed in: the real one in the program, a scripted one in tests.
#pragma once

#include "common/base/result.hpp"
#include "common/http/message.hpp"
#include "exporters/k8s_state/options.hpp"
#include "exporters/k8s_state/watching.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace pifleet::k8s {

struct Api {
    MakeWatch watch;
    std::function<boost::asio::awaitable<Result<http::Response>>(std::string path)> get;
    std::function<boost::asio::awaitable<Result<http::Response>>(std::string path, std::string json)> post;
    std::string where;  // for the log
};

/// The API server that the options name. What it gives must outlive the watches.
using Connect = std::function<Result<std::shared_ptr<Api>>(const Options&)>;

}  // namespace pifleet::k8s
