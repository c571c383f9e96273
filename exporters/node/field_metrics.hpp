// Metrics for a file whose fields name themselves (/proc/vmstat, /proc/net/netstat, ZFS's tables): what
// becomes of a name is decided once, by a pattern if there is one, and remembered.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/model.hpp"
#include "common/process/command_line.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace re2 {
class RE2;
}

namespace pifleet::node {

class FieldMetrics {
  public:
    struct Field {
        bool valid;   // a metric could be called so
        bool wanted;  // and the pattern takes it
        metrics::Family family;
        std::string name, help;  // what the family points to
    };

    /// A field becomes `prefix` + field, with the help text `help` + field. Every field is wanted.
    FieldMetrics(std::string prefix, metrics::Type type, std::string help);
    FieldMetrics(FieldMetrics&&) noexcept;
    FieldMetrics& operator=(FieldMetrics&&) noexcept;
    ~FieldMetrics();

    /// Only the fields that the flag's regular expression matches.
    Result<void> want_only(const process::CommandLine& flags, std::string_view flag);

    /// Holds until the next call.
    const Field& operator[](std::string_view field);

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    std::string prefix_;
    metrics::Type type_;
    std::string help_;
    std::unique_ptr<re2::RE2> pattern_;
    std::unordered_map<std::string, Field, Hash, std::equal_to<>> fields_;
};

}  // namespace pifleet::node
