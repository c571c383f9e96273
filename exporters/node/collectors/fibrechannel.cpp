// Fibre Channel adapters: /sys/class/fc_host. Drivers leave out what they do not have or say all ones; both
// are shown as nothing.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr FileRow rows[] = {
    {"dumped_frames",
     {"node_fibrechannel_dumped_frames_total", Type::counter, "Frames dropped for want of buffers."}},
    {"error_frames", {"node_fibrechannel_error_frames_total", Type::counter, "Frames with an error."}},
    {"fcp_packet_aborts",
     {"node_fibrechannel_fcp_packet_aborts_total", Type::counter, "Commands that were broken off."}},
    {"invalid_crc_count",
     {"node_fibrechannel_invalid_crc_total", Type::counter, "Frames with a wrong checksum."}},
    {"invalid_tx_word_count",
     {"node_fibrechannel_invalid_tx_words_total", Type::counter, "Words that cannot be, seen on the link."}},
    {"link_failure_count",
     {"node_fibrechannel_link_failure_total", Type::counter, "How often the link failed."}},
    {"loss_of_signal_count",
     {"node_fibrechannel_loss_of_signal_total", Type::counter, "How often the signal was lost."}},
    {"loss_of_sync_count",
     {"node_fibrechannel_loss_of_sync_total", Type::counter, "How often synchronization was lost."}},
    {"nos_count",
     {"node_fibrechannel_nos_total", Type::counter, "How often the port was told to be off line."}},
    {"rx_frames", {"node_fibrechannel_rx_frames_total", Type::counter, "Frames received."}},
    {"rx_words", {"node_fibrechannel_rx_words_total", Type::counter, "Words received."}},
    {"seconds_since_last_reset",
     {"node_fibrechannel_seconds_since_last_reset_total",
      Type::counter,
      "Time since the counters were reset, in seconds."}},
    {"tx_frames", {"node_fibrechannel_tx_frames_total", Type::counter, "Frames sent."}},
    {"tx_words", {"node_fibrechannel_tx_words_total", Type::counter, "Words sent."}},
};

constexpr Family info{"node_fibrechannel_info", Type::gauge, "What the adapter says of itself and its port."};
constexpr std::string_view not_counted = "0xffffffffffffffff";

// "0x1000e0071bce95f2" without what all have in common.
std::string number_text(std::string text) {
    return text.starts_with("0x") ? text.substr(2) : text;
}

Result<void> add_statistics(const Host& host,
                            const std::string& folder,
                            const metrics::Label& label,
                            metrics::Page& page) {
    Result<void> result;
    for (const auto& row : rows)
        if (line_if_any(host, folder + "/" + std::string(row.file)) != not_counted)
            note(result, add_file_rows(host, folder, {&row, 1}, {&label, 1}, page));
    return result;
}

class Fibrechannel final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/fc_host");
        const auto names = list_folder(root);
        if (!names) return names.error();
        Result<void> result;
        for (const auto& name : *names) {
            const auto folder = root + "/" + name;
            const auto shown = valid_utf8(name);
            const metrics::Label label{"fc_host", shown};
            const auto text = [&](std::string_view file) {
                return valid_utf8(line_if_any(host, folder + "/" + std::string(file)));
            };
            page.add(info,
                     {{"dev_loss_tmo", text("dev_loss_tmo")},
                      {"fabric_name", number_text(text("fabric_name"))},
                      label,
                      {"port_id", number_text(text("port_id"))},
                      {"port_name", number_text(text("port_name"))},
                      {"port_state", text("port_state")},
                      {"port_type", text("port_type")},
                      {"speed", text("speed")},
                      {"supported_classes", text("supported_classes")},
                      {"supported_speeds", text("supported_speeds")},
                      {"symbolic_name", text("symbolic_name")}},
                     1);
            note(result, add_statistics(host, folder + "/statistics", label, page));
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind fibrechannel_kind;
constinit const CollectorKind fibrechannel_kind{
    "fibrechannel",
    true,
    "Fibre Channel adapters",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Fibrechannel>();
    },
};

}  // namespace pifleet::node
