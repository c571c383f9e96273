// Lists of families as --metric-allowlist and its kin have them: an entry is a name or a regular expression,
// looked for anywhere in a family's name, so that kube_pod_info fits kube_pod_info_more, too.
#pragma once

#include "common/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

class FamilyFilter {
  public:
    /// In JavaScript's syntax, with what looks ahead: `^(?!a)b`. The error names the entry.
    static Result<FamilyFilter> make(const std::vector<std::string>& entries);
    ~FamilyFilter();
    FamilyFilter(FamilyFilter&&) noexcept;
    FamilyFilter& operator=(FamilyFilter&&) noexcept;

    bool empty() const { return entries_.empty(); }
    bool fits(std::string_view family) const;
    /// Entries that are plain names and fit none of these: misspelt, most likely.
    std::vector<std::string> idle(const std::vector<std::string_view>& families) const;

  private:
    struct Entry;
    FamilyFilter();
    std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace pifleet::k8s
