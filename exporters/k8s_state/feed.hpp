// A kind on its way to the page: objects come in from one or several lists, are rendered and stored. The
// lists are told apart by a number, the store's source.
#pragma once

#include "common/kubernetes/watcher.hpp"
#include "common/metrics/page.hpp"
#include "exporters/k8s_state/renderer.hpp"
#include "exporters/k8s_state/shards.hpp"
#include "exporters/k8s_state/store.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

class Feed {
  public:
    /// `owner` is what the kind belongs to, unless it lasts for ever.
    Feed(const ResourceKind& kind,
         RenderOptions options,
         Shard shard,
         std::shared_ptr<const void> owner = nullptr);

    const ResourceKind& kind() const { return renderer_.kind(); }
    const Store& store() const { return store_; }
    Store& store() { return store_; }
    /// HELP and TYPE of family i.
    std::string_view head(metrics::Format format, std::size_t i) const {
        return heads_[format == metrics::Format::text_0_0_4 ? 0 : 1][i];
    }

    /// Why the kind's families are not on the page; empty: they are.
    const std::string& withdrawn() const { return withdrawn_; }
    void set_withdrawn(std::string why) { withdrawn_ = std::move(why); }

    /// Objects that could not be read, and those that came again as they were.
    std::uint64_t skipped() const { return skipped_; }
    std::uint64_t unchanged() const { return unchanged_; }

    void object(Store::Source source, std::string_view json);
    void deleted(Store::Source source, std::string_view json);

  private:
    bool read(std::string_view json, ObjectName& into);
    void store(Store::Source source, const ObjectName& name, std::uint64_t content);

    const std::shared_ptr<const void> owner_;
    Renderer renderer_;
    const Shard shard_;
    Store store_;
    std::array<std::vector<std::string>, 2> heads_;
    std::string withdrawn_;
    std::uint64_t skipped_ = 0, unchanged_ = 0;
};

/// One list of a feed, as a Watcher fills it.
class FeedSink final : public kubernetes::ObjectSink {
  public:
    /// `feed` must outlive it.
    FeedSink(Feed& feed, Store::Source source) : feed_(feed), source_(source) {}

    void begin_list() override { feed_.store().begin_list(source_); }
    void object(std::string_view json) override { feed_.object(source_, json); }
    void deleted(std::string_view json) override { feed_.deleted(source_, json); }
    void end_list() override { feed_.store().end_list(source_); }

  private:
    Feed& feed_;
    const Store::Source source_;
};

}  // namespace pifleet::k8s
