// How much randomness the kernel has gathered.
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family available{"node_entropy_available_bits", Type::gauge, "Random bits in the kernel's pool."};
constexpr Family pool_size{"node_entropy_pool_size_bits", Type::gauge, "Random bits that the pool can hold."};

class Entropy final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto bits = read_unsigned(host.proc("sys/kernel/random/entropy_avail"));
        if (!bits) return failure(bits.error().message);
        page.add(available, static_cast<double>(*bits));
        const auto size = read_unsigned(host.proc("sys/kernel/random/poolsize"));
        if (!size) return failure(size.error().message);
        page.add(pool_size, static_cast<double>(*size));
        return {};
    }
};

}  // namespace

extern const CollectorKind entropy_kind;
constinit const CollectorKind entropy_kind{
    "entropy", true, "randomness that the kernel has gathered", {}, make_collector<Entropy>};

}  // namespace pifleet::node
