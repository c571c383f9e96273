// Wiring only.
#include "exporters/node/program.hpp"

#include "common/base/text.hpp"
#include "common/http/server.hpp"
#include "common/process/command_line.hpp"
#include "common/process/log.hpp"
#include "common/process/run.hpp"
#include "exporters/node/commands/commands.hpp"
#include "exporters/node/hand_over.hpp"
#include "exporters/node/registry.hpp"
#include "exporters/node/web.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>
#include <utility>

namespace pifleet::node {

namespace {

using process::FlagKind;
using namespace std::chrono_literals;

constexpr process::Flag flags[] = {
    {"web.listen-address",
     FlagKind::list,
     ":9100",
     "Address to listen on; may be given several times.",
     true},
    {"web.telemetry-path", FlagKind::text, "/metrics", "Path of the metrics.", true},
    {"web.max-requests", FlagKind::text, "40", "Scrapes that may be under way at once; 0: any number."},
    {"web.systemd-socket", FlagKind::on_off, "false", "Listen on the sockets that systemd opened."},
    {"web.config.file", FlagKind::text, "", "The exporter-toolkit's file for TLS and passwords.", true},
    {"log.level", FlagKind::text, "info", "debug, info, warn or error.", true},
    {"log.format", FlagKind::text, "logfmt", "logfmt or json.", true},
    {"once", FlagKind::on_off, "false", "Print the metrics and end.", true},
    {"list-collectors", FlagKind::on_off, "false", "Print what each collector finds here and end.", true},
    {"compare",
     FlagKind::text,
     "",
     "URL of a node_exporter: print what it tells and this does not, and end.",
     true},
    {"runtime.gomaxprocs", FlagKind::text, "1", ""},  // in today's unit files; means nothing here
};

constexpr process::Program program{
    "pifleet-node-exporter",
    "Serves this machine's metrics to Prometheus, as node_exporter does.",
    "[flags]",
    "Collectors are switched by --collector.NAME and --no-collector.NAME; --help-all lists them.\n"
    "Example: pifleet-node-exporter --once --collector.disable-defaults --collector.cpu",
};

int complain(const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program.name.data(), error.message.c_str());
    return 1;
}

Result<void> listen(const process::CommandLine& line, http::Server& server) {
    if (line.on("web.systemd-socket")) {
        const auto sockets = process::sockets_of_systemd();
        if (sockets.empty()) return failure("--web.systemd-socket: systemd gave no socket ($LISTEN_FDS)");
        for (const int socket : sockets) {
            const auto address = server.listen_on(socket);
            if (!address) return failure("--web.systemd-socket: " + address.error().message);
            log::info("listening", {{"address", *address}, {"socket", "systemd"}});
        }
        return {};
    }
    for (const auto& address : line.list("web.listen-address")) {
        const auto port = server.listen(address);
        if (!port) return port.error();
        log::info("listening", {{"address", address}, {"port", *port}});
    }
    return {};
}

int serve(const process::CommandLine& line, Exporter& exporter, const Extras* extras) {
    const auto most = to_unsigned(line.text("web.max-requests"));
    if (!most)
        return complain(
            failure("--web.max-requests: '" + line.text("web.max-requests") + "' is not a number"));
    const auto& path = line.text("web.telemetry-path");
    if (!path.starts_with('/'))
        return complain(failure("--web.telemetry-path: '" + path + "' does not begin with /"));

    Web web(exporter, path, *most);  // outlives the io_context, whose coroutines refer to it
    boost::asio::io_context io(1);
    Front front{http::route(web.routes()), {}};
    if (const auto& file = line.text("web.config.file"); !file.empty()) {
        auto guarded = extras->guarded(file, std::move(front.handler));
        if (!guarded) return complain(guarded.error());
        front = std::move(*guarded);
        log::info("answers are guarded", {{"file", file}, {"tls", front.tls ? "on" : "off"}});
    }
    http::Server server(io, front.handler, {}, front.tls);
    if (const auto listening = listen(line, server); !listening) return complain(listening.error());
    process::handle_signals(io, [&io, &server] {
        process::notify_systemd("STOPPING=1");
        server.stop();
        io.stop();
    });
    process::notify_ready(io);
    io.run();
    // Answers under way may end: at once, or after as long as a scrape waits for a file system that does not
    // answer.
    io.restart();
    io.run_for(web.idle() ? 200ms : 6s);
    web.finish();
    log::info("stopped");
    return 0;
}

int run(int argc, char** argv, const Extras* extras) {
    process::CommandLine line(program);
    line.declare(flags);
    line.declare(exporter_flags());
    declare_collector_flags(line);
    if (const auto code = line.parse({argv + 1, static_cast<std::size_t>(argc - 1)})) return *code;
    const bool more = !line.text("web.config.file").empty() || !line.text("compare").empty();
    if (more && extras == nullptr) return complain(hand_over("-tls", argv));
    for (const auto& set : {log::set_level(line.text("log.level")), log::set_format(line.text("log.format"))})
        if (!set) return complain(set.error());
    const auto exporter = Exporter::make(line);
    if (!exporter) return complain(exporter.error());
    if (line.on("once")) return print_page(**exporter);
    if (line.on("list-collectors")) return list_collectors(**exporter);
    if (const auto& url = line.text("compare"); !url.empty()) return extras->compare(**exporter, url);
    return serve(line, **exporter, extras);
}

}  // namespace

int run_program(int argc, char** argv, const Extras* extras) {
    return process::guarded_main(program.name, [&] { return run(argc, argv, extras); });
}

}  // namespace pifleet::node
