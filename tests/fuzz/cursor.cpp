// The cursor file: any bytes give places or none, and what they give is written and read back as it was.
#include "forwarder/sample_log/bytes.hpp"
#include "forwarder/sample_log/crc32c.hpp"
#include "forwarder/sample_log/cursors.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace pifleet::forwarder;

namespace {

void check(std::string_view bytes) {
    const auto saved = read_places(bytes);
    if (!saved) return;
    const auto again = read_places(places_bytes(*saved));
    if (!again || again->generation != saved->generation || again->places != saved->places) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check(bytes);
    // A checksum that fits is not to be found by chance: the same bytes as a payload with one.
    std::string summed, file("PIFLTCU1");
    put_fixed(summed, static_cast<std::uint32_t>(size));
    summed += bytes;
    file.append(summed, 0, 4);
    put_fixed(file, crc32c(summed));
    check(file.append(bytes));
    return 0;
}
