// pifleet_bench_house: targets and a receiver for one sender, steered by lines on stdin, each answered by a
// line of JSON. table.py starts one beside each sender that it measures; so cheap that it does not disturb.
//
//   open · refuse · blackhole · busy SECONDS · report
#include "common/base/files.hpp"
#include "common/process/command_line.hpp"
#include "common/process/run.hpp"
#include "tests/bench/house/sink.hpp"
#include "tests/bench/house/targets.hpp"
#include "tests/bench/house/tls_front.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <span>

namespace {

using namespace pifleet;
using namespace pifleet::bench;
using nlohmann::json;
using process::FlagKind;

constexpr std::size_t largest_recording = 512 << 20;

constexpr process::Flag flags[] = {
    {"page", FlagKind::text, "", "File with the page whose series the targets serve, counting.", true},
    {"recording", FlagKind::text, "", "File of pages to play back instead, each ended by '# EOF'.", true},
    {"targets", FlagKind::text, "5", "How many targets.", true},
    {"gzip", FlagKind::on_off, "false", "Pages are sent compressed.", true},
    {"certificate", FlagKind::text, "", "PEM file with certificate and key: the sink has HTTPS too.", true},
};

struct House {
    House(boost::asio::io_context& io, Pages pages, bool gzip, bool sequenced)
        : targets(io, std::move(pages), gzip), sink(io, sequenced) {}
    Targets targets;
    Sink sink;
    std::unique_ptr<TlsFront> front;
};

json report_of(const House& house) {
    const auto report = house.sink.report();
    auto scrapes = json::array();
    for (const auto& target : house.targets.all()) scrapes.push_back(target.scrapes);
    return {{"scrapes", scrapes},
            {"series", report.counts.series},
            {"lost", report.counts.lost},
            {"repeated", report.counts.repeated},
            {"disordered", report.counts.disordered},
            {"requests", report.requests},
            {"samples", report.samples},
            {"body_bytes", report.body_bytes},
            {"metadata_requests", report.metadata_requests},
            {"turned_away", report.turned_away},
            {"broken", report.broken},
            {"first_success_ms", report.first_success_ms ? json(*report.first_success_ms) : json()}};
}

json ports_of(const House& house) {
    auto targets = json::array();
    for (const auto& target : house.targets.all()) targets.push_back(target.port);
    return {{"targets", targets},
            {"sink", house.sink.port()},
            {"https", house.front ? json(house.front->port()) : json()}};
}

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

json obey(House& house, std::string_view line) {
    constexpr std::string_view busy = "busy ";
    Result<void> done;
    if (line == "report") return report_of(house);
    if (line == "open")
        done = house.sink.open();
    else if (line == "refuse")
        house.sink.refuse();
    else if (line == "blackhole")
        done = house.sink.black_hole();
    else if (const auto seconds = whole_number(line.substr(std::min(line.size(), busy.size())));
             line.substr(0, busy.size()) == busy && seconds)
        house.sink.busy(std::chrono::seconds(*seconds));
    else
        done = failure("unknown command");
    return done ? json::object() : json{{"error", done.error().message}};
}

void answer(const json& what) {
    std::fputs((what.dump() + "\n").c_str(), stdout);
    std::fflush(stdout);
}

// Until stdin ends: with its driver, the house goes too.
boost::asio::awaitable<void> listen_to_driver(boost::asio::io_context& io, House& house) {
    boost::asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
    std::string text;
    for (;;) {
        auto buffer = boost::asio::dynamic_buffer(text);
        const auto [error, size] = co_await boost::asio::async_read_until(
            input, buffer, '\n', boost::asio::as_tuple(boost::asio::use_awaitable));
        if (error) break;
        answer(obey(house, std::string_view(text).substr(0, size - 1)));
        text.erase(0, size);
    }
    io.stop();
}

Result<Pages> pages_of(const process::CommandLine& line) {
    const bool recording = line.given("recording");
    auto text = read_file(line.text(recording ? "recording" : "page"), largest_recording);
    if (!text) return text.error();
    if (recording) return recorded_pages(std::move(*text));
    return counting_pages(*text);
}

Result<void> run(const process::CommandLine& line) {
    auto pages = pages_of(line);
    if (!pages) return pages.error();
    const auto targets = whole_number(line.text("targets"));
    if (!targets || *targets < 1) return failure("--targets: expected a number from 1 on");

    boost::asio::io_context io{1};
    House house(io, std::move(*pages), line.on("gzip"), !line.given("recording"));
    if (auto listening = house.targets.listen(static_cast<std::size_t>(*targets)); !listening)
        return listening.error();
    if (auto open = house.sink.open(); !open) return open.error();
    if (line.given("certificate")) {
        auto front = TlsFront::open(io, line.text("certificate"), house.sink.port());
        if (!front) return front.error();
        house.front = std::move(*front);
    }
    answer(ports_of(house));
    boost::asio::co_spawn(io, listen_to_driver(io, house), boost::asio::detached);
    io.run();
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    return process::guarded_main("pifleet_bench_house", [&] {
        process::CommandLine line(
            {"pifleet_bench_house", "Targets and a receiver for one sender.", "[flags]", ""});
        line.declare(flags);
        const std::span<const char* const> arguments(argv + 1, static_cast<std::size_t>(argc - 1));
        if (const auto code = line.parse(arguments)) return *code;
        const auto done = run(line);
        if (!done) std::fprintf(stderr, "pifleet_bench_house: %s\n", done.error().message.c_str());
        return done ? 0 : 1;
    });
}
