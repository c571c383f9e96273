// Sessions of users, as systemd-logind counts them: so many on each seat, of each type and class.
#include "exporters/node/aside.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/system_bus.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <tuple>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using namespace std::chrono_literals;

constexpr Family sessions{
    "node_logind_sessions", Type::gauge, "Sessions of this kind; those without a seat are remote."};

// What logind has names for; the first stands for what it may have tomorrow.
constexpr std::string_view types[] = {"other", "unspecified", "tty", "x11", "wayland", "mir", "web"};
constexpr std::string_view classes[] = {"other", "user", "greeter", "lock-screen", "background"};

constexpr auto limit = 2s, at_last = 10s;
constexpr std::size_t most_seats = 1000;
constexpr const char* service = "org.freedesktop.login1";
constexpr const char* session_interface = "org.freedesktop.login1.Session";

std::string_view known_or_other(std::string_view word, std::span<const std::string_view> known) {
    const auto found = std::find(known.begin(), known.end(), word);
    return found == known.end() ? known.front() : *found;
}

struct Session {
    std::string seat, path;
    std::optional<bool> remote;
    std::optional<std::string> type, session_class;
};

struct Login {
    std::vector<std::string> seats;
    std::vector<Session> sessions;
};

template <class T>
std::function<void(Result<BusValue>)> into(std::optional<T>& target) {
    return [&target](const Result<BusValue>& value) {
        if (!value) return;
        if (const auto* held = std::get_if<T>(&*value)) target = *held;
    };
}

Result<Login> ask_logind() {
    Login login;  // outlives the bus, which refers to it
    Result<void> result;
    const auto bus = SystemBus::open(std::chrono::steady_clock::now() + at_last);
    if (!bus) return bus.error();
    const BusObject manager{service, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"};
    (*bus)->list(manager, "ListSeats", [&](const Result<BusRows>& rows) {
        if (!rows) return note(result, rows.error());
        for (const auto& row : *rows)
            if (row.size() == 2) login.seats.push_back(row[0]);
    });
    (*bus)->list(manager, "ListSessions", [&](const Result<BusRows>& rows) {
        if (!rows) return note(result, rows.error());
        for (const auto& row : *rows)
            if (row.size() == 5) login.sessions.push_back({row[3], row[4], {}, {}, {}});
    });
    if (const auto done = (*bus)->finish(); !done) return done.error();
    if (!result) return result.error();
    for (auto& session : login.sessions) {
        const BusObject object{service, session.path, session_interface};
        (*bus)->get(object, "Remote", into(session.remote));
        (*bus)->get(object, "Type", into(session.type));
        (*bus)->get(object, "Class", into(session.session_class));
    }
    if (const auto done = (*bus)->finish(); !done) return done.error();
    return login;
}

class Logind final : public Collector {
  public:
    Logind() : aside_("logind", limit) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        const auto login = aside_.ask<Login>(ask_logind);
        if (!login) return login.error();
        using Key = std::tuple<std::string_view, bool, std::string_view, std::string_view>;
        std::map<Key, double> count;
        for (const auto& session : login->sessions)
            if (session.remote && session.type && session.session_class)  // else it has just ended
                count[{session.seat,
                       *session.remote,
                       known_or_other(*session.type, types),
                       known_or_other(*session.session_class, classes)}] += 1;
        auto seats = login->seats;
        if (seats.size() > most_seats) return failure("logind tells of more than 1000 seats");
        seats.emplace_back();
        std::sort(seats.begin(), seats.end());
        seats.erase(std::unique(seats.begin(), seats.end()), seats.end());
        for (const auto& seat : seats)
            for (const bool remote : {false, true})
                for (const auto type : types)
                    for (const auto session_class : classes)
                        page.add(sessions,
                                 {{"class", session_class},
                                  {"remote", remote ? "true" : "false"},
                                  {"seat", seat},
                                  {"type", type}},
                                 count[{seat, remote, type, session_class}]);
        return {};
    }

  private:
    Aside aside_;
};

}  // namespace

extern const CollectorKind logind_kind;
constinit const CollectorKind logind_kind{"logind", false, "sessions of users", {}, make_collector<Logind>};

}  // namespace pifleet::node
