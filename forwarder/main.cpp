// pifleet-forwarder: scrapes what a Prometheus configuration names and relays it over remote_write. Wiring
// only.
#include "common/config/values.hpp"
#include "common/http/server.hpp"
#include "common/process/command_line.hpp"
#include "common/process/log.hpp"
#include "common/process/run.hpp"
#include "forwarder/backends/catalogue.hpp"
#include "forwarder/commands/backends.hpp"
#include "forwarder/commands/log.hpp"
#include "forwarder/commands/scrape.hpp"
#include "forwarder/pipeline.hpp"
#include "forwarder/status/routes.hpp"

#include <boost/asio/io_context.hpp>
#include <malloc.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

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
    {"storage.path",
     FlagKind::text,
     "/var/lib/pifleet/forwarder",
     "Folder for samples that no backend has taken yet; empty: memory only.",
     true},
    {"storage.max-bytes",
     FlagKind::text,
     "256MiB",
     "What they may take there; beyond it the oldest go.",
     true},
    {"storage.max-age", FlagKind::text, "7d", "How long they are kept there."},
    {"storage.sync",
     FlagKind::text,
     "interval",
     "When they are synced to the disk: interval (every 10 s), never or always."},
    {"presets.dir",
     FlagKind::text,
     "/etc/pifleet/presets.d",
     "Folder of presets of your own; they replace those of the same name."},
    {"log.level", FlagKind::text, "info", "debug, info, warn or error.", true},
    {"log.format", FlagKind::text, "logfmt", "logfmt or json.", true},
};

constexpr std::uint64_t least_storage_bytes = 1 << 20;

constexpr process::Program program{
    "pifleet-forwarder",
    "Scrapes Prometheus targets and relays every sample over remote_write.",
    "[COMMAND] [flags]",
    "SIGHUP or POST /-/reload reads the configuration again; a bad one changes nothing.\n"
    "Example: pifleet-forwarder --config.file=prometheus.yml\n"
    "Commands: backends [NAME] lists the systems that samples can go to;\n"
    "log inspect|verify|export FOLDER looks into a storage folder;\n"
    "scrape TARGET|JOB prints what one scrape yields.",
};

struct Command {
    std::string_view name;
    int (*run)(std::span<const char* const> words);  // those behind the name; the answer is the exit code
};
constexpr Command commands[] = {
    {"backends", forwarder::backends_command},
    {"log", forwarder::log_command},
    {"scrape", forwarder::scrape_command},
};

int complain(const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program.name.data(), error.message.c_str());
    return 1;
}

Result<forwarder::StoreOptions> storage_options(const process::CommandLine& line) {
    const auto wrong = [](std::string_view flag, const Error& error) {
        return failure("--" + std::string(flag) + ": " + error.message);
    };
    forwarder::StoreOptions options;
    const auto bytes = config::parse_bytes(line.text("storage.max-bytes"));
    if (!bytes) return wrong("storage.max-bytes", bytes.error());
    if (bytes->count < least_storage_bytes) return failure("--storage.max-bytes: expected 1MiB or more");
    const auto age = config::parse_duration(line.text("storage.max-age"));
    if (!age) return wrong("storage.max-age", age.error());
    const auto sync = forwarder::parse_sync_policy(line.text("storage.sync"));
    if (!sync) return wrong("storage.sync", sync.error());
    options.most_bytes = bytes->count;
    options.most_age = *age;
    options.sync = *sync;
    return options;
}

// Where samples that wait are kept; null: memory only. Only a folder that another process uses is an error.
Result<std::unique_ptr<forwarder::Folder>> storage_folder(const std::string& path) {
    if (path.empty()) return std::unique_ptr<forwarder::Folder>();
    auto folder = forwarder::open_folder(path);
    if (folder || folder.error().kind != Error::Kind::absent) return folder;
    log::warn(
        "samples that wait are kept in memory only: a stop loses them; name a folder with --storage.path",
        {{"error", folder.error()}});
    return std::unique_ptr<forwarder::Folder>();
}

// A scrape of ten thousand series is a block of 160 kB that lives until it is sent. glibc, left to itself,
// soon takes such blocks from the heap, where small things that live long keep their room from being given
// back.
void give_back_large_blocks() {
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

int run(int argc, char** argv) {
    process::CommandLine line(program);
    line.declare(flags);
    if (const auto code = line.parse({argv + 1, static_cast<std::size_t>(argc - 1)})) return *code;
    for (const auto& set : {log::set_level(line.text("log.level")), log::set_format(line.text("log.format"))})
        if (!set) return complain(set.error());

    if (const auto added = forwarder::add_presets(line.text("presets.dir")); !added)
        return complain(added.error());
    const auto storage = storage_options(line);
    if (!storage) return complain(storage.error());
    auto folder = storage_folder(line.text("storage.path"));
    if (!folder) return complain(folder.error());

    give_back_large_blocks();
    boost::asio::io_context io(1);
    forwarder::Pipeline pipeline(io, line.text("config.file"), std::move(*folder), *storage);
    const auto reload = [&pipeline] {
        auto loaded = pipeline.load();
        if (loaded)
            log::info("the configuration was read again and is in use");
        else
            log::error("the configuration was not taken; the one before stays in use",
                       {{"error", loaded.error()}});
        return loaded;
    };
    http::Server server(io,
                        forwarder::status::routes({[&pipeline] { return pipeline.snapshot(); },
                                                   reload,
                                                   [&pipeline] { return pipeline.families(); },
                                                   [&pipeline] { return pipeline.shown_config(); }}));
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
    const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
    return process::guarded_main(program.name, [&] {
        for (const auto& command : commands)
            if (words.size() > 1 && words[1] == command.name) return command.run(words.subspan(2));
        return run(argc, argv);
    });
}
