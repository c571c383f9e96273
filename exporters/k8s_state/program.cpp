// Wiring only.
#include "exporters/k8s_state/program.hpp"

#include "common/base/text.hpp"
#include "common/http/server.hpp"
#include "common/http/web/guard.hpp"
#include "common/process/command_line.hpp"
#include "common/process/log.hpp"
#include "common/process/run.hpp"
#include "exporters/k8s_state/auth_filter.hpp"
#include "exporters/k8s_state/cluster_api.hpp"
#include "exporters/k8s_state/exporter.hpp"
#include "exporters/k8s_state/web.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::k8s {

namespace {

using namespace std::chrono_literals;

constexpr process::Program program{
    "pifleet-k8s-state-exporter",
    "Serves the state of a Kubernetes cluster to Prometheus, as kube-state-metrics does.",
    "[flags]",
    "Example: pifleet-k8s-state-exporter --kubeconfig ~/.kube/config --resources pods,nodes,deployments",
};

int complain(const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program.name.data(), error.message.c_str());
    return 1;
}

std::string address(const std::string& host, std::uint64_t port) {
    const auto number = ':' + std::to_string(port);
    if (host.empty() || host == "::") return number;  // every address, also where there is no IPv6
    return (host.find(':') == host.npos ? host : '[' + host + ']') + number;
}

Result<void> set_up_log(const Options& options) {
    if (auto set = log::set_format(options.log_format); !set) return set.error();
    auto level = options.log_level;
    if (!options.verbosity.empty()) {
        const auto verbosity = to_int(options.verbosity);
        if (!verbosity) return failure("-v: '" + options.verbosity + "' is not a number");
        if (*verbosity >= 4) level = "debug";
    }
    return log::set_level(level);
}

// TLS, passwords and headers for both ports, as --tls-config has them.
struct Front {
    std::shared_ptr<http::web::Guard> guard;

    http::Handler handler(std::vector<http::Route> routes) const {
        auto pages = http::route(std::move(routes));
        return guard ? guard->handler(std::move(pages)) : pages;
    }
    http::TlsMaker tls() const { return guard ? guard->tls() : http::TlsMaker(); }
};

Result<Front> make_front(const Options& options) {
    Front front;
    if (options.tls_config.empty()) return front;
    auto guard = http::web::Guard::open(options.tls_config);
    if (!guard) return failure("--tls-config: " + guard.error().message);
    front.guard = std::move(*guard);
    log::info("answers are guarded",
              {{"file", options.tls_config}, {"tls", front.guard->has_tls() ? "on" : "off"}});
    return front;
}

http::ServerLimits limits(const Options& options) {
    http::ServerLimits out;
    out.read = options.read_timeout;
    out.head = options.read_header_timeout;
    out.write = options.write_timeout;
    out.idle = options.idle_timeout;
    return out;
}

Result<void> listen(http::Server& server,
                    std::string_view what,
                    const std::string& host,
                    std::uint64_t port) {
    const auto where = address(host, port);
    const auto got = server.listen(where);
    if (!got) return got.error();
    log::info("listening", {{"address", where}, {"port", *got}, {"for", what}});
    return {};
}

// Every second, as long as the loop runs.
void look_every_second(boost::asio::steady_timer& timer, Exporter& exporter) {
    timer.expires_after(1s);
    timer.async_wait([&timer, &exporter](const boost::system::error_code& error) {
        if (error) return;
        exporter.look();
        look_every_second(timer, exporter);
    });
}

int serve(Options flags) {
    boost::asio::io_context io(1);
    Exporter exporter(io.get_executor(), std::move(flags), cluster_of(io.get_executor()));
    if (const auto begun = exporter.begin(); !begun) return complain(begun.error());
    const auto& options = exporter.options();
    Web web(exporter);
    const auto front = make_front(options);
    if (!front) return complain(front.error());
    Web::Guard filter;
    if (options.auth_filter)
        filter = [auth = std::make_shared<AuthFilter>([&exporter] { return exporter.api(); })](
                     http::Handler inner) { return auth->handler(std::move(inner)); };
    http::Server server(io, front->handler(web.cluster_routes(filter)), limits(options), front->tls());
    http::Server own_server(io, front->handler(web.own_routes(filter)), limits(options), front->tls());
    for (const auto& done :
         {listen(server, "the cluster's metrics", options.host, options.port),
          listen(own_server, "its own metrics", options.telemetry_host, options.telemetry_port)})
        if (!done) return complain(done.error());
    boost::asio::steady_timer timer(io);
    look_every_second(timer, exporter);
    process::handle_signals(
        io,
        [&] {
            process::notify_systemd("STOPPING=1");
            server.stop();
            own_server.stop();
            io.stop();
        },
        [&exporter] { exporter.reload(); });
    process::notify_ready(io);
    io.run();
    timer.cancel();
    io.restart();
    io.run_for(200ms);  // answers under way may end
    log::info("stopped");
    return 0;
}

int run(int argc, char** argv) {
    process::CommandLine line(program);
    line.declare(option_flags());
    const auto words = go_spellings({argv + 1, static_cast<std::size_t>(argc - 1)});
    std::vector<const char*> arguments;
    for (const auto& word : words) arguments.push_back(word.c_str());
    if (const auto code = line.parse(arguments)) return *code;
    auto options = read_options(line);
    if (!options) return complain(options.error());
    if (const auto good = set_up_log(*options); !good) return complain(good.error());
    for (const auto& flag : without_effect(line)) log::info("a flag has no effect here", {{"flag", flag}});
    return serve(std::move(*options));
}

}  // namespace

int run_program(int argc, char** argv) {
    return process::guarded_main(program.name, [&] { return run(argc, argv); });
}

}  // namespace pifleet::k8s
