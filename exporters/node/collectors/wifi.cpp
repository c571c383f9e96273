// Wireless interfaces, the network each belongs to and the stations at the other end, by nl80211: always the
// running kernel's, whatever the root folders say.
#include "exporters/node/collectors/wifi.hpp"

#include "exporters/node/machine_files.hpp"

#include <linux/nl80211.h>

#include <map>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family frequency{
    "node_wifi_interface_frequency_hertz", Type::gauge, "Where the interface sends; 0: nowhere."};
constexpr Family info{"node_wifi_station_info", Type::gauge, "The network that the interface belongs to."};

struct StationRow {
    std::optional<double> WifiStation::*field;
    Family family;
};
constexpr StationRow station_rows[] = {
    {&WifiStation::connected,
     {"node_wifi_station_connected_seconds_total", Type::counter, "How long the station is connected."}},
    {&WifiStation::inactive,
     {"node_wifi_station_inactive_seconds", Type::gauge, "How long the station has said nothing."}},
    {&WifiStation::receive_rate,
     {"node_wifi_station_receive_bits_per_second", Type::gauge, "The rate at which it is heard."}},
    {&WifiStation::transmit_rate,
     {"node_wifi_station_transmit_bits_per_second", Type::gauge, "The rate at which it is spoken to."}},
    {&WifiStation::received_bytes,
     {"node_wifi_station_receive_bytes_total", Type::counter, "Bytes from the station."}},
    {&WifiStation::transmitted_bytes,
     {"node_wifi_station_transmit_bytes_total", Type::counter, "Bytes to the station."}},
    {&WifiStation::received_packets,
     {"node_wifi_station_received_packets_total", Type::counter, "Packets from the station."}},
    {&WifiStation::transmitted_packets,
     {"node_wifi_station_transmitted_packets_total", Type::counter, "Packets to the station."}},
    {&WifiStation::signal,
     {"node_wifi_station_signal_dbm", Type::gauge, "How strong the station's signal is, in dBm."}},
    {&WifiStation::retries,
     {"node_wifi_station_transmit_retries_total", Type::counter, "Packets to the station sent again."}},
    {&WifiStation::failed,
     {"node_wifi_station_transmit_failed_total", Type::counter, "Packets to the station given up."}},
    {&WifiStation::beacon_losses,
     {"node_wifi_station_beacon_loss_total", Type::counter, "Times that its beacons were missed."}},
};

class Wifi final : public Collector {
  public:
    explicit Wifi(WifiDump dump) : dump_(std::move(dump)) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        std::map<std::string, WifiInterface> interfaces;
        const auto listed = dump_(NL80211_CMD_GET_INTERFACE, 0, [&interfaces](auto attributes) {
            auto interface = parse_wifi_interface(attributes);
            if (!interface.name.empty() && interface.index != 0)
                interfaces.insert_or_assign(interface.name, interface);
        });
        if (!listed) return listed.error();
        Result<void> result;
        for (const auto& [name, interface] : interfaces) {
            page.add(frequency, {{"device", name}}, interface.megahertz * 1e6);
            note_failure(result, add_network(interface, page));
            note_failure(result, add_stations(interface, page));
        }
        return result;
    }

  private:
    // A driver need not know of networks or stations.
    static void note_failure(Result<void>& result, const Result<void>& next) {
        if (!next && next.error().kind == Error::Kind::failure) note(result, next);
    }

    Result<void> add_network(const WifiInterface& interface, metrics::Page& page) {
        std::optional<WifiNetwork> network;
        const auto dumped = dump_(NL80211_CMD_GET_SCAN, interface.index, [&network](auto attributes) {
            if (!network) network = parse_wifi_network(attributes);
        });
        if (network)
            page.add(info,
                     {{"bssid", network->bssid},
                      {"device", interface.name},
                      {"mode", network->mode},
                      {"ssid", network->ssid}},
                     1);
        return dumped;
    }

    Result<void> add_stations(const WifiInterface& interface, metrics::Page& page) {
        std::map<std::string, WifiStation> stations;  // a dump that is disturbed may name one twice
        const auto dumped = dump_(NL80211_CMD_GET_STATION, interface.index, [&stations](auto attributes) {
            if (auto station = parse_wifi_station(attributes))
                stations.insert_or_assign(station->address, *station);
        });
        for (const auto& [address, station] : stations)
            for (const auto& row : station_rows)
                if (const auto& value = station.*row.field)
                    page.add(row.family, {{"device", interface.name}, {"mac_address", address}}, *value);
        return dumped;
    }

    WifiDump dump_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine&) {
    return make_wifi(ask_nl80211);
}

}  // namespace

std::unique_ptr<Collector> make_wifi(WifiDump dump) {
    return std::make_unique<Wifi>(std::move(dump));
}

extern const CollectorKind wifi_kind;
constinit const CollectorKind wifi_kind{"wifi", false, "wireless interfaces and their stations", {}, make};

}  // namespace pifleet::node
