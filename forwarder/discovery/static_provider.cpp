// static_configs: what stands in the configuration itself.
#include "forwarder/discovery/provider.hpp"
#include "forwarder/discovery/target_list.hpp"

namespace pifleet::forwarder {

namespace {

class StaticProvider final : public Provider {
  public:
    explicit StaticProvider(std::vector<TargetGroup> groups) : groups_(std::move(groups)) {}
    std::string_view mechanism() const override { return "static"; }
    Duration interval() const override { return Duration(0); }
    void refresh(Done done) override {
        std::vector<Finding> found;
        for (const auto& group : groups_)
            found.push_back({std::to_string(found.size()), label_sets({group}, {})});
        done(std::move(found));
    }

  private:
    std::vector<TargetGroup> groups_;
};

}  // namespace

std::shared_ptr<Provider> make_provider(const std::vector<TargetGroup>& config, const ProviderSurroundings&) {
    return std::make_shared<StaticProvider>(config);
}

}  // namespace pifleet::forwarder
