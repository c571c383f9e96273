// Blocks of linux/ethtool.h, read by copying: nothing that a driver says is taken for a length before it was
// checked against the room that there is.
#include "exporters/node/collectors/ethtool_device.hpp"

#include "exporters/node/machine_files.hpp"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

namespace pifleet::node {

namespace {

// mlx5 has some thousand; a driver that says more is not believed.
constexpr std::uint32_t most_statistics = 64 * 1024;
// The kernel fills in as many as there are at that moment, whatever was asked for: queues may have come
// meanwhile.
constexpr std::uint32_t spare_statistics = 1024;

// The errors of a device that is down, gone, asleep or has no such thing.
bool does_not_tell(int code) {
    return code == EOPNOTSUPP || code == ENODEV || code == EINVAL || code == ENETDOWN;
}

template <class Block>
Block take(std::span<const char> bytes) {
    Block block{};
    std::memcpy(&block, bytes.data(), std::min(sizeof block, bytes.size()));
    return block;
}

Result<void> ask(const EthtoolCall& call,
                 const std::string& device,
                 std::string_view what,
                 std::span<char> block) {
    const int code = call(device, block);
    if (code == 0) return {};
    const auto text = "ethtool: " + std::string(what) + " of " + device + ": " + std::strerror(code);
    return does_not_tell(code) ? absent(text) : failure(text);
}

// The same with a block of one structure.
template <class Block>
Result<void> ask_one(const EthtoolCall& call,
                     const std::string& device,
                     std::string_view what,
                     Block& block) {
    static_assert(std::is_trivially_copyable_v<Block>);
    return ask(call, device, what, {reinterpret_cast<char*>(&block), sizeof block});
}

// A field that ends with a zero byte or where its room ends.
template <std::size_t size>
std::string text_of(const char (&field)[size]) {
    const std::string_view all(field, size);
    return valid_utf8(all.substr(0, all.find('\0')));
}

std::vector<std::uint32_t> words_of(std::span<const char> bytes) {
    std::vector<std::uint32_t> words(bytes.size() / sizeof(std::uint32_t));
    if (!words.empty()) std::memcpy(words.data(), bytes.data(), words.size() * sizeof words[0]);
    return words;
}

}  // namespace

int ask_ethtool(const std::string& device, std::span<char> block) {
    ifreq request{};
    if (device.size() >= sizeof request.ifr_name) return ENODEV;
    std::memcpy(request.ifr_name, device.data(), device.size());
    request.ifr_data = block.data();
    const int number = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (number < 0) return errno;
    const int code = ::ioctl(number, SIOCETHTOOL, &request) < 0 ? errno : 0;
    ::close(number);
    return code;
}

Result<EthtoolDriver> ethtool_driver(const EthtoolCall& call, const std::string& device) {
    ethtool_drvinfo block{};
    block.cmd = ETHTOOL_GDRVINFO;
    if (const auto asked = ask_one(call, device, "driver", block); !asked) return asked.error();
    return EthtoolDriver{text_of(block.driver),
                         text_of(block.version),
                         text_of(block.fw_version),
                         text_of(block.erom_version),
                         text_of(block.bus_info),
                         block.n_stats};
}

Result<EthtoolLink> ethtool_link(const EthtoolCall& call, const std::string& device) {
    // Asked without room, the kernel says how much the three masks behind the block take, as a number below
    // 0.
    ethtool_link_settings question{};
    question.cmd = ETHTOOL_GLINKSETTINGS;
    if (const auto asked = ask_one(call, device, "link", question); !asked) return asked.error();
    const int words = -question.link_mode_masks_nwords;
    if (words <= 0) return failure("ethtool: link of " + device + ": no size of the modes");
    const auto mask = static_cast<std::size_t>(words) * sizeof(std::uint32_t);
    question = {};
    question.cmd = ETHTOOL_GLINKSETTINGS;
    question.link_mode_masks_nwords = static_cast<std::int8_t>(words);
    std::vector<char> block(sizeof question + 3 * mask);
    std::memcpy(block.data(), &question, sizeof question);
    if (const auto asked = ask(call, device, "link", block); !asked) return asked.error();
    const auto answer = take<ethtool_link_settings>(block);
    if (answer.link_mode_masks_nwords != words)
        return failure("ethtool: link of " + device + ": other modes now");
    const auto masks = std::span<const char>(block).subspan(sizeof question);
    return EthtoolLink{
        answer.autoneg == AUTONEG_ENABLE, words_of(masks.first(mask)), words_of(masks.subspan(mask, mask))};
}

Result<std::vector<EthtoolStatistic>> ethtool_statistics(const EthtoolCall& call,
                                                         const std::string& device,
                                                         std::uint32_t count) {
    if (count == 0) return absent("ethtool: " + device + " has no statistics");
    if (count > most_statistics)
        return failure("ethtool: " + device + " has " + std::to_string(count) + " statistics");
    const std::size_t room = count + spare_statistics;
    ethtool_gstrings names{};
    names.cmd = ETHTOOL_GSTRINGS;
    names.string_set = ETH_SS_STATS;
    names.len = count;
    std::vector<char> strings(sizeof names + room * ETH_GSTRING_LEN);
    std::memcpy(strings.data(), &names, sizeof names);
    if (const auto asked = ask(call, device, "statistics", strings); !asked) return asked.error();
    ethtool_stats numbers{};
    numbers.cmd = ETHTOOL_GSTATS;
    numbers.n_stats = count;
    std::vector<char> values(sizeof numbers + room * sizeof(std::uint64_t));
    std::memcpy(values.data(), &numbers, sizeof numbers);
    if (const auto asked = ask(call, device, "statistics", values); !asked) return asked.error();

    const auto named = take<ethtool_gstrings>(strings).len;
    if (named != take<ethtool_stats>(values).n_stats || named > room)
        return failure("ethtool: the statistics of " + device + " changed while they were read");
    std::vector<EthtoolStatistic> all(named);
    for (std::size_t i = 0; i < named; ++i) {
        const std::string_view name(strings.data() + sizeof names + i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
        all[i].name = name.substr(0, name.find('\0'));
        std::memcpy(
            &all[i].value, values.data() + sizeof numbers + i * sizeof(std::uint64_t), sizeof all[i].value);
    }
    return all;
}

}  // namespace pifleet::node
