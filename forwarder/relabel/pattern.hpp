// A rule's regular expression: matches a whole text, the dot any character, as Prometheus compiles them. What
// matches everything and plain texts are known as such and need no engine.
#pragma once

#include "common/base/result.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace pifleet::forwarder {

class Pattern {
  public:
    /// What each group matched: 0 is the whole. Views into the text; empty for a group that took no part.
    using Groups = std::vector<std::string_view>;

    /// The error says what is wrong with the expression, which it quotes.
    static Result<Pattern> compile(const std::string& expression);
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

    bool matches(std::string_view text) const;
    /// With the first `count` groups in `groups`; those that the expression does not have are empty.
    bool match(std::string_view text, std::size_t count, Groups& groups) const;

    /// How many groups there are, besides the whole; those with names, by number.
    std::size_t groups() const;
    std::map<std::string, int> named_groups() const;

  private:
    enum class Kind { anything, literal, expression };
    Pattern(Kind kind, std::string text, std::unique_ptr<re2::RE2> engine);
    Kind kind_;
    std::string text_;                  // as it was given
    std::unique_ptr<re2::RE2> engine_;  // of an expression only
};

}  // namespace pifleet::forwarder
