// How this machine's clock stands to an NTP server, which is meant to be its own (upstream's rule: a server
// of this machine, unless --collector.ntp.server-is-local says otherwise), and whether that server's time may
// be believed.
#include "common/base/text.hpp"
#include "exporters/node/aside.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/sntp.hpp"
#include "exporters/node/plain_socket.hpp"

#include <arpa/inet.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;
using namespace std::chrono_literals;

constexpr Family stratum{"node_ntp_stratum",
                         Type::gauge,
                         "How many servers are between the server and a clock; 0: it is refusing."};
constexpr Family leap{"node_ntp_leap",
                      Type::gauge,
                      "1: this day gets a second more, 2: a second less, 3: the server has no time."};
constexpr Family rtt{"node_ntp_rtt_seconds", Type::gauge, "To the server and back."};
constexpr Family offset{
    "node_ntp_offset_seconds", Type::gauge, "What to add to this clock to have the server's."};
constexpr Family reference{"node_ntp_reference_timestamp_seconds",
                           Type::gauge,
                           "When the server's clock was set or corrected last."};
constexpr Family root_delay{
    "node_ntp_root_delay_seconds", Type::gauge, "From the server to the clock at the root, and back."};
constexpr Family root_dispersion{
    "node_ntp_root_dispersion_seconds", Type::gauge, "How wrong the server may be by its own account."};
constexpr Family sanity{"node_ntp_sanity", Type::gauge, "Whether the server's time may be believed."};

constexpr std::string_view server_flag = "collector.ntp.server";
constexpr std::string_view port_flag = "collector.ntp.server-port";
constexpr std::string_view version_flag = "collector.ntp.protocol-version";
constexpr std::string_view local_flag = "collector.ntp.server-is-local";
constexpr std::string_view hops_flag = "collector.ntp.ip-ttl";
constexpr std::string_view distance_flag = "collector.ntp.max-distance";
constexpr std::string_view tolerance_flag = "collector.ntp.local-offset-tolerance";
constexpr process::Flag flags[] = {
    {server_flag, FlagKind::text, "127.0.0.1", "The NTP server to ask."},
    {port_flag, FlagKind::text, "123", "Its UDP port."},
    {version_flag, FlagKind::text, "4", "Version of NTP to ask in: 2, 3 or 4."},
    {local_flag, FlagKind::on_off, "false", "The server is ours though its address is not of this machine."},
    {hops_flag, FlagKind::text, "1", "How many routers a question may pass."},
    {distance_flag, FlagKind::text, "3.46608s", "The error up to the root that is still sane."},
    {tolerance_flag, FlagKind::text, "1ms", "The difference between both clocks that is still sane."},
};

constexpr auto limit = 1s, at_last = 5s;

struct Settings {
    std::string server;
    std::uint16_t port;
    unsigned version;
    int hops;
    Nanoseconds most_distance, tolerance;
};

struct Exchange {
    SntpAnswer answer;
    SntpFindings found;
    Nanoseconds heard;  // by our clock
};

Result<Exchange> exchange(const Settings& settings) {
    const auto deadline = std::chrono::steady_clock::now() + at_last;
    auto socket = PlainSocket::to_host(settings.server, settings.port, SOCK_DGRAM, deadline);
    if (!socket) return socket.error();
    if (settings.hops != 0)
        if (const auto set = socket->set_hops(settings.hops); !set) return set.error();
    std::uint64_t cookie = 0;
    if (getrandom(&cookie, sizeof cookie, 0) != sizeof cookie) return failure("no random number to be had");
    const Nanoseconds asked = std::chrono::system_clock::now().time_since_epoch();
    const auto begin = std::chrono::steady_clock::now();  // a clock that is set meanwhile does no harm
    const auto sent = socket->send_all(sntp_question(settings.version, cookie), deadline);
    if (!sent) return sent.error();
    std::array<char, 512> packet;
    const auto size = socket->receive(packet, deadline);
    const Nanoseconds heard = asked + (std::chrono::steady_clock::now() - begin);
    if (!size) return size.error();
    const auto answer = parse_sntp_answer({packet.data(), *size}, cookie);
    if (!answer) return answer.error();
    return Exchange{*answer, judge(*answer, to_ntp_time(asked), to_ntp_time(heard)), heard};
}

double seconds(Nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

class Ntp final : public Collector {
  public:
    explicit Ntp(Settings settings) : settings_(std::move(settings)), aside_("the NTP server", limit) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        const auto result = aside_.ask<Exchange>([settings = settings_] { return exchange(settings); });
        if (!result)
            return failure(settings_.server + " port " + std::to_string(settings_.port) + ": " +
                           result.error().message);
        const auto& [answer, found, heard] = *result;
        page.add(stratum, answer.stratum);
        page.add(leap, answer.leap);
        page.add(rtt, seconds(found.round_trip));
        page.add(offset, seconds(found.offset));
        page.add(reference, reference_seconds(answer));
        page.add(root_delay, seconds(answer.root_delay));
        page.add(root_dispersion, seconds(answer.root_dispersion));
        const bool sane = is_sound(answer) && found.root_distance <= settings_.most_distance &&
                          found.least_error <= tolerance(answer, heard);
        page.add(sanity, sane ? 1 : 0);
        return {};
    }

  private:
    // In the day before and after a leap second, servers that smear it differ by up to a second from those
    // that do not. The flag is gone right after it, so the midnight is remembered.
    Nanoseconds tolerance(const SntpAnswer& answer, Nanoseconds now) {
        constexpr Nanoseconds day = 24h;
        if (answer.leap == 1 || answer.leap == 2) leap_midnight_ = (now / day + 1) * day;
        const bool near = leap_midnight_ && *leap_midnight_ - day < now && now < *leap_midnight_ + day;
        return settings_.tolerance + (near ? 1s : 0s);
    }

    Settings settings_;
    Aside aside_;
    std::optional<Nanoseconds> leap_midnight_;
};

bool of_this_machine(const std::string& server) {
    in_addr four;
    in6_addr six;
    if (inet_pton(AF_INET, server.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, server.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

Error wrong(std::string_view flag, const std::string& value, std::string_view expected) {
    return failure("--" + std::string(flag) + ": '" + value + "' is not " + std::string(expected));
}

Result<std::uint64_t> number(const process::CommandLine& given,
                             std::string_view flag,
                             std::uint64_t least,
                             std::uint64_t most,
                             std::string_view expected) {
    const auto value = to_unsigned(given.text(flag));
    if (!value || *value < least || *value > most) return wrong(flag, given.text(flag), expected);
    return *value;
}

Result<Nanoseconds> duration(const process::CommandLine& given, std::string_view flag) {
    const auto value = parse_go_duration(given.text(flag));
    if (!value || *value < 0ns) return wrong(flag, given.text(flag), "a time such as 1ms or 3.5s");
    return *value;
}

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    const auto& server = given.text(server_flag);
    if (!given.on(local_flag) && !of_this_machine(server))
        return wrong(server_flag,
                     server,
                     "an address of this machine; --" + std::string(local_flag) + " says that it is ours");
    const auto port = number(given, port_flag, 1, 65535, "a port");
    const auto version = number(given, version_flag, 2, 4, "2, 3 or 4");
    const auto hops = number(given, hops_flag, 0, 255, "a number up to 255");
    for (const auto* each : {&port, &version, &hops})
        if (!*each) return each->error();
    const auto distance = duration(given, distance_flag), tolerance = duration(given, tolerance_flag);
    for (const auto* each : {&distance, &tolerance})
        if (!*each) return each->error();
    return std::make_unique<Ntp>(Settings{server,
                                          static_cast<std::uint16_t>(*port),
                                          static_cast<unsigned>(*version),
                                          static_cast<int>(*hops),
                                          *distance,
                                          *tolerance});
}

}  // namespace

extern const CollectorKind ntp_kind;
constinit const CollectorKind ntp_kind{"ntp", false, "this clock beside an NTP server's", flags, make};

}  // namespace pifleet::node
