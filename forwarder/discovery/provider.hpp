// The seam for discoveries. A new one is a file with a make_provider, a line here, and its keys in
// forwarder/config/discovery.cpp; when it is asked, what it last said and what went wrong is not its
// business.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/config/config.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// What one source said just now: label sets with __address__ and meta labels, or why it could not be read.
struct Finding {
    std::string source;
    Result<std::vector<Pairs>> targets;
};

class Provider {
  public:
    using Done = std::function<void(std::vector<Finding>)>;

    virtual ~Provider() = default;
    /// As Prometheus calls it in its metrics: "file", "http", "dns", "static".
    virtual std::string_view mechanism() const = 0;
    /// After which time it is asked again; 0: never.
    virtual Duration interval() const = 0;
    /// Looks anew at all sources and gives what they say, once: within the call when nothing need be waited
    /// for. A source that is not among the findings is gone. Not called again before it is done.
    virtual void refresh(Done done) = 0;
    /// No answer is wanted any more.
    virtual void stop() {}
};

/// What a provider lives on; `changed` asks for a refresh before its time.
struct ProviderSurroundings {
    boost::asio::any_io_executor executor;
    std::function<void()> changed;
};

std::shared_ptr<Provider> make_provider(const std::vector<TargetGroup>& config,
                                        const ProviderSurroundings& around);
std::shared_ptr<Provider> make_provider(const FileDiscovery& config, const ProviderSurroundings& around);
std::shared_ptr<Provider> make_provider(const HttpDiscovery& config, const ProviderSurroundings& around);
std::shared_ptr<Provider> make_provider(const DnsDiscovery& config, const ProviderSurroundings& around);

}  // namespace pifleet::forwarder
