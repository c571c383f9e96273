// /proc/net/rpc/nfs and nfsd: lines of a name and its numbers, and lines with a number for each procedure of
// a version of NFS, behind the count of them ("proc3 22 ...").
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

class RpcStats {
  public:
    /// A missing file is Error::Kind::absent: neither client nor server of NFS.
    static Result<RpcStats> read(const std::string& path);

    /// The number at this place of a line; 0 where the kernel has no such line or not as many numbers.
    double at(std::string_view line, std::size_t place) const;

    /// A sample per procedure, by the labels method and proto. A procedure without a name is not shown.
    void add_procedures(const metrics::Family& family,
                        std::string_view line,
                        std::string_view version,
                        std::span<const std::string_view> names,
                        metrics::Page& page) const;

  private:
    std::map<std::string, std::vector<std::uint64_t>, std::less<>> lines_;
};

}  // namespace pifleet::node
