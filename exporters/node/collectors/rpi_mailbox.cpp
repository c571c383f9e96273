#include "exporters/node/collectors/rpi_mailbox.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace pifleet::node {

namespace {

constexpr std::uint32_t answer_bit = 0x8000'0000;  // in a tag's third word
constexpr std::uint32_t command_tag = 0x0003'0080;
constexpr std::size_t command_room = 1024;  // bytes: an error number, then text

class Device final : public Mailbox {
  public:
    explicit Device(int number) : number_(number) {}
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device() override { ::close(number_); }

    Result<void> exchange(std::span<std::uint32_t> message) override {
        if (::ioctl(number_, _IOWR(100, 0, char*), message.data()) >= 0) return {};
        // EINVAL is the firmware's refusal; ENOTTY and ENODEV a file that is no mailbox.
        const auto kind = errno == EINVAL || errno == ENOTTY || errno == ENODEV ? Error::Kind::absent
                                                                                : Error::Kind::failure;
        return Error(kind, std::string("the firmware's mailbox does not answer: ") + std::strerror(errno));
    }

  private:
    int number_;
};

std::unique_ptr<Mailbox> open_device(const std::string& path) {
    const int number = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
    return number < 0 ? nullptr : std::make_unique<Device>(number);
}

Result<void> ask_at_once(Mailbox& mailbox, std::span<Question> questions) {
    std::vector<std::uint32_t> message = {0, 0};
    for (const auto& question : questions) {
        message.insert(message.end(), {question.tag, question.words * 4, 0});
        message.insert(message.end(), question.values.begin(), question.values.begin() + question.words);
    }
    message.push_back(0);
    message[0] = static_cast<std::uint32_t>(message.size() * sizeof message[0]);
    if (auto done = mailbox.exchange(message); !done) return done;
    std::size_t place = 2;
    for (auto& question : questions) {
        question.answered = (message[place + 2] & answer_bit) != 0;
        std::copy_n(message.begin() + static_cast<std::ptrdiff_t>(place) + 3,
                    question.words,
                    question.values.begin());
        place += 3 + question.words;
    }
    return {};
}

}  // namespace

std::unique_ptr<Mailbox> open_mailbox(const Host& host) {
    return open_device(host.rootfs + "/dev/vcio");
}

std::unique_ptr<Mailbox> open_command_mailbox(const Host& host) {
    auto commands = open_device(host.rootfs + "/dev/vcio_gencmd");
    return commands ? std::move(commands) : open_mailbox(host);
}

Result<void> ask(Mailbox& mailbox, std::span<Question> questions) {
    for (auto& question : questions) question.answered = question.refused = false;
    auto all = ask_at_once(mailbox, questions);
    if (all || all.error().kind == Error::Kind::failure) return all;
    bool any = false;
    for (auto& question : questions) {
        auto one = ask_at_once(mailbox, {&question, 1});
        if (!one && one.error().kind == Error::Kind::failure) return one;
        question.refused = !one;
        any = any || one.has_value();
    }
    return any ? Result<void>() : all;
}

Result<std::string> run_command(Mailbox& mailbox, std::string_view command) {
    std::vector<std::uint32_t> message(5 + command_room / sizeof(std::uint32_t) + 1);
    message[0] = static_cast<std::uint32_t>(message.size() * sizeof message[0]);
    message[2] = command_tag;
    message[3] = command_room;
    char* const text = reinterpret_cast<char*>(&message[6]);
    constexpr std::size_t room = command_room - sizeof(std::uint32_t);
    std::copy_n(command.begin(), std::min(command.size(), room - 1), text);
    if (auto done = mailbox.exchange(message); !done) return done.error();
    const std::string answer(text, std::find(text, text + room, '\0'));
    if ((message[4] & answer_bit) == 0 || message[5] != 0 || answer.starts_with("error="))
        return absent("the firmware does not know the command " + std::string(command));
    return answer;
}

}  // namespace pifleet::node
