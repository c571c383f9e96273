// "4" or "6".
#pragma once

#include <string_view>

namespace pifleet::k8s {

/// Of which family an address is; empty when it is none. An IPv4 address that is written as an IPv6 one
/// ("::ffff:10.0.0.1") is of family 4; leading zeros ("010.0.0.1") are of no weight.
std::string_view ip_family(std::string_view address);

}  // namespace pifleet::k8s
