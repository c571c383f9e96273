#include "exporters/k8s_state/cluster_api.hpp"

#include "common/kubernetes/access.hpp"
#include "common/kubernetes/cluster.hpp"

#include <utility>

namespace pifleet::k8s {

namespace {

using kubernetes::Cluster;

class ClusterWatch final : public Watch {
  public:
    ClusterWatch(boost::asio::any_io_executor executor,
                 std::shared_ptr<Cluster> cluster,
                 kubernetes::WatcherOptions options,
                 kubernetes::ObjectSink& sink)
        : cluster_(std::move(cluster)), watcher_(std::move(executor), *cluster_, std::move(options), sink) {
        watcher_.start();
    }
    ~ClusterWatch() override { watcher_.stop(); }
    const kubernetes::WatcherStatus& status() const override { return watcher_.status(); }

  private:
    const std::shared_ptr<Cluster> cluster_;
    kubernetes::Watcher watcher_;
};

}  // namespace

Connect cluster_of(boost::asio::any_io_executor executor) {
    return [executor](const Options& options) -> Result<std::shared_ptr<Api>> {
        auto access = kubernetes::find_access(options.kubeconfig, options.apiserver);
        if (!access) return access.error();
        auto api = std::make_shared<Api>();
        api->where = access->server.authority() + " (" + access->source + ')';
        const auto cluster = std::make_shared<Cluster>(executor, std::move(*access));
        api->watch = [executor, cluster](kubernetes::WatcherOptions wanted, kubernetes::ObjectSink& sink) {
            return std::make_unique<ClusterWatch>(executor, cluster, std::move(wanted), sink);
        };
        api->get = [cluster](std::string path) { return cluster->get(std::move(path)); };
        api->post = [cluster](std::string path, std::string json) {
            return cluster->post(std::move(path), std::move(json));
        };
        return api;
    };
}

}  // namespace pifleet::k8s
