// Counters of the memory management, of /proc/vmstat: those whose names the pattern takes.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

constexpr std::string_view fields_flag = "collector.vmstat.fields";
constexpr process::Flag flags[] = {
    {fields_flag,
     process::FlagKind::text,
     "^(oom_kill|pgpg|pswp|pg.*fault).*",
     "Fields of /proc/vmstat to show (regular expression)."},
};

class Vmstat final : public Collector {
  public:
    explicit Vmstat(FieldMetrics metrics) : metrics_(std::move(metrics)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("vmstat");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        while (lines.next()) {
            const auto& field = metrics_[lines.word()];
            if (!field.valid) return lines.error("no field that a metric could be called after");
            const auto word = lines.word();
            const auto value = to_double(word);
            if (!value) return lines.error("not 'FIELD NUMBER'");
            if (field.wanted) page.add(field.family, *value);
        }
        return {};
    }

  private:
    FieldMetrics metrics_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    FieldMetrics metrics("node_vmstat_", metrics::Type::unknown, "Of /proc/vmstat: ");
    if (auto set = metrics.want_only(given, fields_flag); !set) return set.error();
    return std::make_unique<Vmstat>(std::move(metrics));
}

}  // namespace

extern const CollectorKind vmstat_kind;
constinit const CollectorKind vmstat_kind{"vmstat", true, "counters of the memory management", flags, make};

}  // namespace pifleet::node
