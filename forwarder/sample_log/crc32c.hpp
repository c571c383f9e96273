// CRC-32C (Castagnoli), the checksum of everything that is written to the storage folder.
#pragma once

#include <cstdint>
#include <string_view>

namespace pifleet::forwarder {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace pifleet::forwarder
