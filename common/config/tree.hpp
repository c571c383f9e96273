// A YAML file as a tree that remembers where everything stood. yaml-cpp reads; nothing of it is seen here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::config {

struct Place {
    int line = 0;  // from 1; 0: the file as a whole
    int column = 0;
};

/// Faults of one file, gathered so that a user sees them all at once. The first hundred are kept, the rest
/// counted.
class Faults {
  public:
    static constexpr std::size_t most_kept = 100;
    explicit Faults(std::string file) : file_(std::move(file)) {}
    /// What comes from the file may stand in `what` as it is: control characters are replaced, long texts
    /// cut.
    void add(Place place, std::string_view what);
    bool empty() const { return faults_.empty(); }
    std::size_t size() const { return faults_.size() + left_out_; }
    const std::string& file() const { return file_; }
    /// "file:line:column: what" a line each, in the order of the file; no line end behind the last.
    std::string text() const;

  private:
    struct Fault {
        Place place;
        std::string what;
    };
    std::string file_;
    std::vector<Fault> faults_;
    std::size_t left_out_ = 0;
};

struct Member;
struct Node {
    enum class Kind { null, scalar, sequence, mapping };
    Kind kind = Kind::null;
    Place place;
    std::string text;             // of a scalar
    bool quoted = false;          // 'yes' and "1" are texts whatever they look like
    std::vector<Node> items;      // of a sequence
    std::vector<Member> members;  // of a mapping, in the file's order, no key twice

    const Node* find(std::string_view key) const;
};

struct Member {
    Node key;
    Node value;
};

/// "a mapping", "a list", "text", "nothing": for messages.
std::string_view kind_name(Node::Kind kind);

/// Reads one YAML document of any bytes; an empty one is null. Nothing: it is no YAML, which `faults` says; a
/// tree may come with faults too (a key given twice, a key that is a list). Anchors and aliases are followed;
/// the tree with all of them in place is bounded in nodes, bytes and depth (a "billion laughs" is a fault).
/// Merge keys (<<) are not read.
std::optional<Node> parse_yaml(std::string_view text, Faults& faults);

}  // namespace pifleet::config
