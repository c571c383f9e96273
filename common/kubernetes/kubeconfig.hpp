// Kubeconfig files as they stand: entries by name, the files merged as kubectl merges them. Private to
// common/kubernetes.
#pragma once

#include "common/base/result.hpp"
#include "common/config/tree.hpp"

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::kubernetes {

class Kubeconfig {
  public:
    /// Reads the files, first to last. One that is missing is passed over unless it is the only one.
    static Result<Kubeconfig> read(std::span<const std::string> paths);

    struct File {
        explicit File(std::string p) : path(std::move(p)), faults(path) {}
        std::string path;
        config::Faults faults;
        config::Node tree;

        /// A path that the file names: relative ones start from its folder.
        std::string resolve(const std::string& named) const;
    };
    /// One named entry: the mapping below its "cluster", "user" or "context", and the file it stands in.
    struct Entry {
        File* file = nullptr;
        const config::Node* name = nullptr;
        const config::Node* body = nullptr;  // null: the entry is empty
    };

    /// "clusters", "users" or "contexts"; the first entry of this name in the files' order. The error names
    /// the one that was probably meant.
    Result<Entry> find(std::string_view list, std::string_view name) const;
    std::vector<std::string> names(std::string_view list) const;
    std::string current_context() const;
    const std::string& source() const { return source_; }

  private:
    template <class Use>
    void each(std::string_view list, Use use) const;

    // A File stays where it is: entries point into it.
    mutable std::deque<File> files_;
    std::string source_;  // for messages
};

}  // namespace pifleet::kubernetes
