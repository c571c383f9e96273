// Whether SELinux is on, what it does now and what its configuration says. On is what has a policy loaded:
// without one, every process has the context "kernel".
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family enabled{"node_selinux_enabled", Type::gauge, "Whether SELinux is on."};
constexpr Family configured{
    "node_selinux_config_mode", Type::gauge, "What is configured: 1 enforcing, 0 permissive, -1 off."};
constexpr Family current{
    "node_selinux_current_mode", Type::gauge, "What holds now: 1 enforcing, 0 permissive, -1 unknown."};

double configured_mode(const Host& host) {
    const auto path = host.rootfs + "/etc/selinux/config";
    const auto text = read_file(path);
    if (!text) return -1;
    LineReader lines(path, *text);
    while (lines.next()) {
        const auto line = trim(lines.line());
        const auto equals = line.find('=');
        if (equals == std::string_view::npos || trim(line.substr(0, equals)) != "SELINUX") continue;
        const auto mode = trim(line.substr(equals + 1));
        return mode == "enforcing" ? 1 : mode == "permissive" ? 0 : -1;
    }
    return -1;
}

class Selinux final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto enforce = read_int(host.sys("fs/selinux/enforce"));
        const auto context = line_if_any(host.proc("self/attr/current"));
        if (!enforce && enforce.error().kind == Error::Kind::failure) return enforce.error();
        const bool on = enforce && context != "kernel";
        page.add(enabled, on ? 1 : 0);
        if (!on) return {};
        page.add(configured, configured_mode(host));
        page.add(current, static_cast<double>(*enforce));
        return {};
    }
};

}  // namespace

extern const CollectorKind selinux_kind;
constinit const CollectorKind selinux_kind{
    "selinux", true, "the state of SELinux", {}, make_collector<Selinux>};

}  // namespace pifleet::node
