// Interrupts by CPU, kind and device: /proc/interrupts, a column per CPU. Numbered interrupts have the
// controller behind the columns and then the devices, the others a description.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <string>
#include <vector>

namespace pifleet::node {

namespace {

using process::FlagKind;

constexpr metrics::Family interrupts{
    "node_interrupts_total", metrics::Type::counter, "Interrupts, by CPU and source."};

constexpr std::string_view include_flag = "collector.interrupts.name-include";
constexpr std::string_view exclude_flag = "collector.interrupts.name-exclude";
constexpr std::string_view zeros_flag = "collector.interrupts.include-zeros";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, "", "Interrupts to show, as TYPE;INFO;DEVICES (regular expression)."},
    {exclude_flag, FlagKind::text, "", "Interrupts to leave out, as TYPE;INFO;DEVICES (regular expression)."},
    {zeros_flag, FlagKind::on_off, "true", "Also show interrupts that never happened."},
};

// The words of the line with one blank between them.
std::string joined(std::string_view line) {
    std::string text;
    for (auto word = next_word(line); !word.empty(); word = next_word(line))
        (text += text.empty() ? "" : " ") += word;
    return valid_utf8(text);
}

class Interrupts final : public Collector {
  public:
    Interrupts(DeviceFilter filter, bool zeros) : filter_(std::move(filter)), zeros_(zeros) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("interrupts");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();
        std::vector<std::string> cpus;  // counted, as CPUs that are off have no column
        for (auto word = lines.word(); !word.empty(); word = lines.word()) {
            if (!word.starts_with("CPU")) return lines.error("not a heading of CPUs");
            cpus.push_back(std::to_string(cpus.size()));
        }
        if (cpus.empty()) return lines.error("not a heading of CPUs");
        while (lines.next())
            if (auto added = add_line(lines, cpus, page); !added) return added;
        return {};
    }

  private:
    Result<void> add_line(LineReader& lines,
                          const std::vector<std::string>& cpus,
                          metrics::Page& page) const {
        auto line = lines.line();
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return lines.error("not 'TYPE: NUMBERS ...'");
        const auto type = valid_utf8(trim(line.substr(0, colon)));
        line.remove_prefix(colon + 1);
        // ERR and MIS count for all CPUs at once; a Pi's "FIQ:  usb_fiq" counts nothing.
        if (fields(line).size() <= cpus.size()) return {};
        std::vector<std::uint64_t> counts;
        counts.reserve(cpus.size());
        while (counts.size() < cpus.size()) {
            const auto word = next_word(line);
            const auto value = to_unsigned(word);
            if (!value) return lines.error("not 'TYPE: NUMBERS ...'");
            counts.push_back(*value);
        }
        const bool numbered = to_unsigned(type).has_value();
        const auto info = numbered ? valid_utf8(next_word(line)) : joined(line);
        const auto devices = numbered ? joined(line) : std::string();
        if (!filter_.keeps(type + ";" + info + ";" + devices)) return {};
        for (std::size_t i = 0; i < cpus.size(); ++i)
            if (zeros_ || counts[i] != 0)
                page.add(interrupts,
                         {{"cpu", cpus[i]}, {"devices", devices}, {"info", info}, {"type", type}},
                         static_cast<double>(counts[i]));
        return {};
    }

    DeviceFilter filter_;
    bool zeros_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto filter = DeviceFilter::from_flags(given, include_flag, exclude_flag);
    if (!filter) return filter.error();
    return std::make_unique<Interrupts>(std::move(*filter), given.on(zeros_flag));
}

}  // namespace

extern const CollectorKind interrupts_kind;
constinit const CollectorKind interrupts_kind{
    "interrupts", false, "interrupts, by CPU and source", flags, make};

}  // namespace pifleet::node
