#include "forwarder/guard/clock_watch.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "common/http/client.hpp"
#include "common/http/date.hpp"
#include "common/process/build_info.hpp"
#include "common/process/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

namespace pifleet::forwarder {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

std::int64_t milliseconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

bool kernel_says_synchronised() {
    timex state{};
    return ::adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

// A PC always has a clock with a battery, and a virtual one its host's. Elsewhere the RTC must be there and
// must not have begun at 1970 with this boot: a Pi 5 has one, but no battery unless its owner bought it.
bool time_was_kept(const std::string& sysfs) {
#if defined(__x86_64__)
    static_cast<void>(sysfs);
    return true;
#else
    const auto text = read_line(sysfs + "/class/rtc/rtc0/since_epoch");
    const auto seconds = text ? to_int(*text) : std::nullopt;
    return seconds && *seconds >= ClockGuard::earliest_ms / 1000;
#endif
}

// Takes the head's Date and wants nothing else of the answer.
class DateSink final : public http::BodySink {
  public:
    std::string date;
    Result<void> on_head(const http::ResponseHead& head) override {
        date = http::find_header(head.headers, "Date");
        return failure("the Date is all that is wanted");
    }
    Result<void> on_body(std::string_view) override { return {}; }
};

}  // namespace

ClockReading read_clocks(const std::string& sysfs, bool look_up_kept) {
    return {milliseconds_of(CLOCK_REALTIME),
            milliseconds_of(CLOCK_BOOTTIME),
            kernel_says_synchronised(),
            look_up_kept && time_was_kept(sysfs)};
}

bool may_be_another_host(const http::Url& url) {
    char own[256] = "";
    ::gethostname(own, sizeof own - 1);
    const auto host = lower(url.host);
    return host != "localhost" && !host.ends_with(".localhost") && host != "::1" &&
           !host.starts_with("127.") && host != "0.0.0.0" && host != "::" && host != lower(own) &&
           host != lower(own) + ".local";
}

ClockWatch::ClockWatch(asio::io_context& io, ClockGuard& guard, std::function<void()> trusted)
    : io_(io), guard_(guard), trusted_(std::move(trusted)), timer_(io) {}

void ClockWatch::configure(const ClockGuardOptions& options, std::optional<http::Url> date_host) {
    guard_.set_options(options);
    if (date_host != date_host_) next_ask_ = {};
    date_host_ = std::move(date_host);
    look();
}

void ClockWatch::stop() {
    stopped_ = true;
    timer_.cancel();
}

std::int64_t ClockWatch::stamp() {
    const auto before = guard_.trust();
    const auto stamp = guard_.stamp(read_clocks("/sys", false));
    if (guard_.step() != 0)
        log::warn("the wall clock was set; samples go on in order", {{"by_seconds", guard_.step() / 1000}});
    if (before != ClockGuard::Trust::none && !guard_.trusted()) look();
    return stamp;
}

void ClockWatch::look() {
    const auto before = guard_.trust();
    guard_.check(read_clocks("/sys", true));
    tell(before);
    if (guard_.trusted() || running_ || stopped_) return;
    running_ = true;
    const auto self = shared_from_this();
    asio::co_spawn(
        io_,
        [self] { return self->run(); },
        [self](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);  // a bug: it ends in main's catch
        });
}

void ClockWatch::tell(ClockGuard::Trust before) {
    const auto now = guard_.trust();
    if (now == ClockGuard::Trust::none) {
        if (!std::exchange(told_, true))
            log::warn("the clock cannot be trusted yet; samples are held in memory",
                      {{"reason", guard_.reason()}});
        return;
    }
    told_ = false;
    if (before != ClockGuard::Trust::none) return;
    if (now == ClockGuard::Trust::taken)
        log::warn("the clock is taken as it is", {{"reason", guard_.reason()}});
    else
        log::info("the clock is trusted", {{"reason", guard_.reason()}});
    trusted_();
}

asio::awaitable<void> ClockWatch::run() {
    while (!guard_.trusted() && !stopped_) {
        if (date_host_ && Clock::now() >= next_ask_) co_await ask();
        if (guard_.trusted() || stopped_) break;
        timer_.expires_after(1s);
        boost::system::error_code cancelled;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        if (!stopped_) look();
    }
    running_ = false;
}

asio::awaitable<void> ClockWatch::ask() {
    next_ask_ = Clock::now() + 30s;
    http::Client client(io_.get_executor(), *date_host_);
    http::Request request;
    request.method = "HEAD";  // of the root, without any header of the backend's: no credentials
    request.headers = {{"User-Agent", "pifleet-forwarder/" + std::string(process::build_info().version)}};
    DateSink sink;
    const auto deadline = Clock::now() + 5s;
    static_cast<void>(co_await client.send(request, deadline, sink));
    const auto date = http::parse_date(sink.date);
    if (!date) co_return;
    const auto before = guard_.trust();
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(date->time_since_epoch());
    guard_.compare(since.count(), read_clocks("/sys", false));
    tell(before);
}

}  // namespace pifleet::forwarder
