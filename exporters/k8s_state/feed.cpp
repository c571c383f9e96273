#include "exporters/k8s_state/feed.hpp"

#include "common/process/log.hpp"

#include <utility>

namespace pifleet::k8s {

namespace {

constexpr std::size_t most_text = 32 << 20;      // of one object: 64 of them must fit 32 bits
constexpr std::size_t large_object = 256 << 10;  // its room is not kept

std::string store_name(const ObjectName& name) {
    return name.ns + '/' + name.name;
}

}  // namespace

Feed::Feed(const ResourceKind& kind, RenderOptions options, Shard shard, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)),
      renderer_(kind, std::move(options)),
      shard_(shard),
      store_(renderer_.options().families.size()) {
    for (const auto* family : renderer_.options().families) {
        const metrics::Family row{family->name, family->type, family->help};
        metrics::append_head(metrics::Format::text_0_0_4, row, heads_[0].emplace_back());
        metrics::append_head(metrics::Format::openmetrics_1_0, row, heads_[1].emplace_back());
    }
}

bool Feed::read(std::string_view json, ObjectName& into) {
    auto name = renderer_.read(json);
    if (!name) {
        ++skipped_;
        log::warn("an object of the API cannot be read and is left out", {{"err", name.error()}});
        return false;
    }
    into = std::move(*name);
    return shard_.keeps(into.uid);
}

void Feed::object(Store::Source source, std::string_view json) {
    const auto content = hash_bytes(json);
    if (store_.seen(source, content)) {
        ++unchanged_;
        return;
    }
    ObjectName name;
    if (read(json, name)) store(source, name, content);
    if (json.size() > large_object) renderer_.forget();
}

void Feed::store(Store::Source source, const ObjectName& name, std::uint64_t content) {
    const auto& lines = renderer_.render();
    if (lines.text.size() <= most_text) return store_.put(source, store_name(name), content, lines);
    ++skipped_;
    store_.erase(source, store_name(name));
    log::warn("an object of the API has too much to tell and is left out",
              {{"resource", kind().name}, {"namespace", name.ns}, {"name", name.name}});
}

void Feed::deleted(Store::Source source, std::string_view json) {
    ObjectName name;
    if (read(json, name)) store_.erase(source, store_name(name));
}

}  // namespace pifleet::k8s
