// Names and version of the running kernel, by uname(2): always this machine's, whatever the root folders say.
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

#include <sys/utsname.h>

#include <cerrno>
#include <cstring>

namespace pifleet::node {

namespace {

constexpr metrics::Family info{
    "node_uname_info", metrics::Type::gauge, "What uname says of kernel and machine."};

class Uname final : public Collector {
    Result<void> collect(const Host&, metrics::Page& page) override {
        utsname names{};
        if (::uname(&names) != 0) return failure(std::string("uname: ") + std::strerror(errno));
        const auto node = valid_utf8(names.nodename);
        const auto domain = valid_utf8(names.domainname);
        page.add(info,
                 {{"domainname", domain},
                  {"machine", names.machine},
                  {"nodename", node},
                  {"release", names.release},
                  {"sysname", names.sysname},
                  {"version", names.version}},
                 1);
        return {};
    }
};

}  // namespace

extern const CollectorKind uname_kind;
constinit const CollectorKind uname_kind{
    "uname",
    true,
    "names and version of the kernel",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Uname>();
    },
};

}  // namespace pifleet::node
