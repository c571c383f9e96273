// One cluster, as all that talk to it share it: where it is, who we are to it, what its server can do.
#pragma once

#include "common/base/result.hpp"
#include "common/http/message.hpp"
#include "common/kubernetes/access.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace pifleet::kubernetes {

/// For one executor without threads.
class Cluster {
  public:
    Cluster(boost::asio::any_io_executor executor, Access access);
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    const Access& access() const;

    /// One request and its answer, of whatever status, the body of at most `most` bytes: "/version",
    /// discovery. Credentials are added, and once renewed when the server does not take them. Any number may
    /// be under way.
    boost::asio::awaitable<Result<http::Response>> get(
        std::string path,
        std::chrono::milliseconds within = std::chrono::seconds(10),
        std::size_t most = 4 << 20);
    /// The same with a JSON body: TokenReview, SubjectAccessReview.
    boost::asio::awaitable<Result<http::Response>> post(
        std::string path,
        std::string json,
        std::chrono::milliseconds within = std::chrono::seconds(10),
        std::size_t most = 1 << 20);

    struct Impl;
    const std::shared_ptr<Impl>& impl() { return impl_; }  // for common/kubernetes

  private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace pifleet::kubernetes
