// systemd's units and their states, asked of it over D-Bus. What each unit tells beside its state is asked
// only of the kinds that have it, and, as far as it costs, only when its flag wants it.
#include "exporters/node/aside.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/system_bus.hpp"

#include <re2/re2.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <limits>
#include <map>
#include <optional>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;
using namespace std::chrono_literals;

constexpr Family unit_state{
    "node_systemd_unit_state", Type::gauge, "The unit is in the state of the label: 1."};
constexpr Family units_in_state{
    "node_systemd_units", Type::gauge, "Units in this state, of all that are loaded."};
constexpr Family running{
    "node_systemd_system_running", Type::gauge, "Whether everything that should run does."};
constexpr Family version{"node_systemd_version", Type::gauge, "systemd's version."};
constexpr Family virtualization{"node_systemd_virtualization_info",
                                Type::gauge,
                                "In what kind of virtual machine this is, if any; always 1."};
constexpr Family start_time{
    "node_systemd_unit_start_time_seconds", Type::gauge, "Since when the unit is active; 0: it is not."};

constexpr std::string_view include_flag = "collector.systemd.unit-include";
constexpr std::string_view exclude_flag = "collector.systemd.unit-exclude";
constexpr std::string_view tasks_flag = "collector.systemd.enable-task-metrics";
constexpr std::string_view restarts_flag = "collector.systemd.enable-restarts-metrics";
constexpr std::string_view start_flag = "collector.systemd.enable-start-time-metrics";
constexpr std::string_view private_flag = "collector.systemd.private";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, ".+", "Units to show (regular expression for the whole name)."},
    {exclude_flag,
     FlagKind::text,
     ".+\\.(automount|device|mount|scope|slice)",
     "Units to leave out (regular expression for the whole name)."},
    {tasks_flag, FlagKind::on_off, "false", "How many tasks each service has and may have."},
    {restarts_flag, FlagKind::on_off, "false", "How often systemd has restarted each service."},
    {start_flag, FlagKind::on_off, "false", "Since when each unit is active."},
    {private_flag, FlagKind::on_off, "false", ""},  // systemd's own socket, for root and tests
};

// Numbers that a kind of unit has, in the order in which they are asked for. `scale`: what one of them is
// worth.
struct Row {
    std::string_view suffix, interface, property;
    std::string_view flag;  // that wants it; empty: always
    Family family;
    double divisor = 1;
};
constexpr Row rows[] = {
    {".service",
     "Service",
     "NRestarts",
     restarts_flag,
     {"node_systemd_service_restart_total", Type::counter, "How often systemd has restarted the service."}},
    {".service",
     "Service",
     "TasksCurrent",
     tasks_flag,
     {"node_systemd_unit_tasks_current", Type::gauge, "Tasks of the service."}},
    {".service",
     "Service",
     "TasksMax",
     tasks_flag,
     {"node_systemd_unit_tasks_max", Type::gauge, "Tasks that the service may have."}},
    {".timer",
     "Timer",
     "LastTriggerUSec",
     "",
     {"node_systemd_timer_last_trigger_seconds", Type::gauge, "When the timer has gone off last; 0: never."},
     1e6},
    {".socket",
     "Socket",
     "NAccepted",
     "",
     {"node_systemd_socket_accepted_connections_total", Type::counter, "Connections that were accepted."}},
    {".socket",
     "Socket",
     "NConnections",
     "",
     {"node_systemd_socket_current_connections", Type::gauge, "Connections that are open."}},
    {".socket",
     "Socket",
     "NRefused",
     "",
     {"node_systemd_socket_refused_connections_total", Type::gauge, "Connections that were refused."}},
};

constexpr std::string_view states[] = {"active", "activating", "deactivating", "inactive", "failed"};
constexpr double first_with_system_state = 212;
constexpr auto limit = 2s, at_last = 10s;
constexpr std::string_view service = "org.freedesktop.systemd1";

struct Settings {
    std::unique_ptr<re2::RE2> include, exclude;
    std::array<bool, std::size(rows)> wanted{};
    bool start_times = false;
    bool own_socket = false;
};

struct Unit {
    std::string name, state, path;
    std::string type;
    std::array<std::optional<std::uint64_t>, std::size(rows)> numbers;
    std::optional<std::uint64_t> active_since;  // in microseconds
};

struct Findings {
    std::string version, virtualization = "unknown";
    Result<std::string> system_state = failure("systemd has not told its state");
    Result<void> listed;                  // whether what follows is there
    std::map<std::string, double> count;  // of units, by state
    std::vector<Unit> units;
};

Result<std::unique_ptr<SystemBus>> connect(const Settings& settings) {
    const auto deadline = std::chrono::steady_clock::now() + at_last;
    constexpr const char* own = "unix:path=/run/systemd/private";
    if (settings.own_socket) return SystemBus::open_at(own, deadline);
    auto bus = SystemBus::open(deadline);
    if (bus || geteuid() != 0) return bus;
    auto direct = SystemBus::open_at(own, deadline);
    return direct ? std::move(direct) : std::move(bus);
}

// The words of ListUnits: name, description, load state, active state, sub-state, follows, path, three of a
// job.
void take_units(const BusRows& list, const Settings& settings, Findings& found) {
    for (const auto state : states) found.count.emplace(state, 0);
    for (const auto& row : list) {
        if (row.size() != 10) continue;
        const auto& name = row[0];
        found.count[row[3]] += 1;
        if (row[2] != "loaded" || !matches(*settings.include, name) || matches(*settings.exclude, name))
            continue;
        found.units.push_back({name, row[3], row[6], {}, {}, {}});
    }
}

template <class T, class Target>
std::function<void(Result<BusValue>)> into(Target& target) {
    return [&target](const Result<BusValue>& value) {  // an error: this unit lacks it, or has just gone
        if (!value) return;
        if (const auto* held = std::get_if<T>(&*value)) target = *held;
    };
}

void ask_unit(SystemBus& bus, const Settings& settings, Unit& unit) {
    const auto object = [&unit](std::string_view interface) {
        return BusObject{
            std::string(service), unit.path, std::string(service) + "." + std::string(interface)};
    };
    if (unit.name.ends_with(".service")) bus.get(object("Service"), "Type", into<std::string>(unit.type));
    if (unit.name.ends_with(".mount")) bus.get(object("Mount"), "Type", into<std::string>(unit.type));
    for (std::size_t i = 0; i < std::size(rows); ++i)
        if (settings.wanted[i] && unit.name.ends_with(rows[i].suffix))
            bus.get(object(rows[i].interface),
                    std::string(rows[i].property),
                    into<std::uint64_t>(unit.numbers[i]));
    if (!settings.start_times) return;
    if (unit.state == "active")
        bus.get(object("Unit"), "ActiveEnterTimestamp", into<std::uint64_t>(unit.active_since));
    else
        unit.active_since = 0;
}

Result<Findings> ask_systemd(const Settings& settings) {
    Findings found;  // outlives the bus, which refers to it
    const auto bus = connect(settings);
    if (!bus) return bus.error();
    const BusObject manager{
        std::string(service), "/org/freedesktop/systemd1", std::string(service) + ".Manager"};
    (*bus)->get(manager, "Version", into<std::string>(found.version));
    (*bus)->get(manager, "Virtualization", into<std::string>(found.virtualization));
    (*bus)->get(manager, "SystemState", [&](const Result<BusValue>& value) {
        const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
        if (text != nullptr)
            found.system_state = *text;
        else
            found.system_state = value ? failure("systemd's state is not a text") : value.error();
    });
    (*bus)->list(manager, "ListUnits", [&](const Result<BusRows>& rows_of_units) {
        if (!rows_of_units) return note(found.listed, rows_of_units.error());
        take_units(*rows_of_units, settings, found);
    });
    if (const auto done = (*bus)->finish(); !done) return done.error();
    for (auto& unit : found.units) ask_unit(**bus, settings, unit);
    if (const auto done = (*bus)->finish(); !done) return done.error();
    return found;
}

// The number in "252.38-1~deb12u1": three digits or more and what follows a point. 0: there is none.
double version_number(const std::string& text) {
    static const re2::RE2 pattern("([0-9]{3,}(?:\\.[0-9]+)?)");
    double number = 0;
    return re2::RE2::PartialMatch(text, pattern, &number) ? number : 0;
}

class Systemd final : public Collector {
  public:
    explicit Systemd(Settings settings)
        : settings_(std::make_shared<const Settings>(std::move(settings))), aside_("systemd", limit) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        const auto found = aside_.ask<Findings>([settings = settings_] { return ask_systemd(*settings); });
        if (!found) return found.error();
        const auto number = version_number(found->version);
        page.add(version, {{"version", number > 0 ? valid_utf8(found->version) : std::string()}}, number);
        const auto machine = found->virtualization.empty() ? "none" : valid_utf8(found->virtualization);
        page.add(virtualization, {{"virtualization_type", machine}}, 1);
        if (!found->listed) return found->listed;
        for (const auto& [state, count] : found->count)
            page.add(units_in_state, {{"state", valid_utf8(state)}}, count);
        const bool recent = number >= first_with_system_state;
        for (const auto& unit : found->units) add_unit(unit, recent, page);
        if (!recent) return {};
        if (!found->system_state) return found->system_state.error();
        page.add(running, *found->system_state == "running" ? 1 : 0);
        return {};
    }

  private:
    static void add_unit(const Unit& unit, bool recent, metrics::Page& page) {
        const auto name = valid_utf8(unit.name), type = valid_utf8(unit.type);
        for (const auto state : states)
            page.add(
                unit_state, {{"name", name}, {"state", state}, {"type", type}}, state == unit.state ? 1 : 0);
        for (std::size_t i = 0; i < std::size(rows); ++i) {
            constexpr auto no_number = std::numeric_limits<std::uint64_t>::max();  // "infinity", "not set"
            if (!unit.numbers[i] || *unit.numbers[i] == no_number) continue;
            if (rows[i].suffix == ".timer" && !recent) continue;
            page.add(
                rows[i].family, {{"name", name}}, static_cast<double>(*unit.numbers[i]) / rows[i].divisor);
        }
        if (unit.active_since)
            page.add(start_time, {{"name", name}}, static_cast<double>(*unit.active_since) / 1e6);
    }

    std::shared_ptr<const Settings> settings_;  // its thread may outlive this
    Aside aside_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    Settings settings;
    auto include = compile_whole_pattern(given, include_flag);
    if (!include) return include.error();
    settings.include = std::move(*include);
    auto exclude = compile_whole_pattern(given, exclude_flag);
    if (!exclude) return exclude.error();
    settings.exclude = std::move(*exclude);
    for (std::size_t i = 0; i < std::size(rows); ++i)
        settings.wanted[i] = rows[i].flag.empty() || given.on(rows[i].flag);
    settings.start_times = given.on(start_flag);
    settings.own_socket = given.on(private_flag);
    return std::make_unique<Systemd>(std::move(settings));
}

}  // namespace

extern const CollectorKind systemd_kind;
constinit const CollectorKind systemd_kind{"systemd", false, "systemd's units", flags, make};

}  // namespace pifleet::node
