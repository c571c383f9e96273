// The rails of the Raspberry Pi 5's power management chip, as `vcgencmd pmic_read_adc` lists them.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"

#include <string_view>

namespace pifleet::node {

/// Lines "3V3_SYS_A current(1)=0.06441246A" and "EXT5V_V volt(24)=5.15092000V". The first line that is
/// neither (or a rail that stands twice) is a failure that quotes it; the other rails are added all the same.
/// The rail BATT is the clock's battery.
Result<void> add_pmic_rails(std::string_view text, metrics::Page& page);

}  // namespace pifleet::node
