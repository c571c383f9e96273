// What each NFS mount of this machine did: /proc/self/mountstats. Mounts of the same export, protocol and
// server share their numbers, and are shown once.
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/nfs_mounts.hpp"
#include "exporters/node/machine_files.hpp"

#include <array>
#include <set>
#include <string>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family counter(std::string_view name, std::string_view help) {
    return {name, Type::counter, help};
}

constexpr Family age =
    counter("node_mountstats_nfs_age_seconds_total", "How long ago the export was mounted.");
constexpr Family byte_counts[] = {
    counter("node_mountstats_nfs_read_bytes_total", "Bytes read with read(2)."),
    counter("node_mountstats_nfs_write_bytes_total", "Bytes written with write(2)."),
    counter("node_mountstats_nfs_direct_read_bytes_total", "Bytes read with O_DIRECT."),
    counter("node_mountstats_nfs_direct_write_bytes_total", "Bytes written with O_DIRECT."),
    counter("node_mountstats_nfs_total_read_bytes_total", "Bytes read from the server."),
    counter("node_mountstats_nfs_total_write_bytes_total", "Bytes written to the server."),
    counter("node_mountstats_nfs_read_pages_total", "Pages read for mmap(2)."),
    counter("node_mountstats_nfs_write_pages_total", "Pages written for mmap(2)."),
};
constexpr Family events[] = {
    counter("node_mountstats_nfs_event_inode_revalidate_total", "Attributes checked with the server."),
    counter("node_mountstats_nfs_event_dnode_revalidate_total", "Names checked with the server."),
    counter("node_mountstats_nfs_event_data_invalidate_total", "Cached contents given up."),
    counter("node_mountstats_nfs_event_attribute_invalidate_total", "Cached attributes given up."),
    counter("node_mountstats_nfs_event_vfs_open_total", "Files and folders opened."),
    counter("node_mountstats_nfs_event_vfs_lookup_total", "Names looked up."),
    counter("node_mountstats_nfs_event_vfs_access_total", "Permissions checked."),
    counter("node_mountstats_nfs_event_vfs_update_page_total", "Pages changed."),
    counter("node_mountstats_nfs_event_vfs_read_page_total", "Single pages read."),
    counter("node_mountstats_nfs_event_vfs_read_pages_total", "Groups of pages read."),
    counter("node_mountstats_nfs_event_vfs_write_page_total", "Single pages written."),
    counter("node_mountstats_nfs_event_vfs_write_pages_total", "Groups of pages written."),
    counter("node_mountstats_nfs_event_vfs_getdents_total", "Folders listed."),
    counter("node_mountstats_nfs_event_vfs_setattr_total", "Attributes set."),
    counter("node_mountstats_nfs_event_vfs_flush_total", "Writes flushed."),
    counter("node_mountstats_nfs_event_vfs_fsync_total", "fsync called."),
    counter("node_mountstats_nfs_event_vfs_lock_total", "Locks tried."),
    counter("node_mountstats_nfs_event_vfs_file_release_total", "Files let go."),
    {},  // waits for congestion, which the kernel no longer counts
    counter("node_mountstats_nfs_event_truncation_total", "Files cut short."),
    counter("node_mountstats_nfs_event_write_extension_total", "Files grown by a write behind their end."),
    counter("node_mountstats_nfs_event_silly_rename_total", "Files removed while open."),
    counter("node_mountstats_nfs_event_short_read_total", "Reads that got less than asked."),
    counter("node_mountstats_nfs_event_short_write_total", "Writes that wrote less than asked."),
    counter("node_mountstats_nfs_event_jukebox_delay_total",
            "Times that the server said to try again later."),
    counter("node_mountstats_nfs_event_pnfs_read_total", "Reads by pNFS."),
    counter("node_mountstats_nfs_event_pnfs_write_total", "Writes by pNFS."),
};

struct OperationRow {
    Family family;
    double divisor;
};
constexpr OperationRow operation_rows[] = {
    {counter("node_mountstats_nfs_operations_requests_total", "Calls."), 1},
    {counter("node_mountstats_nfs_operations_transmissions_total", "Calls sent, with those sent again."), 1},
    {counter("node_mountstats_nfs_operations_major_timeouts_total", "Calls that were not answered in time."),
     1},
    {counter("node_mountstats_nfs_operations_sent_bytes_total", "Bytes sent."), 1},
    {counter("node_mountstats_nfs_operations_received_bytes_total", "Bytes received."), 1},
    {counter("node_mountstats_nfs_operations_queue_time_seconds_total", "Time that calls waited to be sent."),
     1000},
    {counter("node_mountstats_nfs_operations_response_time_seconds_total",
             "Time from sending a call to its answer."),
     1000},
    {counter("node_mountstats_nfs_operations_request_time_seconds_total",
             "Time from making a call to its end."),
     1000},
};

// By the place in the line of TCP with statvers=1.1, where there are most of them.
struct TransportRow {
    std::size_t place;
    Family family;
};
constexpr TransportRow transport_rows[] = {
    {1, {"node_mountstats_nfs_transport_bind_total", Type::counter, "Times that a local port was taken."}},
    {2, {"node_mountstats_nfs_transport_connect_total", Type::counter, "Connections made."}},
    {4, {"node_mountstats_nfs_transport_idle_time_seconds", Type::gauge, "Time since the last call."}},
    {5, {"node_mountstats_nfs_transport_sends_total", Type::counter, "Calls sent."}},
    {6, {"node_mountstats_nfs_transport_receives_total", Type::counter, "Answers received."}},
    {7,
     {"node_mountstats_nfs_transport_bad_transaction_ids_total",
      Type::counter,
      "Answers that belonged to no call."}},
    {9,
     {"node_mountstats_nfs_transport_backlog_queue_total",
      Type::counter,
      "Lengths of the backlog, added up at each call."}},
    {10,
     {"node_mountstats_nfs_transport_maximum_rpc_slots",
      Type::gauge,
      "Most calls that were under way at once."}},
    {11,
     {"node_mountstats_nfs_transport_sending_queue_total",
      Type::counter,
      "Lengths of the sending queue, added up at each call."}},
    {12,
     {"node_mountstats_nfs_transport_pending_queue_total",
      Type::counter,
      "Lengths of the pending queue, added up at each call."}},
};
double number_at(const NfsMount::Numbers& numbers, std::size_t place) {
    return place < numbers.size() ? static_cast<double>(numbers[place]) : 0;
}

void add_mount(const NfsMount& mount, metrics::Page& page) {
    std::array<metrics::Label, 4> labels = {
        {{"export", mount.device}, {"mountaddr", mount.address}, {"protocol", mount.protocol}, {}}};
    const metrics::Labels shown(labels.data(), 3);
    page.add(age, shown, static_cast<double>(mount.age));
    for (std::size_t i = 0; i < std::size(byte_counts); ++i)
        page.add(byte_counts[i], shown, number_at(mount.bytes, i));
    for (std::size_t i = 0; i < std::size(events); ++i)
        if (!events[i].name.empty()) page.add(events[i], shown, number_at(mount.events, i));
    for (std::size_t i = 0; i < mount.transports.size(); ++i) {
        const auto number = std::to_string(i);
        labels[3] = {"transport", number};
        for (const auto& row : transport_rows)
            page.add(row.family, labels, number_at(mount.transports[i], row.place));
    }
    for (const auto& operation : mount.operations) {
        labels[3] = {"operation", operation.name};
        for (std::size_t i = 0; i < std::size(operation_rows); ++i)
            page.add(operation_rows[i].family,
                     labels,
                     number_at(operation.numbers, i) / operation_rows[i].divisor);
    }
}

class Mountstats final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("self/mountstats");
        const auto text = read_lines_if_any(path);
        if (!text) return text.error();
        auto mounts = parse_mountstats(path, *text);
        if (!mounts) return mounts.error();
        if (mounts->empty()) return {};
        const auto mountinfo = read_lines(host.proc("self/mountinfo"));
        if (!mountinfo) return mountinfo.error();
        add_addresses(*mountinfo, *mounts);
        std::set<std::array<std::string_view, 3>> seen;
        for (const auto& mount : *mounts)
            if (!mount.transports.empty() &&
                seen.insert({mount.device, mount.protocol, mount.address}).second)
                add_mount(mount, page);
        return {};
    }
};

}  // namespace

extern const CollectorKind mountstats_kind;
constinit const CollectorKind mountstats_kind{
    "mountstats", false, "what NFS mounts did", {}, make_collector<Mountstats>};

}  // namespace pifleet::node
