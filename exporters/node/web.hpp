// The exporter's two pages: /metrics and a landing page that says what this is.
#pragma once

#include "common/http/router.hpp"
#include "exporters/node/exporter.hpp"

#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace pifleet::node {

class Web {
  public:
    /// `exporter` must outlive the object, and the object the server that uses its routes. `most` scrapes may
    /// be under way or waiting at once (0: any number); one more is answered 503.
    Web(Exporter& exporter, std::string metrics_path, std::size_t most);

    std::vector<http::Route> routes();

    /// Whether no scrape is under way.
    bool idle() const { return under_way_ == 0; }

    /// Waits for the collecting thread to end; after the io_context has run for the last time, before it
    /// goes.
    void finish() { collecting_.join(); }

  private:
    boost::asio::awaitable<http::Response> metrics(http::Request request);
    http::Response landing() const;

    Exporter& exporter_;
    std::string path_;
    std::size_t most_;
    std::size_t under_way_ = 0;
    boost::asio::thread_pool collecting_{
        1};  // the one collecting thread: the io thread never waits for a sensor
};

}  // namespace pifleet::node
