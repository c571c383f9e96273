// pifleet-forwarder: scrapes what a Prometheus configuration names and relays it over remote_write. Wiring
// only.
#include "common/http/server.hpp"
#include "common/process/command_line.hpp"
#include "common/process/log.hpp"
#include "common/process/run.hpp"
#include "forwarder/pipeline.hpp"
#include "forwarder/status/routes.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdio>

namespace {

using namespace pifleet;
using process::FlagKind;

constexpr process::Flag flags[] = {
    {"config.file",
     FlagKind::text,
     "/etc/pifleet/forwarder.yml",
     "Configuration, in Prometheus's format.",
     true},
    {"web.listen-address",
     FlagKind::list,
     "127.0.0.1:9095",
     "Address of the page; may be given several times.",
     true},
    {"log.level", FlagKind::text, "info", "debug, info, warn or error.", true},
    {"log.format", FlagKind::text, "logfmt", "logfmt or json.", true},
};

constexpr process::Program program{
    "pifleet-forwarder",
    "Scrapes Prometheus targets and relays every sample over remote_write.",
    "[flags]",
    "SIGHUP or POST /-/reload reads the configuration again; a bad one changes nothing.\n"
    "Example: pifleet-forwarder --config.file=prometheus.yml",
};

int complain(const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program.name.data(), error.message.c_str());
    return 1;
}

int run(int argc, char** argv) {
    process::CommandLine line(program);
    line.declare(flags);
    if (const auto code = line.parse({argv + 1, static_cast<std::size_t>(argc - 1)})) return *code;
    for (const auto& set : {log::set_level(line.text("log.level")), log::set_format(line.text("log.format"))})
        if (!set) return complain(set.error());

    boost::asio::io_context io(1);
    forwarder::Pipeline pipeline(io, line.text("config.file"));
    const auto reload = [&pipeline] {
        auto loaded = pipeline.load();
        if (loaded)
            log::info("the configuration was read again and is in use");
        else
            log::error("the configuration was not taken; the one before stays in use",
                       {{"error", loaded.error()}});
        return loaded;
    };
    http::Server server(io, forwarder::status::routes({[&pipeline] { return pipeline.snapshot(); }, reload}));
    if (const auto loaded = pipeline.load(); !loaded) {
        std::fprintf(
            stderr, "%s\n", loaded.error().message.c_str());  // "file:line:column: what", a line each
        return 1;
    }
    for (const auto& address : line.list("web.listen-address")) {
        const auto port = server.listen(address);
        if (!port) return complain(port.error());
        log::info("listening", {{"address", address}, {"port", *port}});
    }
    process::handle_signals(
        io,
        [&] {
            process::notify_systemd("STOPPING=1");
            server.stop();
            pipeline.stop([&io] { io.stop(); });
        },
        [&reload] { static_cast<void>(reload()); });
    process::notify_ready(io);
    io.run();
    log::info("stopped");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return process::guarded_main(program.name, [&] { return run(argc, argv); });
}
