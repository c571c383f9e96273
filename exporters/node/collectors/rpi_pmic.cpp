#include "exporters/node/collectors/rpi_pmic.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <set>
#include <string>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Quantity {
    std::string_view ending;  // of the channel's name
    std::string_view word;    // before the channel's number
    char unit;
    Family family;
};

constexpr Quantity quantities[] = {
    {"_A",
     "current(",
     'A',
     {"rpi_pmic_current_amperes",
      Type::gauge,
      "Current of a rail of the power chip. What USB and the header take is not in it."}},
    {"_V", "volt(", 'V', {"rpi_pmic_voltage_volts", Type::gauge, "Voltage of a rail of the power chip."}},
};

using Seen = std::set<std::string_view>;

bool add_rail(std::string_view line, Seen& seen, metrics::Page& page) {
    const auto channel = next_word(line);
    const auto reading = trim(line);
    const auto equals = reading.find(")=");
    if (equals == std::string_view::npos) return false;
    for (const auto& quantity : quantities) {
        if (!channel.ends_with(quantity.ending) || !reading.starts_with(quantity.word) ||
            reading.back() != quantity.unit)
            continue;
        const auto value = to_double(reading.substr(equals + 2, reading.size() - equals - 3));
        if (!value || !seen.insert(channel).second) return false;
        const auto rail = valid_utf8(channel.substr(0, channel.size() - quantity.ending.size()));
        page.add(quantity.family, {{"rail", rail}}, *value);
        return true;
    }
    return false;
}

}  // namespace

Result<void> add_pmic_rails(std::string_view text, metrics::Page& page) {
    Result<void> result;
    Seen seen;
    while (!text.empty()) {
        const auto line = trim(next_line(text));
        if (!line.empty() && !add_rail(line, seen, page))
            note(result, failure("pmic_read_adc: '" + printable(line, 60) + "' is not a rail"));
    }
    return result;
}

}  // namespace pifleet::node
