// Answers of network drivers, made here: whole, cut short, and too many.
#include "exporters/node/collectors/ethtool.hpp"

#include "exporters/node/collectors/ethtool_modes.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <linux/ethtool.h>

#include <cerrno>
#include <cstring>
#include <set>

namespace pifleet::node::test {

namespace {

struct Driver {
    std::vector<std::pair<std::string, std::uint64_t>> statistics;
    std::vector<std::uint32_t> supported{0, 0}, advertised{0, 0};
    std::uint32_t said = 0;  // how many statistics GDRVINFO tells; 0: as many as there are
    int link_error = 0, driver_error = 0, statistics_error = 0;
};

template <class Block>
Block front(std::span<const char> block) {
    Block value{};
    std::memcpy(&value, block.data(), std::min(sizeof value, block.size()));
    return value;
}

int answer_driver(const Driver& driver, std::span<char> block) {
    if (driver.driver_error != 0) return driver.driver_error;
    auto answer = front<ethtool_drvinfo>(block);
    std::memcpy(answer.driver, "bcmgenet", 8);
    std::memset(answer.fw_version, 'x', sizeof answer.fw_version);  // no zero byte at its end
    std::memcpy(answer.bus_info, "fd58\xff", 5);
    answer.n_stats = driver.said != 0 ? driver.said : static_cast<std::uint32_t>(driver.statistics.size());
    std::memcpy(block.data(), &answer, sizeof answer);
    return 0;
}

int answer_link(const Driver& driver, std::span<char> block) {
    if (driver.link_error != 0) return driver.link_error;
    auto answer = front<ethtool_link_settings>(block);
    const auto words = static_cast<std::int8_t>(driver.supported.size());
    const bool asked = answer.link_mode_masks_nwords == words;
    answer.link_mode_masks_nwords = asked ? words : static_cast<std::int8_t>(-words);
    answer.autoneg = AUTONEG_ENABLE;
    std::memcpy(block.data(), &answer, sizeof answer);
    if (!asked) return 0;
    const auto size = driver.supported.size() * sizeof(std::uint32_t);
    std::memcpy(block.data() + sizeof answer, driver.supported.data(), size);
    std::memcpy(block.data() + sizeof answer + size, driver.advertised.data(), size);
    return 0;
}

int answer_strings(const Driver& driver, std::span<char> block) {
    if (driver.statistics_error != 0) return driver.statistics_error;
    auto answer = front<ethtool_gstrings>(block);
    answer.len = static_cast<std::uint32_t>(driver.statistics.size());
    std::memcpy(block.data(), &answer, sizeof answer);
    auto* place = block.data() + sizeof answer;
    for (const auto& [name, value] : driver.statistics) {
        std::memcpy(place, name.data(), std::min<std::size_t>(name.size(), ETH_GSTRING_LEN));
        place += ETH_GSTRING_LEN;
    }
    return 0;
}

int answer_values(const Driver& driver, std::span<char> block) {
    auto answer = front<ethtool_stats>(block);
    answer.n_stats = static_cast<std::uint32_t>(driver.statistics.size());
    std::memcpy(block.data(), &answer, sizeof answer);
    auto* place = block.data() + sizeof answer;
    for (const auto& [name, value] : driver.statistics) {
        std::memcpy(place, &value, sizeof value);
        place += sizeof value;
    }
    return 0;
}

EthtoolCall answers_of(const Driver& driver) {
    return [&driver](const std::string&, std::span<char> block) {
        switch (front<std::uint32_t>(block)) {
            case ETHTOOL_GDRVINFO:
                return answer_driver(driver, block);
            case ETHTOOL_GLINKSETTINGS:
                return answer_link(driver, block);
            case ETHTOOL_GSTRINGS:
                return answer_strings(driver, block);
            case ETHTOOL_GSTATS:
                return answer_values(driver, block);
            default:
                return EOPNOTSUPP;
        }
    };
}

Collected collect_from(const Driver& driver, std::vector<const char*> flags = {}) {
    const Machine machine;
    machine.write("sys/class/net/eth0/address", "dc:a6:32:00:00:01\n");
    machine.write("sys/class/net/bonding_masters", "bond0\n");
    auto made = make_ethtool(command_line(flags), answers_of(driver));
    REQUIRE(made.has_value());
    return Probe(std::move(*made))(machine.host());
}

}  // namespace

TEST_CASE("ethtool: driver, link and statistics of a device") {
    Driver driver;
    driver.statistics = {
        {"rx_bytes", 1}, {"tx-errors[3]", 2}, {"rx_rx_foo", 3}, {"_a tx", 4}, {"", 5}, {"info", 6}};
    driver.supported = {1U << 4 | 1U << 5 | 1U << 6 | 1U << 7 | 1U << 9 | 1U << 13, 1U << (47 - 32)};
    driver.advertised = {1U << 5 | 1U << 14, 0};
    const auto got = collect_from(driver);
    CHECK(got.result);
    const auto& page = got.page;
    CHECK(page.at("node_ethtool_received_bytes_total{device=\"eth0\"}") == 1);
    CHECK(page.at("node_ethtool_transmitted_errors_3_{device=\"eth0\"}") == 2);
    CHECK(page.at("node_ethtool_received_rx_foo{device=\"eth0\"}") == 3);
    CHECK(page.at("node_ethtool_a_transmitted{device=\"eth0\"}") == 4);
    CHECK(page.count("node_ethtool_") == 5);
    CHECK(
        page.has("node_ethtool_info{bus_info=\"fd58\xef\xbf\xbd\",device=\"eth0\",driver=\"bcmgenet\","
                 "expansion_rom_version=\"\",firmware_version=\"" +
                 std::string(32, 'x') + "\",version=\"\"}"));
    CHECK(page.at("node_network_autonegotiate{device=\"eth0\"}") == 1);
    const std::string speed = "node_network_supported_speed_bytes{device=\"eth0\",duplex=";
    CHECK(page.at(speed + "\"half\",mode=\"1000baseT\"}") == 125e6);
    CHECK(page.at(speed + "\"full\",mode=\"1000baseT\"}") == 125e6);
    CHECK(page.at(speed + "\"full\",mode=\"2500baseT\"}") == 312.5e6);
    CHECK(page.count("node_network_supported_speed_bytes") == 3);
    CHECK(page.count("node_network_advertised_speed_bytes") == 1);
    CHECK(page.count("node_network_supported_port_info") == 2);
    CHECK(page.at("node_network_pause_supported{device=\"eth0\"}") == 1);
    CHECK(page.at("node_network_asymmetricpause_supported{device=\"eth0\"}") == 0);
    CHECK(page.at("node_network_asymmetricpause_advertised{device=\"eth0\"}") == 1);
    CHECK(page.types.at("node_ethtool_received_bytes_total") == metrics::Type::unknown);
}

TEST_CASE("ethtool: two statistics of one name are neither; one that is told twice is told once") {
    Driver driver;
    driver.statistics = {
        {"a-b", 1}, {"a_b", 2}, {"a b", 3}, {"same", 4}, {"same", 5}, {"rx_bytes", 6}, {"rx_bytes_total", 7}};
    const auto got = collect_from(driver);
    CHECK(got.result);
    CHECK(got.page.count("node_ethtool_a_b") == 0);
    CHECK(got.page.count("node_ethtool_received_bytes_total") == 0);
    CHECK(got.page.at("node_ethtool_same{device=\"eth0\"}") == 5);
}

TEST_CASE("ethtool: flags choose devices and statistics") {
    Driver driver;
    driver.statistics = {{"rx_errors", 1}, {"tx_errors", 2}};
    CHECK(collect_from(driver, {"--collector.ethtool.metrics-include=^rx"}).page.count("node_ethtool_") == 2);
    CHECK(collect_from(driver, {"--collector.ethtool.device-exclude=eth"}).page.series.empty());
    CHECK(collect_from(driver, {"--collector.ethtool.device-include=wlan"}).page.series.empty());
    CHECK(make_error("ethtool", {"--collector.ethtool.metrics-include=("}).find("metrics-include") !=
          std::string::npos);
}

TEST_CASE("ethtool: what a driver refuses is left out; what goes wrong is a failure") {
    Driver driver;
    driver.statistics = {{"x", 1}};
    driver.link_error = EOPNOTSUPP;
    CHECK(collect_from(driver).result);
    CHECK(collect_from(driver).page.count("node_network_") == 0);
    CHECK(collect_from(driver).page.count("node_ethtool_x") == 1);
    driver.driver_error = ENODEV;
    CHECK(collect_from(driver).page.series.empty());
    driver.driver_error = 0;
    driver.statistics_error = EIO;
    const auto broken = collect_from(driver);
    REQUIRE_FALSE(broken.result);
    CHECK(broken.result.error().message.find("statistics of eth0: Input/output error") != std::string::npos);
    CHECK(broken.page.count("node_ethtool_info") == 1);
    driver.statistics_error = 0;
    driver.said = 1'000'000'000;
    CHECK_FALSE(collect_from(driver).result);
    driver.said = 5;  // more by now than when it was asked how many: the names still belong to the values
    CHECK(collect_from(driver).page.count("node_ethtool_x") == 1);
    Machine empty;
    CHECK(collect("ethtool", empty.host()).result.error().kind == Error::Kind::absent);
}

TEST_CASE("ethtool: answers of nonsense") {
    for (const int words : {0, 1, -128, -1, 127}) {
        const auto got = ethtool_link(
            [words](const std::string&, std::span<char> block) {
                auto answer = front<ethtool_link_settings>(block);
                answer.link_mode_masks_nwords = static_cast<std::int8_t>(words);
                std::memcpy(block.data(), &answer, sizeof answer);
                return 0;
            },
            "eth0");
        CHECK_FALSE(got.has_value());
    }
    const auto endless = ethtool_statistics(
        [](const std::string&, std::span<char> block) {
            std::memset(block.data(), '\xff', block.size());
            return 0;
        },
        "eth0",
        3);
    CHECK_FALSE(endless.has_value());
}

TEST_CASE("ethtool: every mode once") {
    std::set<unsigned> bits;
    std::set<std::string> names;
    for (const auto& speed : ethtool_speeds()) {
        CHECK(bits.insert(speed.bit).second);
        CHECK(names.insert(std::string(speed.mode) + std::string(speed.duplex)).second);
        CHECK(speed.mode.starts_with(std::to_string(speed.megabits) + "base"));
    }
    CHECK(bits.size() > 75);
}

TEST_CASE("ethtool: asks the running kernel") {
    std::uint32_t command = ETHTOOL_GDRVINFO;
    const std::span<char> block(reinterpret_cast<char*>(&command), sizeof command);
    CHECK(ask_ethtool("a name that no device could have", block) == ENODEV);
    CHECK(ask_ethtool("nosuchdevice", block) != 0);
}

}  // namespace pifleet::node::test
