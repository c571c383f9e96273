// Addresses, states and settings of network devices. On the machine itself by one rtnetlink dump, whose
// values are those of /sys/class/net; only what a dump does not tell is read from files. Of another root:
// from its files.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/net_device.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <re2/re2.h>
#include <sys/stat.h>

#include <map>

namespace pifleet::node {

namespace {

constexpr std::string_view ignored_flag = "collector.netclass.ignored-devices";
constexpr std::string_view speed_flag = "collector.netclass.ignore-invalid-speed";
constexpr std::string_view netlink_flag = "collector.netclass.netlink";
constexpr std::string_view stats_flag = "collector.netclass_rtnl.with-stats";
constexpr process::Flag flags[] = {
    {ignored_flag, process::FlagKind::text, "^$", "Network devices to leave out (regular expression)."},
    {speed_flag,
     process::FlagKind::on_off,
     "false",
     "Leave out speeds that are not known, not show them below 0."},
    {netlink_flag,
     process::FlagKind::on_off,
     "false",
     "Ask by netlink even if --path.sysfs names another root."},
    {stats_flag, process::FlagKind::on_off, "false", ""},  // the netdev collector shows these
};

bool is_folder(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

class Netclass final : public Collector {
  public:
    Netclass(std::unique_ptr<re2::RE2> ignored, bool ignore_invalid_speed, bool always_netlink)
        : ignored_(std::move(ignored)),
          ignore_invalid_speed_(ignore_invalid_speed),
          always_netlink_(always_netlink) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/net");
        if (!always_netlink_ && host.sysfs != "/sys") return read_files(root, page);
        const auto links = read_links_by_netlink();
        if (!links) return always_netlink_ ? links.error() : read_files(root, page);
        return read_links(root, *links, page);
    }

  private:
    // What changes only together with the address or the name.
    struct Assignments {
        std::string address;
        unsigned index;
        NetDevice device;
    };

    bool keeps(std::string_view name) const { return !ignored_ || !matches(*ignored_, name); }

    Result<void> read_files(const std::string& root, metrics::Page& page) const {
        const auto names = list_folder(root);
        if (!names) return names.error();
        Result<void> result;
        for (const auto& name : *names) {
            if (!keeps(name) || !is_folder(root + "/" + name)) continue;  // "bonding_masters" is a file
            NetDevice device;
            device.name = valid_utf8(name);
            note(result, read_net_device(root + "/" + name, device));
            add_net_device(device, ignore_invalid_speed_, page);
        }
        return result;
    }

    Result<void> read_links(const std::string& root, const std::vector<Link>& links, metrics::Page& page) {
        Result<void> result;
        std::map<std::string, Assignments> seen;
        for (const auto& link : links) {
            if (!keeps(link.name) || link.name.find('/') != std::string::npos) continue;
            auto device = net_device_of(link);
            const auto folder = root + "/" + link.name;
            note(result, add_assignments(folder, link, device, seen));
            // The kernel refuses to tell the speed of a device that is down or has none.
            if ((link.flags & IFF_UP) != 0 && link.type != ARPHRD_LOOPBACK)
                note(result, read_speed(folder, device));
            add_net_device(device, ignore_invalid_speed_, page);
        }
        assigned_ = std::move(seen);
        return result;
    }

    Result<void> add_assignments(const std::string& folder,
                                 const Link& link,
                                 NetDevice& device,
                                 std::map<std::string, Assignments>& seen) {
        const auto known = assigned_.find(link.name);
        Result<void> result;
        if (known != assigned_.end() && known->second.index == link.index &&
            known->second.address == link.address) {
            seen.emplace(link.name, std::move(known->second));
        } else {
            Assignments fresh{link.address, link.index, {}};
            result = read_assignments(folder, fresh.device);
            seen.emplace(link.name, std::move(fresh));
        }
        const auto& numbers = seen.at(link.name).device.numbers;
        for (const auto which : {net_address_assign_type, net_name_assign_type, net_device_id})
            device.numbers[which] = numbers[which];
        return result;
    }

    std::unique_ptr<re2::RE2> ignored_;
    bool ignore_invalid_speed_, always_netlink_;
    std::map<std::string, Assignments> assigned_;
};

}  // namespace

extern const CollectorKind netclass_kind;
constinit const CollectorKind netclass_kind{
    "netclass",
    true,
    "states and settings of network devices",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        auto ignored = compile_pattern(given, ignored_flag);
        if (!ignored) return ignored.error();
        return std::make_unique<Netclass>(std::move(*ignored), given.on(speed_flag), given.on(netlink_flag));
    },
};

}  // namespace pifleet::node
