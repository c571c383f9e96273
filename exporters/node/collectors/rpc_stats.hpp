// /proc/net/rpc/nfs and nfsd: lines of a name and its numbers, and lines with a number for each procedure of
// a version of NFS, behind the count of them ("proc3 22 ...").
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

// The procedures of two versions of NFS in the order of their numbers (nfs2xdr.c, nfs3xdr.c), spelled as
// dashboards know them.
inline constexpr std::array<std::string_view, 18> nfs_2 = {"Null",
                                                           "GetAttr",
                                                           "SetAttr",
                                                           "Root",
                                                           "Lookup",
                                                           "ReadLink",
                                                           "Read",
                                                           "WrCache",
                                                           "Write",
                                                           "Create",
                                                           "Remove",
                                                           "Rename",
                                                           "Link",
                                                           "SymLink",
                                                           "MkDir",
                                                           "RmDir",
                                                           "ReadDir",
                                                           "FsStat"};
inline constexpr std::array<std::string_view, 22> nfs_3 = {
    "Null",    "GetAttr",     "SetAttr", "Lookup", "Access",   "ReadLink", "Read",   "Write",
    "Create",  "MkDir",       "SymLink", "MkNod",  "Remove",   "RmDir",    "Rename", "Link",
    "ReadDir", "ReadDirPlus", "FsStat",  "FsInfo", "PathConf", "Commit"};

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
