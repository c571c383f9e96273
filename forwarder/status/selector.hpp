// A series selector of PromQL without ranges: name{label="value",other=~"regex"}; labels are matched against
// it.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/relabel/pattern.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder::status {

class Selector {
  public:
    /// The error says what was expected, and where in the text.
    static Result<Selector> parse(std::string_view text);

    /// A label that is not there is one without value.
    bool matches(const std::vector<std::pair<std::string, std::string>>& labels) const;

  private:
    struct Matcher {
        std::string name, value;
        bool wanted;                     // = and =~; else != and !~
        std::optional<Pattern> pattern;  // of =~ and !~
        bool takes(std::string_view found) const;
    };
    friend class SelectorParser;
    std::vector<Matcher> matchers_;
};

}  // namespace pifleet::forwarder::status
