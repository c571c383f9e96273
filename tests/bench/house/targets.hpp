// The targets of a house: each on a port of its own. They serve one page with counting values, or play
// recorded pages back, one a scrape.
#pragma once

#include "common/base/result.hpp"
#include "common/http/server.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::bench {

/// Gives the page of the n-th scrape of a target, both from 0.
using Pages = std::function<std::string(std::size_t target, std::uint64_t scrape)>;

/// The same series each time, as the ledger wants them. `text` is a page; of its values nothing is kept.
Pages counting_pages(std::string_view text);

/// The pages of this text, which stand one behind the other, each ended by a line "# EOF"; a target begins at
/// a place of its own and starts over at the end. An error if there is none.
Result<Pages> recorded_pages(std::string text);

class Targets {
  public:
    /// `compress`: pages go out with gzip to whoever takes it, as node_exporter's do.
    Targets(boost::asio::io_context& io, Pages pages, bool compress);

    Result<void> listen(std::size_t count);

    struct Target {
        std::uint16_t port = 0;
        std::uint64_t scrapes = 0;
    };
    const std::vector<Target>& all() const { return all_; }

  private:
    boost::asio::io_context& io_;
    Pages pages_;
    bool compress_;
    std::vector<Target> all_;
    std::vector<std::unique_ptr<http::Server>> servers_;
};

}  // namespace pifleet::bench
