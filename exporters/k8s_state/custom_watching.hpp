// The resources of --custom-resource-state-config: looked for at the API server, now and then again, for
// their definitions may come and go; then watched like the others.
#pragma once

#include "exporters/k8s_state/api.hpp"
#include "exporters/k8s_state/custom/config.hpp"
#include "exporters/k8s_state/watching.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <vector>

namespace pifleet::k8s {

class CustomWatching {
  public:
    using Clock = Watching::Clock;

    CustomWatching(boost::asio::any_io_executor executor,
                   std::vector<CustomResourceConfig> configs,
                   Options options,
                   Shard shard,
                   std::shared_ptr<Api> api);
    ~CustomWatching();

    /// Once a second.
    void look(Clock::time_point now);

    /// Null until the API server has said what it has.
    Watching* watching();

  private:
    struct State;
    static boost::asio::awaitable<void> discover(std::shared_ptr<State> state);
    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;  // with the question under way
};

}  // namespace pifleet::k8s
