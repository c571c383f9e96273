// Services that runit supervises. Each service's folder has supervise/status: 20 bytes, of which the first
// eight are the time of the last change as TAI64 (big endian), byte 17 is what is wanted and byte 19 what is.
// A file `down` in the folder says that the service is not started by itself.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

#include <string>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family state{
    "node_service_state", Type::gauge, "0: down, 1: runs, 2: is being ended by its finish script."};
constexpr Family desired{"node_service_desired_state", Type::gauge, "0: should be down, 1: should run."};
constexpr Family normal{
    "node_service_normal_state", Type::gauge, "Whether the service is started by itself."};
constexpr Family changed{
    "node_service_state_last_change_timestamp_seconds", Type::gauge, "When the state changed last."};

constexpr std::string_view folder_flag = "collector.runit.servicedir";
constexpr process::Flag flags[] = {
    {folder_flag, process::FlagKind::text, "/etc/service", "Folder of the services that runit supervises."},
};

// What a TAI64 label says at the beginning of 1970 by the clock: 2^62, and the ten seconds between TAI and
// UTC then.
constexpr std::uint64_t tai_epoch = (std::uint64_t{1} << 62) + 10;
constexpr std::size_t status_size = 20, want_at = 17, state_at = 19;

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

Result<void> add_service(const std::string& folder, const std::string& name, metrics::Page& page) {
    const auto path = folder + "/" + name + "/supervise/status";
    const auto status = read_file(path, 4096);
    if (!status) return status.error();
    if (status->size() != status_size) return failure(path + " does not have 20 bytes");
    const auto service = valid_utf8(name);
    const metrics::Label labels[] = {{"service", service}, {"supervisor", "runit"}};
    const auto seconds = static_cast<std::int64_t>(big_endian(status->substr(0, 8)) - tai_epoch);
    page.add(state, labels, static_cast<unsigned char>((*status)[state_at]));
    page.add(desired, labels, (*status)[want_at] == 'u' ? 1 : 0);
    page.add(normal, labels, read_file(folder + "/" + name + "/down") ? 0 : 1);
    page.add(changed, labels, static_cast<double>(seconds));
    return {};
}

class Runit final : public Collector {
  public:
    explicit Runit(std::string folder) : folder_(std::move(folder)) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        const auto names = list_folder(folder_);
        if (!names) return names.error();
        Result<void> result;
        for (const auto& name : *names) {
            const auto added = add_service(folder_, name, page);
            if (!added && added.error().kind == Error::Kind::failure) note(result, added);
        }
        return result;
    }

  private:
    std::string folder_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    return std::make_unique<Runit>(given.text(folder_flag));
}

}  // namespace

extern const CollectorKind runit_kind;
constinit const CollectorKind runit_kind{"runit", false, "services that runit supervises", flags, make};

}  // namespace pifleet::node
