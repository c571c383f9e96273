// One question and one answer of SNTP (RFC 4330, RFC 5905), without the socket.
#pragma once

#include "common/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::node {

using Nanoseconds = std::chrono::nanoseconds;

/// Seconds since 1900 in the upper half, their fraction in the lower one. Differences wrap with the era.
using NtpTime = std::uint64_t;
NtpTime to_ntp_time(Nanoseconds since_1970);

/// `cookie` stands for the time of sending, which is nobody's business; the answer has to bring it back.
std::string sntp_question(unsigned version, std::uint64_t cookie);

struct SntpAnswer {
    unsigned leap = 0;  // 0, 1: this day has a second more, 2: a second less, 3: the server has no time
    unsigned stratum = 0;
    Nanoseconds root_delay{}, root_dispersion{};
    NtpTime reference = 0, received = 0, sent = 0;
};
/// An error: no answer to this question.
Result<SntpAnswer> parse_sntp_answer(std::string_view packet, std::uint64_t cookie);

/// What an answer says about our clock, which read `asked` and `heard` when the question left and the answer
/// came.
struct SntpFindings {
    Nanoseconds offset{}, round_trip{};
    Nanoseconds root_distance{};
    Nanoseconds least_error{};  // by which the clocks must differ: a packet came before it was sent
};
SntpFindings judge(const SntpAnswer& answer, NtpTime asked, NtpTime heard);

/// Whether the server may be believed: RFC 5905's checks.
bool is_sound(const SntpAnswer& answer);

/// Seconds since 1970 of the server's last correction; 0 when it had none.
double reference_seconds(const SntpAnswer& answer);

/// "3.46608s", "1ms", "1m30s", "-2h": durations as Go's flags have them. Nothing: it is none.
std::optional<Nanoseconds> parse_go_duration(std::string_view text);

}  // namespace pifleet::node
