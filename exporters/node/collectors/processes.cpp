// How many processes and threads there are and what they do: /proc/PID/stat, and those of the threads of
// every process that has more than one. Processes come and go while they are counted: what cannot be read has
// gone.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <array>
#include <optional>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family threads{"node_processes_threads", Type::gauge, "Threads."};
constexpr Family most_threads{"node_processes_max_threads", Type::gauge, "Threads that there can be."};
constexpr Family processes{"node_processes_pids", Type::gauge, "Processes."};
constexpr Family most_processes{"node_processes_max_processes", Type::gauge, "Processes that there can be."};
constexpr Family by_state{"node_processes_state", Type::gauge, "Processes, by their state."};
constexpr Family threads_by_state{"node_processes_threads_state", Type::gauge, "Threads, by their state."};

using States = std::array<std::uint64_t, 128>;  // by the state's letter

struct Task {
    unsigned char state;
    std::uint64_t threads;
};

// "PID (NAME) STATE ..."; the name may have parentheses itself. The number of threads is the 17th word behind
// the state.
std::optional<Task> parse_task(std::string_view text) {
    const auto name_end = text.rfind(')');
    if (name_end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(name_end + 1);
    const auto state = next_word(text);
    for (int i = 0; i < 16; ++i) next_word(text);
    const auto count = to_unsigned(next_word(text));
    if (state.size() != 1 || static_cast<unsigned char>(state[0]) >= 128 || !count) return std::nullopt;
    return Task{static_cast<unsigned char>(state[0]), *count};
}

struct Counts {
    std::uint64_t processes = 0, threads = 0;
    States states{}, thread_states{};
};

// Absent: the task has gone.
Result<Task> read_task(const std::string& folder) {
    const auto text = read_file(folder + "/stat");
    if (!text || text->empty()) return absent(folder + " has gone");
    if (const auto task = parse_task(*text)) return *task;
    return failure(folder + "/stat is not 'PID (NAME) STATE ...'");
}

Result<void> count_process(const std::string& folder, Counts& counts) {
    const auto process = read_task(folder);
    if (!process) return process.error();
    ++counts.processes;
    ++counts.states[process->state];
    counts.threads += process->threads;
    if (process->threads == 1) {
        ++counts.thread_states[process->state];
        return {};
    }
    for (const auto& name : numbered_entries(folder + "/task", "")) {
        const auto thread = read_task(folder + "/task/" + name);
        if (thread) ++counts.thread_states[thread->state];
        if (!thread && thread.error().kind == Error::Kind::failure) return thread.error();
    }
    return {};
}

void add_states(const Family& family, std::string_view label, const States& states, metrics::Page& page) {
    for (std::size_t i = 0; i < states.size(); ++i) {
        const char letter = static_cast<char>(i);
        if (states[i] != 0)
            page.add(family, {{label, std::string_view(&letter, 1)}}, static_cast<double>(states[i]));
    }
}

class Processes final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        Counts counts;
        for (const auto& name : numbered_entries(host.procfs, "")) {
            const auto counted = count_process(host.proc(name), counts);
            if (!counted && counted.error().kind == Error::Kind::failure) return counted;
        }
        page.add(processes, static_cast<double>(counts.processes));
        page.add(threads, static_cast<double>(counts.threads));
        add_states(by_state, "state", counts.states, page);
        add_states(threads_by_state, "thread_state", counts.thread_states, page);
        const auto thread_limit = read_unsigned(host.proc("sys/kernel/threads-max"));
        if (!thread_limit) return thread_limit.error();
        page.add(most_threads, static_cast<double>(*thread_limit));
        const auto process_limit = read_unsigned(host.proc("sys/kernel/pid_max"));
        if (!process_limit) return process_limit.error();
        page.add(most_processes, static_cast<double>(*process_limit));
        return {};
    }
};

}  // namespace

extern const CollectorKind processes_kind;
constinit const CollectorKind processes_kind{"processes",
                                             false,
                                             "how many processes and threads there are and what they do",
                                             {},
                                             make_collector<Processes>};

}  // namespace pifleet::node
