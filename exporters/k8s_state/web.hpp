// What the exporter answers on its two ports: the cluster's metrics and its own, probes, a page for people.
#pragma once

#include "common/http/router.hpp"
#include "exporters/k8s_state/exporter.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace pifleet::k8s {

class Web {
  public:
    /// `exporter` must outlive it, and it the servers that use its routes.
    explicit Web(Exporter& exporter) : exporter_(exporter) {}

    /// `guard` stands in front of the metrics alone (--auth-filter); it may be empty.
    using Guard = std::function<http::Handler(http::Handler)>;
    std::vector<http::Route> cluster_routes(const Guard& guard);
    std::vector<http::Route> own_routes(const Guard& guard);

    static constexpr std::size_t most_scrapes = 40;  // under way at once; one more is answered 503

  private:
    struct Scrapes {
        std::size_t under_way = 0;
        ScrapeTimes times;
    };
    class Scrape;
    http::Response metrics(const http::Request& request);
    http::Response own_metrics(const http::Request& request);
    http::Response readiness();
    http::Response landing(bool own);
    boost::asio::awaitable<http::Response> liveness();

    Exporter& exporter_;
    std::shared_ptr<Scrapes> scrapes_ = std::make_shared<Scrapes>();  // outlives answers under way
    bool alive_ = false;
    std::chrono::steady_clock::time_point asked_{};  // when alive_ was found out
};

}  // namespace pifleet::k8s
