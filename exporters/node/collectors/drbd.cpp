// DRBD's mirrored disks, from /proc/drbd. A device begins with its number ("0:") and goes on in words of the
// form key:value, over two lines or, while it synchronizes, four. DRBD 9 tells only its version there.
#include "exporters/node/collectors/drbd.hpp"

#include "common/base/text.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <optional>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Number {
    std::string_view key;
    double scale;
    Family family;
};

constexpr double kibi = 1024;
constexpr Number numbers[] = {
    {"ns", kibi, {"node_drbd_network_sent_bytes_total", Type::counter, "Sent to the other node."}},
    {"nr", kibi, {"node_drbd_network_received_bytes_total", Type::counter, "Received from the other node."}},
    {"dw", kibi, {"node_drbd_disk_written_bytes_total", Type::counter, "Written to the disk of this node."}},
    {"dr", kibi, {"node_drbd_disk_read_bytes_total", Type::counter, "Read from the disk of this node."}},
    {"al", 1, {"node_drbd_activitylog_writes_total", Type::counter, "Updates of the activity log."}},
    {"bm", 1, {"node_drbd_bitmap_writes_total", Type::counter, "Updates of the bitmap."}},
    {"lo", 1, {"node_drbd_local_pending", Type::gauge, "Requests that the disk of this node has open."}},
    {"pe", 1, {"node_drbd_remote_pending", Type::gauge, "Requests that the other node has not answered."}},
    {"ua",
     1,
     {"node_drbd_remote_unacknowledged", Type::gauge, "Requests of the other node not answered here yet."}},
    {"ap", 1, {"node_drbd_application_pending", Type::gauge, "Requests that DRBD has not answered."}},
    {"ep", 1, {"node_drbd_epochs", Type::gauge, "Epochs under way."}},
    {"oos", kibi, {"node_drbd_out_of_sync_bytes", Type::gauge, "What is known to differ between the nodes."}},
};

// Words for this node and the other one, with a slash between them.
struct Pair {
    std::string_view key;
    std::string_view good;
    Family family;
};
constexpr Pair pairs[] = {
    {"ro",
     "Primary",
     {"node_drbd_node_role_is_primary", Type::gauge, "Whether the node is the primary one."}},
    {"ds",
     "UpToDate",
     {"node_drbd_disk_state_is_up_to_date", Type::gauge, "Whether the disk of the node is up to date."}},
};

constexpr Family connected{"node_drbd_connected", Type::gauge, "Whether the other node is connected."};

Result<void> add_word(std::string_view word,
                      const std::string& device,
                      const LineReader& reader,
                      metrics::Page& page) {
    const auto colon = word.find(':');
    const auto key = word.substr(0, colon);
    const auto value = word.substr(colon + 1);
    for (const auto& number : numbers) {
        if (key != number.key) continue;
        const auto read = to_unsigned(value);
        if (!read) return reader.error("'" + std::string(word) + "' has no number");
        page.add(number.family, {{"device", device}}, static_cast<double>(*read) * number.scale);
        return {};
    }
    for (const auto& pair : pairs) {
        if (key != pair.key) continue;
        const auto both = split(value, '/');
        if (both.size() != 2) return reader.error("'" + std::string(word) + "' is not about two nodes");
        page.add(pair.family, {{"device", device}, {"node", "local"}}, both[0] == pair.good ? 1 : 0);
        page.add(pair.family, {{"device", device}, {"node", "remote"}}, both[1] == pair.good ? 1 : 0);
    }
    if (key == "cs") page.add(connected, {{"device", device}}, value == "Connected" ? 1 : 0);
    return {};
}

// "0:" begins a device.
std::optional<std::uint64_t> device_number(std::string_view word) {
    if (!word.ends_with(':')) return {};
    word.remove_suffix(1);
    return to_unsigned(word);
}

class Drbd final : public Collector {
  public:
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("drbd");
        const auto text = read_lines_if_any(path);
        if (!text) return text.error();
        return add_drbd(path, *text, page);
    }
};

}  // namespace

Result<void> add_drbd(const std::string& path, std::string_view text, metrics::Page& page) {
    LineReader reader(path, text);
    if (!reader.next() || reader.word() != "version:") return reader.error("DRBD's version is not there");
    std::string device;
    while (reader.next()) {
        for (auto word = reader.word(); !word.empty(); word = reader.word()) {
            if (const auto number = device_number(word)) {
                device = "drbd" + std::to_string(*number);
                continue;
            }
            // Words without a colon and times (0:20:49) are about the progress of a synchronization.
            if (device.empty() || word.find(':') == std::string_view::npos ||
                word.find(':') != word.rfind(':'))
                continue;
            if (const auto added = add_word(word, device, reader, page); !added) return added;
        }
    }
    return {};
}

extern const CollectorKind drbd_kind;
constinit const CollectorKind drbd_kind{"drbd", false, "the state of DRBD's disks", {}, make_collector<Drbd>};

}  // namespace pifleet::node
