// Which labels (or annotations) of a kind's objects are shown: the value of --metric-labels-allowlist and
// --metric-annotations-allowlist for that kind.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

class LabelAllowList {
  public:
    LabelAllowList() = default;  // none
    /// Keys, or patterns with one `*` for any rest; "*" alone is all.
    explicit LabelAllowList(const std::vector<std::string>& keys);

    bool empty() const { return !all_ && keys_.empty() && patterns_.empty(); }
    bool allows(std::string_view key) const;

  private:
    struct Pattern {
        std::string head, tail;  // around the `*`
    };
    bool all_ = false;
    std::set<std::string, std::less<>> keys_;
    std::vector<Pattern> patterns_;
};

}  // namespace pifleet::k8s
