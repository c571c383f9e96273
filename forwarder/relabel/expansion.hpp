// Replacement texts: "$1", "${1}", "${name}", "$$". The rules are those of Go's regexp.Expand (its
// documentation), because configurations were written for it: a name is as long as it can be, so "$1x" is the
// group of the name "1x"; a group that is not there is empty; a $ that begins nothing stands for itself.
#pragma once

#include "forwarder/relabel/pattern.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

class Expansion {
  public:
    Expansion(std::string_view text, const Pattern& pattern);

    std::string expand(const Pattern::Groups& groups) const;
    /// How many groups expand() needs, counted from 0, the whole.
    std::size_t groups() const { return groups_; }

  private:
    struct Piece {
        std::string text;
        std::size_t group;  // whose text comes behind; `none`: nothing does
    };
    static constexpr std::size_t none = ~std::size_t{0};
    std::vector<Piece> pieces_;
    std::size_t groups_ = 0;
};

}  // namespace pifleet::forwarder
