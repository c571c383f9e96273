// The Raspberry Pi firmware's property mailbox: questions by number, answers in the same message. Tags and
// layout from include/soc/bcm2835/raspberrypi-firmware.h of the kernel, the device from its vcio driver.
#pragma once

#include "common/base/result.hpp"
#include "exporters/node/collector.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::node {

/// One message there and back. The only part that a test replaces.
class Mailbox {
  public:
    virtual ~Mailbox() = default;
    /// `message` is whole, with its length in bytes as the first word; the answer takes its place.
    /// Error::Kind::absent: the firmware does not know what was asked.
    virtual Result<void> exchange(std::span<std::uint32_t> message) = 0;
};

/// Nothing where there is no mailbox or this process may not use it: nobody is told.
using OpenMailbox = std::function<std::unique_ptr<Mailbox>(const Host&)>;

/// /dev/vcio (root:video, 0660).
std::unique_ptr<Mailbox> open_mailbox(const Host& host);
/// /dev/vcio_gencmd of newer kernels, which takes commands alone; else /dev/vcio.
std::unique_ptr<Mailbox> open_command_mailbox(const Host& host);

struct Question {
    std::uint32_t tag;
    std::uint32_t words;                  // how many of `values` are meant
    std::array<std::uint32_t, 2> values;  // what is sent, then what came back
    bool answered = false;
    bool refused = false;  // the firmware said that it does not know the tag
};

/// Asks all questions with one message. Firmware that refuses the message as a whole is asked one by one, and
/// the questions that it refuses are marked, so that they need not be asked again.
Result<void> ask(Mailbox& mailbox, std::span<Question> questions);

/// What `vcgencmd COMMAND` prints. Error::Kind::absent: the firmware has no such command.
Result<std::string> run_command(Mailbox& mailbox, std::string_view command);

}  // namespace pifleet::node
