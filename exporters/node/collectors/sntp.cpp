#include "exporters/node/collectors/sntp.hpp"

#include "common/base/text.hpp"

#include <algorithm>

namespace pifleet::node {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t packet_size = 48;
constexpr std::uint64_t seconds_1900_to_1970 = 2'208'988'800;
constexpr std::int64_t second = 1'000'000'000;

std::uint64_t big_endian(std::string_view packet, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : packet.substr(at, size)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

// 16 bits of seconds and 16 of their fraction.
Nanoseconds short_time(std::string_view packet, std::size_t at) {
    return Nanoseconds(static_cast<std::int64_t>(big_endian(packet, at, 4) * second >> 16));
}

Nanoseconds to_nanoseconds(std::int64_t difference) {
    const auto whole = difference >> 32, fraction = difference & 0xffff'ffff;
    return Nanoseconds(whole * second + (fraction * second >> 32));
}

Nanoseconds between(NtpTime earlier, NtpTime later) {
    return to_nanoseconds(static_cast<std::int64_t>(later - earlier));
}

struct Unit {
    std::string_view name;
    double nanoseconds;
};
// "ms" before "m", which is its beginning.
constexpr Unit units[] = {
    {"ns", 1}, {"us", 1e3}, {"\u00b5s", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};

}  // namespace

NtpTime to_ntp_time(Nanoseconds since_1970) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(since_1970);
    const auto fraction = static_cast<std::uint64_t>((since_1970 - whole).count());
    return (static_cast<std::uint64_t>(whole.count()) + seconds_1900_to_1970) << 32 |
           ((fraction << 32) / second);
}

std::string sntp_question(unsigned version, std::uint64_t cookie) {
    constexpr unsigned no_time = 3, client = 3;
    std::string packet(packet_size, '\0');
    packet[0] = static_cast<char>(no_time << 6 | version << 3 | client);
    for (std::size_t i = 0; i < 8; ++i) packet[packet_size - 1 - i] = static_cast<char>(cookie >> 8 * i);
    return packet;
}

Result<SntpAnswer> parse_sntp_answer(std::string_view packet, std::uint64_t cookie) {
    constexpr unsigned server = 4;
    if (packet.size() < packet_size) return failure("the answer has less than 48 bytes");
    const auto first = static_cast<unsigned char>(packet[0]);
    if ((first & 7) != server) return failure("the answer is not from a server");
    if (big_endian(packet, 24, 8) != cookie) return failure("the answer is to another question");
    SntpAnswer answer;
    answer.leap = first >> 6;
    answer.stratum = static_cast<unsigned char>(packet[1]);
    answer.root_delay = short_time(packet, 4);
    answer.root_dispersion = short_time(packet, 8);
    answer.reference = big_endian(packet, 16, 8);
    answer.received = big_endian(packet, 32, 8);
    answer.sent = big_endian(packet, 40, 8);
    if (answer.sent == 0) return failure("the answer does not say when it was sent");
    if (static_cast<std::int64_t>(answer.sent - answer.received) < 0)
        return failure("the answer was sent before the question came");
    return answer;
}

SntpFindings judge(const SntpAnswer& answer, NtpTime asked, NtpTime heard) {
    SntpFindings found;
    const auto there = between(asked, answer.received), back = between(answer.sent, heard);
    found.offset = Nanoseconds(there.count() / 2 - back.count() / 2);
    found.round_trip = std::max(0ns, between(asked, heard) - between(answer.received, answer.sent));
    found.root_distance = (found.round_trip + answer.root_delay) / 2 + answer.root_dispersion;
    found.least_error = std::max({0ns, -there, -back});
    return found;
}

bool is_sound(const SntpAnswer& answer) {
    constexpr unsigned kiss_of_death = 0, unsynchronized = 16, no_time = 3;
    if (answer.stratum == kiss_of_death || answer.stratum >= unsynchronized || answer.leap == no_time)
        return false;
    const auto age = between(answer.reference, answer.sent);
    if (answer.reference == 0 || age < 0ns || age > std::chrono::seconds(1 << 17)) return false;
    return answer.root_delay / 2 + answer.root_dispersion <= 16s;
}

double reference_seconds(const SntpAnswer& answer) {
    if (answer.reference == 0) return 0;
    // Before 1970: an era later, after 2036.
    const bool next_era = answer.reference >> 32 < seconds_1900_to_1970;
    const auto whole = static_cast<double>((answer.reference >> 32) + (next_era ? 1ull << 32 : 0)) -
                       static_cast<double>(seconds_1900_to_1970);
    return whole + static_cast<double>(answer.reference & 0xffff'ffff) / 4294967296.0;
}

std::optional<Nanoseconds> parse_go_duration(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text == "0") return Nanoseconds(0);
    if (text.empty()) return {};
    double total = 0;
    while (!text.empty()) {
        const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
        const auto number = to_double(text.substr(0, digits));
        text.remove_prefix(digits);
        const auto unit = std::find_if(std::begin(units), std::end(units), [text](const Unit& each) {
            return text.starts_with(each.name);
        });
        if (!number || unit == std::end(units)) return {};
        text.remove_prefix(unit->name.size());
        total += *number * unit->nanoseconds;
    }
    if (total > 9e18) return {};
    return Nanoseconds(static_cast<std::int64_t>(negative ? -total : total));
}

}  // namespace pifleet::node
