// What a Cluster is inside. Private to common/kubernetes.
#pragma once

#include "common/http/client.hpp"
#include "common/kubernetes/cluster.hpp"
#include "common/kubernetes/credentials.hpp"

#include <memory>

namespace pifleet::kubernetes {

struct Cluster::Impl {
    Impl(boost::asio::any_io_executor e, Access a)
        : executor(std::move(e)), access(std::move(a)), credentials(executor, access) {}

    /// A request with our credentials; `path` as the API spells it, with its query.
    http::Request request(std::string path, const Login& login) const;
    http::Client client(const Login& login) const;
    /// An error of a request, with what helps to mend it.
    Error explain(const Error& error) const;

    const boost::asio::any_io_executor executor;
    const Access access;
    Credentials credentials;
    bool watch_list = true;  // as far as is known the server lists by watching
    bool reached = true;     // what was logged last of the server as a whole

    struct Kept {  // the connection of the last plain request
        LoginPtr login;
        http::Client client;
    };
    std::unique_ptr<Kept> kept;
};

}  // namespace pifleet::kubernetes
