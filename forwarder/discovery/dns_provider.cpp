// dns_sd_configs: targets are what names resolve to, now and then.
#include "common/base/blocking.hpp"
#include "forwarder/discovery/dns_records.hpp"
#include "forwarder/discovery/provider.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds longest{30};  // for one name; the resolver tries its servers several times

using Type = DnsDiscovery::Type;

// Prometheus's label sets; names stand in meta labels with their final dot.
Pairs labels_of(const DnsRecord& record, const DnsDiscovery& config, const std::string& name) {
    const auto port = std::to_string(config.type == Type::srv ? record.port : config.port);
    const auto host = config.type == Type::aaaa ? "[" + record.host + "]" : record.host;
    Pairs labels{{"__address__", host + ":" + port}, {"__meta_dns_name", name}};
    if (config.type == Type::mx) labels.emplace_back("__meta_dns_mx_record_target", record.host + ".");
    if (config.type == Type::ns) labels.emplace_back("__meta_dns_ns_record_target", record.host + ".");
    if (config.type == Type::srv) {
        labels.emplace_back("__meta_dns_srv_record_port", port);
        labels.emplace_back("__meta_dns_srv_record_target", record.host + ".");
    }
    return labels;
}

class DnsProvider final : public Provider, public std::enable_shared_from_this<DnsProvider> {
  public:
    DnsProvider(const DnsDiscovery& config, const ProviderSurroundings& around)
        : config_(config), executor_(around.executor) {}

    std::string_view mechanism() const override { return "dns"; }
    Duration interval() const override { return config_.refresh_interval; }
    void stop() override { stopped_ = true; }

    void refresh(Done done) override {
        asio::co_spawn(
            executor_,
            [self = shared_from_this(), done = std::move(done)]() -> asio::awaitable<void> {
                // One after the other: the threads for this are few, and scrapes need them too.
                std::vector<Finding> found;
                for (const auto& name : self->config_.names) {
                    auto targets = co_await self->look_up(name);
                    if (self->stopped_) co_return;
                    found.push_back({name, std::move(targets)});
                }
                done(std::move(found));
            },
            [](const std::exception_ptr& thrown) {
                if (thrown) std::rethrow_exception(thrown);  // a bug: it ends in main's catch
            });
    }

  private:
    asio::awaitable<Result<std::vector<Pairs>>> look_up(const std::string& name) {
        using Records = Result<std::vector<DnsRecord>>;
        const auto records = std::make_shared<Records>(std::vector<DnsRecord>());
        std::function<void()> work = [records, name, type = config_.type] {
            *records = find_dns_records(name, type);
        };
        const auto ended = co_await run_blocking(std::move(work), std::chrono::steady_clock::now() + longest);
        if (!ended) co_return ended.error();
        if (!*ended) co_return failure(name + ": no answer within 30s");
        if (!*records) co_return failure(name + ": " + records->error().message);
        std::vector<Pairs> targets;
        for (const auto& record : **records) targets.push_back(labels_of(record, config_, name));
        co_return targets;
    }

    DnsDiscovery config_;
    asio::any_io_executor executor_;
    bool stopped_ = false;
};

}  // namespace

std::shared_ptr<Provider> make_provider(const DnsDiscovery& config, const ProviderSurroundings& around) {
    return std::make_shared<DnsProvider>(config, around);
}

}  // namespace pifleet::forwarder
