// Which shard this pod is: its StatefulSet's name ends its own by a number, and says how many there are.
#pragma once

#include "exporters/k8s_state/shards.hpp"
#include "exporters/k8s_state/watching.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::k8s {

class OwnShard final : public kubernetes::ObjectSink {
  public:
    /// The error says why the pod's name is none of a StatefulSet's.
    static Result<std::unique_ptr<OwnShard>> make(const std::string& ns, const std::string& pod);

    /// Follows the StatefulSet from now on.
    void start(const MakeWatch& watch);

    /// Nothing: not known yet, or the pod is one too many.
    std::optional<Shard> shard() const;

    void begin_list() override {}
    void object(std::string_view json) override;
    void deleted(std::string_view) override {}  // and made anew soon, with the number of pods it had
    void end_list() override {}

  private:
    std::string ns_, name_;
    std::uint32_t number_ = 0;
    std::optional<std::uint32_t> total_;
    std::unique_ptr<Watch> watch_;
};

}  // namespace pifleet::k8s
