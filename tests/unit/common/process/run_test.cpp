#include "common/process/run.hpp"

#include "child.hpp"
#include "tests/catch.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <new>

namespace asio = boost::asio;
using namespace pifleet::process;
using namespace std::chrono_literals;
using pifleet::testing::in_child;

namespace {

// What systemd listens on: receives within a second or gives nothing.
class NotifySocket {
  public:
    explicit NotifySocket(std::string name)
        : name_(std::move(name)), socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name_.copy(address.sun_path, sizeof address.sun_path - 1);
        if (name_[0] == '@') address.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
        const timeval patience{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    }
    ~NotifySocket() {
        ::unsetenv("NOTIFY_SOCKET");
        ::close(socket_);
        if (name_[0] == '/') ::unlink(name_.c_str());
    }
    std::string receive() const {
        char buffer[256];
        const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
        return {buffer, static_cast<std::size_t>(got < 0 ? 0 : got)};
    }

  private:
    std::string name_;
    int socket_;
};

std::string unique_name(const char* what) {
    return what + std::to_string(::getpid());
}

// Turns the loop, raising a signal first; the exit code is 50 + how often each function was called.
int after_signals(std::initializer_list<int> signals) {
    asio::io_context io;
    int reloads = 0;
    handle_signals(
        io, [&] { io.stop(); }, [&] { ++reloads; });
    for (const int signal : signals) {
        ::raise(signal);
        io.run_for(20ms);
    }
    return 50 + reloads + (io.stopped() ? 10 : 0);
}

}  // namespace

TEST_CASE("an exception becomes a line and exit code 1") {
    CHECK(guarded_main("prog", [] { return 7; }) == 7);
    const auto outcome = in_child(
        [] { return guarded_main("prog", []() -> int { throw std::runtime_error("cannot go on"); }); });
    CHECK(outcome.status == 1);
    CHECK(outcome.err == "prog: cannot go on\n");
    CHECK(in_child([] { return guarded_main("prog", []() -> int { throw std::bad_alloc(); }); }).status == 1);
    CHECK(in_child([] { return guarded_main("prog", []() -> int { throw 3; }); }).status == 1);
}

TEST_CASE("SIGTERM and SIGINT stop, SIGHUP reloads each time") {
    CHECK(in_child([] { return after_signals({SIGTERM}); }).status == 60);
    CHECK(in_child([] { return after_signals({SIGINT}); }).status == 60);
    CHECK(in_child([] { return after_signals({SIGHUP, SIGHUP}); }).status == 52);
    CHECK(in_child([] { return after_signals({SIGHUP, SIGTERM}); }).status == 61);
    CHECK(in_child([] { return after_signals({SIGPIPE}); }).status == 50);
}

TEST_CASE("a second signal ends the process at once, even when the loop no longer turns") {
    CHECK(in_child([] { return after_signals({SIGTERM, SIGTERM}); }).status == 128 + SIGTERM);
    CHECK(in_child([] { return after_signals({SIGTERM, SIGINT}); }).status == 128 + SIGINT);
}

TEST_CASE("the loop ends by itself after the first signal when nothing else is to be done") {
    const auto outcome = in_child([] {
        asio::io_context io;
        handle_signals(
            io, [] {}, [] {});
        asio::post(io, [] { ::raise(SIGTERM); });
        io.run_for(5s);
        return io.stopped() ? 0 : 1;
    });
    CHECK(outcome.status == 0);
}

TEST_CASE("systemd is told over a socket in the file system or in the abstract namespace") {
    const auto folder = std::filesystem::temp_directory_path().string();
    for (const auto& name : {folder + unique_name("/pifleet-notify-"), unique_name("@pifleet-notify-")}) {
        const NotifySocket systemd(name);
        notify_systemd("STATUS=12 targets");
        CHECK(systemd.receive() == "STATUS=12 targets");
    }
}

TEST_CASE("without systemd, or with a socket that is not there, nothing happens") {
    const std::string too_long = "/" + std::string(200, 'x');
    for (const char* name :
         {"", "/", "/nowhere/at/all", "relative", "vsock:2:1234", "@nobody-listens", too_long.c_str()}) {
        ::setenv("NOTIFY_SOCKET", name, 1);
        CHECK_NOTHROW(notify_systemd("READY=1"));
    }
    ::unsetenv("NOTIFY_SOCKET");
    CHECK_NOTHROW(notify_systemd("READY=1"));
}

TEST_CASE("the watchdog is fed while the loop turns") {
    const NotifySocket systemd(unique_name("@pifleet-watchdog-"));
    ::setenv("WATCHDOG_USEC", "10000", 1);
    asio::io_context io;
    notify_ready(io);
    io.run_for(50ms);
    ::unsetenv("WATCHDOG_USEC");
    CHECK(systemd.receive() == "READY=1");
    CHECK(systemd.receive() == "WATCHDOG=1");
    CHECK(systemd.receive() == "WATCHDOG=1");
}

TEST_CASE("no watchdog, or another process's, leaves the loop free to end") {
    const NotifySocket systemd(unique_name("@pifleet-ready-"));
    for (const auto& [limit, process] :
         {std::pair{"", ""}, {"0", ""}, {"-5", ""}, {"soon", ""}, {"10000", "1"}}) {
        ::setenv("WATCHDOG_USEC", limit, 1);
        if (*process != '\0') ::setenv("WATCHDOG_PID", process, 1);
        asio::io_context io;
        notify_ready(io);
        CHECK(systemd.receive() == "READY=1");
        CHECK(io.run() == 0);
    }
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
}
