// What every program does around its io_context: one catch, signals, systemd, its own version and resource
// use.
#pragma once

#include "common/metrics/page.hpp"
#include "common/process/build_info.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <string_view>
#include <vector>

namespace pifleet::process {

/// Calls `body`, turns what it throws into one line on stderr and exit code 1.
int guarded_main(std::string_view program, const std::function<int()>& body);

/// Calls `stop` at the first SIGTERM or SIGINT; a second one ends the process at once with 128+signal.
/// Calls `reload` (if any) at each SIGHUP. SIGPIPE is ignored. Waiting for signals keeps io.run() from
/// returning by itself until the first of them has come.
void handle_signals(boost::asio::io_context& io,
                    std::function<void()> stop,
                    std::function<void()> reload = {});

/// sd_notify(3) over $NOTIFY_SOCKET; without it nothing happens. State as there: "READY=1", "STOPPING=1",
/// "STATUS=…", "WATCHDOG=1".
void notify_systemd(std::string_view state);

/// Tells systemd that the program is ready, then every half of $WATCHDOG_USEC (if set) that the loop still
/// turns; under a watchdog io.run() ends by io.stop() only.
void notify_ready(boost::asio::io_context& io);

/// The listening sockets that systemd opened for this process ($LISTEN_FDS): descriptors in its order, ours
/// to close. Empty without any.
std::vector<int> sockets_of_systemd();

/// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, …: as client libraries name
/// them.
void add_process_metrics(metrics::Page& page);

}  // namespace pifleet::process
