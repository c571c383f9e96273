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
        bool valid = false;   // a metric could be called so
        bool wanted = false;  // and the pattern takes it
        metrics::Family family;
        std::string name, help;  // what the family points to
        std::string_view field;
        Field* next = nullptr;  // who came after it the last time; the first one after the last one
    };

    /// A field becomes `prefix` + field, with the help text `help` + field. Every field is wanted.
    FieldMetrics(std::string prefix, metrics::Type type, std::string help);
    FieldMetrics(FieldMetrics&&) noexcept;
    FieldMetrics& operator=(FieldMetrics&&) noexcept;
    ~FieldMetrics();

    /// Only the fields that the flag's regular expression matches.
    Result<void> want_only(const process::CommandLine& flags, std::string_view flag);

    /// Holds until the next call. Asking in the order of the last time costs a comparison each.
    const Field& operator[](std::string_view field);

  private:
    Field& look_up(std::string_view field);

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    std::string prefix_;
    metrics::Type type_;
    std::string help_;
    std::unique_ptr<re2::RE2> pattern_;
    std::unordered_map<std::string, Field, Hash, std::equal_to<>> fields_;
    Field* last_ = nullptr;  // who was asked for last
};

}  // namespace pifleet::node
