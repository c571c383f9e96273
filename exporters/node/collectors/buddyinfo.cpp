// How torn the free memory is: /proc/buddyinfo, the free blocks of each zone by their size (0: a page, 1:
// two, ...).
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <string>

namespace pifleet::node {

namespace {

constexpr metrics::Family free_blocks{"node_buddyinfo_blocks",
                                      metrics::Type::gauge,
                                      "Free blocks of memory; the size is the power of two of their pages."};

class Buddyinfo final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("buddyinfo");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        while (lines.next()) {
            const bool node_word = lines.word() == "Node";
            auto node = lines.word();
            const bool zone_word = lines.word() == "zone";
            const auto zone = lines.word();
            if (!node_word || !zone_word || !node.ends_with(',') || zone.empty())
                return lines.error("not 'Node N, zone NAME NUMBERS'");
            node.remove_suffix(1);
            int size = 0;
            for (auto rest = lines.line(); !next_word(rest).empty(); rest = lines.line(), ++size) {
                const auto blocks = lines.number();
                if (!blocks) return blocks.error();
                page.add(free_blocks,
                         {{"node", node}, {"size", std::to_string(size)}, {"zone", zone}},
                         static_cast<double>(*blocks));
            }
            if (size == 0) return lines.error("no numbers");
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind buddyinfo_kind;
constinit const CollectorKind buddyinfo_kind{
    "buddyinfo", false, "how torn the free memory is", {}, make_collector<Buddyinfo>};

}  // namespace pifleet::node
