// What the kernel answers the node exporter besides files: the blocks of ethtool's ioctls and the messages of
// nl80211. The first byte says which; the rest is handed out as the answers, one piece after the other.
#include "common/metrics/page.hpp"
#include "common/metrics/parser.hpp"
#include "common/process/command_line.hpp"
#include "exporters/node/collectors/ethtool.hpp"
#include "exporters/node/collectors/wifi.hpp"
#include "exporters/node/exporter.hpp"
#include "exporters/node/registry.hpp"

#include <linux/ethtool.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_set>
#include <vector>

using namespace pifleet;
using namespace pifleet::node;

namespace {

class Bytes {
  public:
    explicit Bytes(std::span<const char> all) : left_(all) {}
    std::span<const char> take(std::size_t most) {
        const auto piece = left_.first(std::min(most, left_.size()));
        left_ = left_.subspan(piece.size());
        return piece;
    }
    unsigned number() {
        const auto piece = take(1);
        return piece.empty() ? 0 : static_cast<unsigned char>(piece[0]);
    }
    bool empty() const { return left_.empty(); }

  private:
    std::span<const char> left_;
};

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::abort();
}

struct Once final : metrics::PageHandler {
    Result<void> on_sample(const metrics::SampleLine& line) override {
        if (!series.insert(std::string(line.series)).second) give_up("twice: " + std::string(line.series));
        return {};
    }
    std::unordered_set<std::string> series;
};

void collect(Collector& collector) {
    metrics::Page page;
    const Host host{"/proc", "/sys", "/", "/"};  // of which only /sys/class/net matters
    const auto result = collector.collect(host, page);
    if (!result && result.error().message.empty()) give_up("no reason");
    std::string text;
    page.write(metrics::Format::text_0_0_4, text);
    Once once;
    metrics::PageParser parser(metrics::Format::text_0_0_4, once);
    auto read = parser.feed(text);
    if (read) read = parser.finish();
    if (!read) give_up("no page: " + read.error().message);
}

// Only of lo, which is everywhere. Parsed once: that takes longer than all the rest.
const process::CommandLine& flags() {
    static const auto parsed = [] {
        process::CommandLine line({"fuzz", "", "", ""});
        line.declare(exporter_flags());
        declare_collector_flags(line);
        const char* words[] = {"--collector.ethtool.device-include=^lo$"};
        if (line.parse(words)) give_up("flags");
        return line;
    }();
    return parsed;
}

// The kernel says errno, or overwrites the beginning of the block, but the command.
void ethtool(Bytes bytes) {
    auto made = make_ethtool(flags(), [&bytes](const std::string&, std::span<char> block) {
        const auto code = bytes.number();
        if (code != 0 && code < 128) return static_cast<int>(code);
        const auto answer = bytes.take(std::min<std::size_t>(block.size() - 4, 8 * (code & 127) + 200));
        std::copy(answer.begin(), answer.end(), block.begin() + 4);
        return 0;
    });
    if (!made) give_up(made.error().message);
    collect(**made);
}

void wifi(Bytes bytes) {
    const auto collector = make_wifi([&bytes](auto, auto, const WifiHandler& handler) -> Result<void> {
        for (auto messages = bytes.number() % 8; messages > 0 && !bytes.empty(); --messages) {
            const auto piece = bytes.take(4 * (bytes.number() + 1U));
            handler(
                std::vector<char>(piece.begin(), piece.end()));  // its own memory: no step beyond goes unseen
        }
        return bytes.number() % 16 == 1 ? Result<void>(failure("broken")) : Result<void>();
    });
    collect(*collector);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const char> rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0)
        ethtool(Bytes(rest));
    else
        wifi(Bytes(rest));
    return 0;
}
