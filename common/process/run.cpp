#include "common/process/run.hpp"

#include <boost/asio/signal_set.hpp>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>

namespace pifleet::process {

namespace asio = boost::asio;

namespace {

int report(std::string_view program, std::string_view what) {
    const std::string line = std::string(program) + ": " + std::string(what) + "\n";
    std::fputs(line.c_str(), stderr);
    return 1;
}

void on_hangup(const std::shared_ptr<asio::signal_set>& signals, std::function<void()> reload) {
    signals->async_wait([signals, reload = std::move(reload)](const boost::system::error_code& error, int) {
        if (error) return;
        reload();
        on_hangup(signals, reload);
    });
}

// Not through Asio: it must work while the loop hangs, and after run() has returned.
void end_at_once_from_now_on() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { ::_exit(128 + signal); };
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

}  // namespace

int guarded_main(std::string_view program, const std::function<int()>& body) {
    try {
        return body();
    } catch (const std::exception& error) {
        return report(program, error.what());
    } catch (...) {
        return report(program, "an exception of unknown type");
    }
}

void handle_signals(asio::io_context& io, std::function<void()> stop, std::function<void()> reload) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto ending = std::make_shared<asio::signal_set>(io, SIGTERM, SIGINT);
    const auto hangup = std::make_shared<asio::signal_set>(io);
    if (reload) {
        hangup->add(SIGHUP);
        on_hangup(hangup, std::move(reload));
    }
    ending->async_wait([ending, hangup, stop = std::move(stop)](const boost::system::error_code& error, int) {
        if (error) return;
        ending->clear();
        end_at_once_from_now_on();
        hangup->cancel();
        stop();
    });
}

}  // namespace pifleet::process
