// spdlog carries level and time to our sink; the text of a line is built in log_line.
#include "common/process/log.hpp"

#include "common/base/text.hpp"
#include "common/process/log_line.hpp"
#include "common/process/repeats.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>

namespace pifleet::log {

namespace {

constexpr std::string_view level_names[] = {"debug", "info", "warn", "error"};

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            break;
    }
    return spdlog::level::err;
}

Level our_level(spdlog::level::level_enum level) {
    if (level <= spdlog::level::debug) return Level::debug;
    if (level == spdlog::level::info) return Level::info;
    return level == spdlog::level::warn ? Level::warn : Level::error;
}

// The numbers of syslog(3), as journald reads them at the beginning of a line.
std::string_view journal_prefix(Level level) {
    switch (level) {
        case Level::debug:
            return "<7>";
        case Level::info:
            return "<6>";
        case Level::warn:
            return "<4>";
        case Level::error:
            break;
    }
    return "<3>";
}

// Whether stderr is the journal. $JOURNAL_STREAM alone does not say so: a terminal's shell inherits it, and a
// unit may redirect its output; systemd.exec(5) therefore names the stream's device and inode.
bool writes_to_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat facts {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &facts) != 0) return false;
    return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) == stream;
}

// A sink from the ground up: spdlog's own bring its pattern formatter, 90 kB that would never run.
class StderrSink : public spdlog::sinks::sink {
  public:
    explicit StderrSink(const std::atomic<Format>& format) : format_(format) {}

    void log(const spdlog::details::log_msg& message) override {
        const Level level = our_level(message.level);
        const Format format = format_;
        const auto append = format == Format::json ? append_json : append_logfmt;
        std::string head;
        if (!journal_) append(head, "ts", timestamp(message.time));  // the journal keeps its own time
        append(head, "level", level_name(level));

        std::string line;
        if (journal_) line += journal_prefix(level);
        if (format == Format::json) line += '{';
        line += head;
        line += format == Format::json ? ',' : ' ';
        line.append(message.payload.data(), message.payload.size());
        if (format == Format::json) line += '}';
        line += '\n';
        // One call a line: stdio holds its lock meanwhile, and stderr has no buffer.
        std::fwrite(line.data(), 1, line.size(), stderr);
    }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  private:
    const std::atomic<Format>& format_;
    const bool journal_ = writes_to_journal();
};

struct Output {
    Output() : logger("", std::make_shared<StderrSink>(format)) { logger.set_level(spdlog::level::info); }

    std::atomic<Format> format = Format::logfmt;
    spdlog::logger logger;
    std::mutex repeats_lock;
    Repeats repeats;
};

// Never destroyed: threads and destructors may still log while the process ends.
Output& output() {
    static Output& only = *new Output;
    return only;
}

}  // namespace

Result<void> set_level(std::string_view name) {
    for (const Level level : {Level::debug, Level::info, Level::warn, Level::error}) {
        if (name == level_name(level)) {
            output().logger.set_level(spdlog_level(level));
            return {};
        }
    }
    return failure("expected a log level: debug, info, warn or error, not '" + std::string(name) + "'" +
                   did_you_mean(name, level_names));
}

Result<void> set_format(std::string_view name) {
    if (name != "logfmt" && name != "json")
        return failure("expected a log format: logfmt or json, not '" + std::string(name) + "'");
    output().format = name == "json" ? Format::json : Format::logfmt;
    return {};
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    Output& out = output();
    const auto severity = spdlog_level(level);
    if (!out.logger.should_log(severity)) return;
    const Format format = out.format;
    std::string body = line_body(format, message, fields);
    if (level >= Level::warn) {
        std::optional<std::uint64_t> left_out;
        {
            const std::lock_guard lock(out.repeats_lock);
            left_out = out.repeats.pass(std::string(level_name(level)) + ' ' + body, Repeats::Clock::now());
        }
        if (!left_out) return;
        if (*left_out > 0) {
            const auto append = format == Format::json ? append_json : append_logfmt;
            append(body, "repeated", std::to_string(*left_out));
        }
    }
    out.logger.log(severity, spdlog::string_view_t(body.data(), body.size()));
}

}  // namespace pifleet::log
