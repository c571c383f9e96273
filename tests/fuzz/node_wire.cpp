// What the node exporter's optional collectors take from daemons and files: answers of SNTP, HTTP and
// XML-RPC, /proc/drbd, pci.ids. The first byte says which.
#include "common/metrics/page.hpp"
#include "exporters/node/collectors/drbd.hpp"
#include "exporters/node/collectors/pci_ids.hpp"
#include "exporters/node/collectors/sntp.hpp"
#include "exporters/node/http_post.hpp"
#include "exporters/node/xml_rpc.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace pifleet;
using namespace pifleet::node;

namespace {

void clock_server(const std::string& packet) {
    const auto answer = parse_sntp_answer(packet, 0x6368656365636865);
    if (!answer) return;
    const auto now = to_ntp_time(Nanoseconds(1'750'000'000'000'000'000));
    const auto found = judge(*answer, now, now + 1000);
    if (found.round_trip.count() < 0 || found.least_error.count() < 0) std::abort();
    if (!std::isfinite(reference_seconds(*answer))) std::abort();
    static_cast<void>(is_sound(*answer));
}

std::size_t count(const XmlRpcValue& value, int depth) {
    if (depth > 20) std::abort();
    std::size_t all = 1;
    for (const auto& [name, member] : value.members) all += count(member, depth + 1);
    for (const auto& item : value.items) all += count(item, depth + 1);
    return all;
}

void daemon_answer(const std::string& text) {
    const auto value = parse_xml_rpc_answer(text);
    if (value && count(*value, 0) > text.size()) std::abort();
}

// Whatever DRBD's file says, the page stays one that can be read.
void mirrored_disks(const std::string& text) {
    static metrics::Page page;
    page.clear();
    const auto added = add_drbd("drbd", text, page);
    if (added && !text.starts_with("version:") && text.find("version:") == std::string::npos) std::abort();
}

void device_names(const std::string& text) {
    const PciId id{"8086", "1572", "8086", "0007", "010802"};
    const auto names = find_pci_names(text, id);
    for (const auto* name : {&names.vendor, &names.device, &names.subsystem_device, &names.class_name})
        if (name->size() > 3 * text.size() + 32) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 6) {
        case 0:
            clock_server(text);
            break;
        case 1:
            daemon_answer(text);
            break;
        case 2:
            static_cast<void>(body_of_answer(text));
            break;
        case 3:
            mirrored_disks(text);
            break;
        case 4:
            device_names(text);
            break;
        default:
            static_cast<void>(parse_go_duration(text));
            static_cast<void>(parse_post_target(text, "/RPC2"));
    }
    return 0;
}
