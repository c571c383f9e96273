// Quality of wireless links, from /proc/net/wireless (the kernel's net/wireless/wext-proc.c): free of netlink
// and of privileges. Kernels without the old wireless interface have no such file.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <set>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family quality{
    "rpi_wireless_link_quality", Type::gauge, "Quality of the link; brcmfmac's best is 70."};
constexpr Family level{"rpi_wireless_signal_dbm", Type::gauge, "Strength of the signal received."};
constexpr Family noise{"rpi_wireless_noise_dbm", Type::gauge, "Noise on the channel."};
constexpr Family discarded{
    "rpi_wireless_discarded_total", Type::counter, "Packets thrown away by the wireless layer, by reason."};
constexpr Family missed{"rpi_wireless_missed_beacons_total", Type::counter, "Beacons that did not arrive."};

constexpr std::string_view reasons[] = {"nwid", "crypt", "frag", "retry", "misc"};
constexpr double not_known = -256;

// " wlan0: 0000   54.  -56.  -256        0      0      0      0     17        0"; a dot marks a value that is
// new since the last read.
bool add_line(std::string_view line, std::set<std::string_view>& seen, metrics::Page& page) {
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) return false;
    const auto name = trim(line.substr(0, colon));
    line.remove_prefix(colon + 1);
    if (name.empty() || !seen.insert(name).second) return false;
    next_word(line);  // the status: the driver's own bits
    double values[9];
    for (auto& value : values) {
        auto word = next_word(line);
        if (word.ends_with('.')) word.remove_suffix(1);
        const auto number = to_int(word);
        if (!number) return false;
        value = static_cast<double>(*number);
    }
    const auto device = valid_utf8(name);
    page.add(quality, {{"device", device}}, values[0]);
    if (values[1] != not_known) page.add(level, {{"device", device}}, values[1]);
    if (values[2] != not_known) page.add(noise, {{"device", device}}, values[2]);
    for (std::size_t i = 0; i < std::size(reasons); ++i)
        page.add(discarded, {{"device", device}, {"reason", reasons[i]}}, values[3 + i]);
    page.add(missed, {{"device", device}}, values[8]);
    return true;
}

class RpiWireless final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("net/wireless");
        const auto text = read_file(path);
        if (!text) return text.error().kind == Error::Kind::absent ? Result<void>() : text.error();
        std::string_view rest = *text;
        std::set<std::string_view> seen;
        for (int number = 1; !rest.empty(); ++number) {
            const auto line = next_line(rest);
            if (number > 2 && !add_line(line, seen, page))  // two lines of headings
                return failure(path + " line " + std::to_string(number) + " does not describe a link");
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind rpi_wireless_kind;
constinit const CollectorKind rpi_wireless_kind{
    "rpi_wireless",
    true,
    "quality of wireless links",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<RpiWireless>();
    },
};

}  // namespace pifleet::node
