// Runs a function in a forked process, because it ends the process, writes to its streams or reads its
// environment; the answer is how it ended and what it wrote.
#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace pifleet::testing {

struct Outcome {
    int status;  // the exit code; -1: ended by a signal
    std::string out;
    std::string err;
};

inline std::string content_of(int file) {
    std::string text(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
    if (::pread(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot read what the child wrote");
    return text;
}

/// `body` returns the exit code.
template <class Body>
Outcome in_child(Body body) {
    const int out = ::memfd_create("out", MFD_CLOEXEC);
    const int err = ::memfd_create("err", MFD_CLOEXEC);
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (out < 0 || err < 0 || child < 0) throw std::runtime_error("cannot start a child");
    if (child == 0) {
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        const int code = body();
        std::fflush(nullptr);
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(out), content_of(err)};
    ::close(out);
    ::close(err);
    return outcome;
}

}  // namespace pifleet::testing
