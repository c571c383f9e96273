// Which devices a collector shows: a pair of regular expressions from the flags, of which only one may be
// given.
#pragma once

#include "common/base/result.hpp"
#include "common/process/command_line.hpp"

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace pifleet::node {

/// A pattern in the syntax that the exporters' flags have always had (Go's, which is RE2's). It matches
/// anywhere in the name unless it is anchored. Empty: none.
Result<std::unique_ptr<re2::RE2>> compile_pattern(const process::CommandLine& flags, std::string_view flag);
/// The same for a pattern that has to match the whole name. An empty one matches no name.
Result<std::unique_ptr<re2::RE2>> compile_whole_pattern(const process::CommandLine& flags,
                                                        std::string_view flag);
bool matches(const re2::RE2& pattern, std::string_view name);

class DeviceFilter {
  public:
    /// Reads both flags. Including takes the place of an excluding that nobody typed; both typed is an error.
    static Result<DeviceFilter> from_flags(const process::CommandLine& flags,
                                           std::string_view include,
                                           std::string_view exclude);
    DeviceFilter(DeviceFilter&&) noexcept;
    DeviceFilter& operator=(DeviceFilter&&) noexcept;
    ~DeviceFilter();

    bool keeps(std::string_view name) const;

  private:
    DeviceFilter();
    std::unique_ptr<re2::RE2> include_;
    std::unique_ptr<re2::RE2> exclude_;
};

}  // namespace pifleet::node
