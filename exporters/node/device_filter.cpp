#include "exporters/node/device_filter.hpp"

#include <re2/re2.h>

#include <string>

namespace pifleet::node {

namespace {

Result<std::unique_ptr<re2::RE2>> compile(std::string_view flag,
                                          const std::string& given,
                                          const std::string& pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_unique<re2::RE2>(pattern, options);
    if (compiled->ok()) return compiled;
    return failure("--" + std::string(flag) + ": '" + given +
                   "' is not a regular expression: " + compiled->error());
}

}  // namespace

Result<std::unique_ptr<re2::RE2>> compile_pattern(const process::CommandLine& flags, std::string_view flag) {
    const std::string& pattern = flags.text(flag);
    if (pattern.empty()) return std::unique_ptr<re2::RE2>();
    return compile(flag, pattern, pattern);
}

Result<std::unique_ptr<re2::RE2>> compile_whole_pattern(const process::CommandLine& flags,
                                                        std::string_view flag) {
    const std::string& pattern = flags.text(flag);
    return compile(flag, pattern, "^(?:" + pattern + ")$");
}

bool matches(const re2::RE2& pattern, std::string_view name) {
    return re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), pattern);
}

DeviceFilter::DeviceFilter() = default;
DeviceFilter::DeviceFilter(DeviceFilter&&) noexcept = default;
DeviceFilter& DeviceFilter::operator=(DeviceFilter&&) noexcept = default;
DeviceFilter::~DeviceFilter() = default;

Result<DeviceFilter> DeviceFilter::from_flags(const process::CommandLine& flags,
                                              std::string_view include,
                                              std::string_view exclude) {
    DeviceFilter filter;
    auto wanted = compile_pattern(flags, include);
    if (!wanted) return wanted.error();
    filter.include_ = std::move(*wanted);
    if (filter.include_ && !flags.given(exclude)) return filter;
    auto unwanted = compile_pattern(flags, exclude);
    if (!unwanted) return unwanted.error();
    filter.exclude_ = std::move(*unwanted);
    if (filter.include_ && filter.exclude_)
        return failure("--" + std::string(include) + " and --" + std::string(exclude) +
                       " exclude each other: give one of them");
    return filter;
}

bool DeviceFilter::keeps(std::string_view name) const {
    return (!include_ || matches(*include_, name)) && (!exclude_ || !matches(*exclude_, name));
}

}  // namespace pifleet::node
