// Processes that supervisord looks after, asked of it by XML-RPC over its port or its socket file. It is a
// daemon in Python: it may be slow, stopped or gone, so it is asked aside.
#include "common/base/text.hpp"
#include "exporters/node/aside.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/http_post.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/xml_rpc.hpp"

#include <chrono>
#include <set>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using namespace std::chrono_literals;

constexpr Family up{"node_supervisord_up", Type::gauge, "Whether the process runs, starts or stops."};
constexpr Family state{
    "node_supervisord_state",
    Type::gauge,
    "0: stopped, 10: starts, 20: runs, 30: waits after a failed start, 40: stops, 100: has ended, "
    "200: could not be started, 1000: unknown."};
constexpr Family exit_status{
    "node_supervisord_exit_status", Type::gauge, "With what the process ended last."};
constexpr Family start_time{
    "node_supervisord_start_time_seconds", Type::counter, "When the process was started."};

constexpr std::string_view url_flag = "collector.supervisord.url";
constexpr process::Flag flags[] = {
    {url_flag,
     process::FlagKind::text,
     "http://localhost:9001/RPC2",
     "Where supervisord answers: http://host:port/RPC2 or unix:///path/of/its/socket."},
};

constexpr auto limit = 2s, at_last = 10s;
constexpr std::string_view question =
    "<?xml version=\"1.0\"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName>"
    "<params></params></methodCall>";

Result<std::int64_t> number(const XmlRpcValue& process, std::string_view name) {
    const auto* member = process.member(name);
    const auto read = member == nullptr ? std::nullopt : to_int(trim(member->text));
    if (!read) return failure("a process of supervisord's answer has no number '" + std::string(name) + "'");
    return *read;
}

Result<std::string> word(const XmlRpcValue& process, std::string_view name) {
    const auto* member = process.member(name);
    if (member == nullptr || member->kind != XmlRpcValue::Kind::scalar)
        return failure("a process of supervisord's answer has no '" + std::string(name) + "'");
    return valid_utf8(member->text);
}

bool is_up(std::int64_t state_number) {
    return state_number == 10 || state_number == 20 || state_number == 40;
}

Result<void> add_process(const XmlRpcValue& process,
                         std::set<std::pair<std::string, std::string>>& seen,
                         metrics::Page& page) {
    const auto name = word(process, "name"), group = word(process, "group");
    const auto now = number(process, "state"), exit = number(process, "exitstatus");
    const auto start = number(process, "start");
    for (const auto* text : {&name, &group})
        if (!*text) return text->error();
    for (const auto* read : {&now, &exit, &start})
        if (!*read) return read->error();
    if (!seen.emplace(*group, *name).second)
        return failure("supervisord's answer has " + *group + ":" + *name + " twice");
    const metrics::Label labels[] = {{"group", *group}, {"name", *name}};
    page.add(state, labels, static_cast<double>(*now));
    page.add(exit_status, labels, static_cast<double>(*exit));
    page.add(up, labels, is_up(*now) ? 1 : 0);
    if (is_up(*now)) page.add(start_time, labels, static_cast<double>(*start));
    return {};
}

class Supervisord final : public Collector {
  public:
    Supervisord(PostTarget target, std::string shown)
        : target_(std::move(target)), shown_(std::move(shown)), aside_("supervisord", limit) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        const auto processes = aside_.ask<XmlRpcValue>([target = target_]() -> Result<XmlRpcValue> {
            const auto body =
                http_post(target, "text/xml", question, std::chrono::steady_clock::now() + at_last);
            if (!body) return body.error();
            return parse_xml_rpc_answer(*body);
        });
        if (!processes) return failure(shown_ + ": " + processes.error().message);
        if (processes->kind != XmlRpcValue::Kind::list)
            return failure(shown_ + ": the answer is not a list of processes");
        std::set<std::pair<std::string, std::string>> seen;
        Result<void> result;
        for (const auto& process : processes->items) note(result, add_process(process, seen, page));
        return result;
    }

  private:
    PostTarget target_;
    std::string shown_;  // the URL without a password
    Aside aside_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto target = parse_post_target(given.text(url_flag), "/RPC2");
    if (!target) return failure("--" + std::string(url_flag) + ": " + target.error().message);
    auto shown = target->socket_file.empty() ? "http://" + target->authority + target->path
                                             : "unix://" + target->socket_file;
    return std::make_unique<Supervisord>(std::move(*target), std::move(shown));
}

}  // namespace

extern const CollectorKind supervisord_kind;
constinit const CollectorKind supervisord_kind{
    "supervisord", false, "processes that supervisord looks after", flags, make};

}  // namespace pifleet::node
