// Another program, run to its end without a shell. It blocks: for common/base/blocking.hpp's threads. Private
// to common/kubernetes.
#pragma once

#include "common/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::kubernetes {

struct Program {
    std::string command;  // with a slash: that file; without: looked for in $PATH
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;  // beside ours
    std::chrono::milliseconds limit{30'000};
    std::size_t most_output = 1 << 20;
};

/// What it wrote to standard output. Nothing stands in its standard input. Past the limit it is killed with
/// all that it has started. Errors say the exit status and the end of what it wrote to standard error; of
/// Error::Kind::absent: there is no such program.
Result<std::string> run_program(const Program& program);

}  // namespace pifleet::kubernetes
