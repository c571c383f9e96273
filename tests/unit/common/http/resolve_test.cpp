// The C library's resolver is replaced for the names that end in ".test": what a slow name server does to
// others cannot be tried otherwise.
#include "common/http/resolve.hpp"

#include "peers.hpp"
#include "tests/catch.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;

namespace {

struct NameServer {
    std::mutex mutex;
    std::condition_variable changed;
    bool awake = false;
    std::atomic<int> asked{0};  // slow names, so far
    int inside = 0;

    void answer_slowly() {
        std::unique_lock lock(mutex);
        ++asked;
        ++inside;
        changed.wait_for(lock, 5s, [this] { return awake; });
        --inside;
        changed.notify_all();
    }
    void wake() {
        std::unique_lock lock(mutex);
        awake = true;
        changed.notify_all();
        changed.wait_for(lock, 5s, [this] { return inside == 0; });
        awake = false;
    }
};

NameServer& name_server() {
    static NameServer server;
    return server;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* host,
                                                                  const char* service,
                                                                  const addrinfo* hints,
                                                                  addrinfo** out) {
    static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
    const std::string_view name = host ? host : "";
    if (!name.ends_with(".test")) return real(host, service, hints, out);
    if (hints->ai_flags & AI_NUMERICHOST) return EAI_NONAME;
    if (name.starts_with("slow")) name_server().answer_slowly();
    return name.starts_with("none") ? EAI_NONAME : real("127.0.0.1", service, hints, out);
}

namespace {

// Addresses as text, or the error.
std::string resolved(boost::asio::io_context& io, std::string host, std::chrono::milliseconds time) {
    const auto found = run(io, resolve(std::move(host), 9100, in(time)));
    if (!found) return found.error().message;
    std::string out;
    for (const auto& endpoint : *found)
        out += endpoint.address().to_string() + ' ' + std::to_string(endpoint.port()) + '\n';
    return out;
}

}  // namespace

TEST_CASE("names and addresses are resolved", "[http]") {
    boost::asio::io_context io;
    CHECK(resolved(io, "127.0.0.1", 1s) == "127.0.0.1 9100\n");
    CHECK(resolved(io, "::1", 1s) == "::1 9100\n");
    CHECK(resolved(io, "quick.test", 1s) == "127.0.0.1 9100\n");
    CHECK(resolved(io, "none.test", 1s) == "Name or service not known");
}

TEST_CASE("a name that does not answer costs the deadline and nobody else's time", "[http]") {
    boost::asio::io_context io;
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) CHECK(resolved(io, "slow.test", 50ms) == "no answer within 0.05s");
    CHECK(resolved(io, "quick.test", 1s) == "127.0.0.1 9100\n");
    CHECK(resolved(io, "slow.test", 50ms) == "no answer within 0.05s");
    CHECK(name_server().asked == 4);
    // All four threads are taken: what comes now waits its turn, and is not asked any more when its time is
    // over.
    CHECK(resolved(io, "slow.test", 50ms) == "no answer within 0.05s");
    CHECK(std::chrono::steady_clock::now() - began < 2s);
    name_server().wake();
    CHECK(resolved(io, "quick.test", 1s) == "127.0.0.1 9100\n");
    CHECK(name_server().asked == 4);
}

TEST_CASE("a question outlives the loop that asked it", "[http]") {
    const int before = name_server().asked;
    {
        boost::asio::io_context io;
        boost::asio::co_spawn(io, resolve("slow.test", 1, in(10s)), [](std::exception_ptr, auto) {});
        io.run_for(50ms);
    }
    CHECK(name_server().asked == before + 1);
    name_server().wake();
}
