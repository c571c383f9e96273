#include "exporters/k8s_state/own_shard.hpp"

#include "common/base/text.hpp"
#include "common/process/log.hpp"
#include "exporters/k8s_state/json.hpp"

#include <boost/json/parse.hpp>

#include <limits>
#include <utility>

namespace pifleet::k8s {

Result<std::unique_ptr<OwnShard>> OwnShard::make(const std::string& ns, const std::string& pod) {
    const auto dash = pod.rfind('-');
    const auto number = dash == pod.npos ? std::nullopt : to_unsigned(std::string_view(pod).substr(dash + 1));
    if (!number || dash == 0 || *number > std::numeric_limits<std::int32_t>::max())
        return failure("--pod: '" + pod + "' is no pod of a StatefulSet: its name does not end in -NUMBER");
    auto out = std::make_unique<OwnShard>();
    out->ns_ = ns;
    out->name_ = pod.substr(0, dash);
    out->number_ = static_cast<std::uint32_t>(*number);
    return out;
}

void OwnShard::start(const MakeWatch& watch) {
    kubernetes::WatcherOptions options;
    options.path = "/apis/apps/v1/namespaces/" + ns_ + "/statefulsets";
    options.field_selector = "metadata.name=" + name_;
    watch_ = watch(std::move(options), *this);
}

std::optional<Shard> OwnShard::shard() const {
    if (!total_ || number_ >= *total_) return std::nullopt;
    return Shard{number_, *total_};
}

void OwnShard::object(std::string_view json) {
    boost::system::error_code error;
    const auto document = boost::json::parse({json.data(), json.size()}, error);
    if (error) return;
    const Json root(document);
    if (root["metadata"]["name"].text() != name_) return;
    const auto replicas = root["spec"]["replicas"].integer().value_or(1);
    if (replicas < 0 || replicas > std::numeric_limits<std::int32_t>::max()) return;
    const auto total = static_cast<std::uint32_t>(replicas);
    if (total_ == total) return;
    total_ = total;
    log::info("shards, as the StatefulSet says",
              {{"statefulset", ns_ + '/' + name_}, {"shard", number_}, {"total", total}});
}

}  // namespace pifleet::k8s
