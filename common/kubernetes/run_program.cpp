#include "common/kubernetes/run_program.hpp"

#include "common/base/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>

namespace pifleet::kubernetes {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_complaint = 300;  // of what it wrote to standard error

class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    void close() {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }
    int number() const { return number_; }
    bool open() const { return number_ >= 0; }

  private:
    int number_;
};

struct Pipe {
    Descriptor from, to;
};

std::optional<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// What exec wants: pointers into texts, a null behind them.
class Strings {
  public:
    void add(std::string text) { texts_.push_back(std::move(text)); }
    char* const* pointers() {
        pointers_.clear();
        for (auto& text : texts_) pointers_.push_back(text.data());
        pointers_.push_back(nullptr);
        return pointers_.data();
    }

  private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
};

Strings environment_of(const Program& program) {
    Strings out;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        const std::string_view entry(*each);
        const auto name = entry.substr(0, entry.find('='));
        bool replaced = false;
        for (const auto& ours : program.environment) replaced = replaced || ours.first == name;
        if (!replaced) out.add(std::string(entry));
    }
    for (const auto& [name, value] : program.environment) out.add(name + '=' + value);
    return out;
}

// In a process group of its own, so that its children end with it; no descriptor of ours goes along.
int spawn(const Program& program, int out, int err, pid_t& pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&usual, number);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    Strings arguments;
    arguments.add(program.command);
    for (const auto& each : program.arguments) arguments.add(each);
    auto environment = environment_of(program);
    const int failed = ::posix_spawnp(
        &pid, program.command.c_str(), &actions, &attributes, arguments.pointers(), environment.pointers());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

struct Heard {
    std::string out, err;
    bool late = false, too_much = false;
};

void take(Descriptor& from, std::string& into) {
    std::array<char, 4096> piece;
    const auto got = ::read(from.number(), piece.data(), piece.size());
    if (got > 0)
        into.append(piece.data(), static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR)
        from.close();
}

// Until both ends are closed, or the time or the room is up.
Heard listen(const Program& program, Descriptor out, Descriptor err, Clock::time_point deadline) {
    Heard heard;
    while (out.open() || err.open()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        heard.late = left.count() <= 0;
        heard.too_much = heard.out.size() > program.most_output;
        if (heard.late || heard.too_much) break;
        std::array<pollfd, 2> waiting{{{out.number(), POLLIN, 0}, {err.number(), POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            break;
        if (waiting[0].revents != 0) take(out, heard.out);
        if (waiting[1].revents != 0) take(err, heard.err);
        if (heard.err.size() > 2 * most_complaint) heard.err.erase(0, heard.err.size() - most_complaint);
    }
    return heard;
}

// Its status once it has ended, which it may put off after it has closed its output.
std::optional<int> await_end(pid_t pid, Clock::time_point deadline) {
    for (;;) {
        int status = 0;
        const auto ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid) return status;
        if (ended < 0 && errno != EINTR) return std::nullopt;
        if (Clock::now() >= deadline) return std::nullopt;
        ::usleep(2'000);
    }
}

std::string complaint(const Heard& heard) {
    std::string out;
    const auto said = trim(heard.err);
    for (const char c : said.substr(said.size() - std::min(said.size(), most_complaint)))
        out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    return out.empty() ? out : ": " + out;
}

}  // namespace

Result<std::string> run_program(const Program& program) {
    const auto deadline = Clock::now() + program.limit;
    auto out = make_pipe(), err = make_pipe();
    if (!out || !err) return failure("cannot run " + program.command + ": " + std::strerror(errno));
    pid_t pid = 0;
    if (const int failed = spawn(program, out->to.number(), err->to.number(), pid); failed != 0) {
        const auto message = "cannot run " + program.command + ": " + std::strerror(failed);
        return failed == ENOENT ? absent(message) : failure(message);
    }
    out->to.close();
    err->to.close();
    auto heard = listen(program, std::move(out->from), std::move(err->from), deadline);
    auto status = heard.late || heard.too_much ? std::nullopt : await_end(pid, deadline);
    if (!status) {
        ::kill(-pid, SIGKILL);
        int ignored = 0;
        while (::waitpid(pid, &ignored, 0) < 0 && errno == EINTR) {
        }
        if (heard.too_much)
            return failure(program.command + " wrote more than " + std::to_string(program.most_output) +
                           " bytes");
        return failure(program.command + " did not end within " +
                       std::to_string(program.limit.count() / 1000) + " s" + complaint(heard));
    }
    if (WIFSIGNALED(*status))
        return failure(program.command + " was ended by signal " + std::to_string(WTERMSIG(*status)) +
                       complaint(heard));
    if (WEXITSTATUS(*status) != 0)
        return failure(program.command + " ended with status " + std::to_string(WEXITSTATUS(*status)) +
                       complaint(heard));
    return std::move(heard.out);
}

}  // namespace pifleet::kubernetes
