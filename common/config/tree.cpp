// yaml-cpp tells events; the tree is built here, because its own nodes lose places, take a key twice without
// a word and follow aliases without bound. All its exceptions end here.
#include "common/config/tree.hpp"

#include "common/config/syntax.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

namespace pifleet::config {

namespace {

// Far above any configuration, and what a Pi Zero can bear.
constexpr std::size_t most_nodes = 200'000;
constexpr std::size_t most_bytes = 16 * 1024 * 1024;
constexpr std::size_t most_depth = 64;

constexpr std::string_view standard_tags = "tag:yaml.org,2002:";  // what !!str and such are short for
constexpr std::string_view text_tag = "tag:yaml.org,2002:str";

// The rest of the file is not worth reading; the fault has been told.
struct Abort {};

Place place_of(const YAML::Mark& mark) {
    return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1};
}

// What a node and all below it weigh.
struct Weight {
    std::size_t nodes = 1;
    std::size_t bytes = 0;
    std::size_t depth = 1;

    void add(const Weight& part) {
        nodes += part.nodes;
        bytes += part.bytes;
        depth = std::max(depth, part.depth + 1);
    }
};

Weight weight_of(const Node& node) {
    Weight sum;
    sum.bytes = node.text.size();
    for (const Node& item : node.items) sum.add(weight_of(item));
    for (const auto& [key, value] : node.members) {
        sum.add(weight_of(key));
        sum.add(weight_of(value));
    }
    return sum;
}

class Builder : public YAML::EventHandler {
  public:
    Builder(std::string_view text, Faults& faults) : text_(text), faults_(faults) {}

    /// The tree, once the whole text has been read.
    Node take() {
        // An open quote swallows the rest of the file, and yaml-cpp lets that pass where a line end comes
        // last.
        if (last_quoted_ && !quote_is_closed(text_.substr(last_quoted_->offset)))
            abort(last_quoted_->place, "a quote is opened here and not closed");
        return std::move(root_);
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (!ended_) return;
        const bool marked = text_.substr(offset_of(mark)).starts_with("---");
        abort(place_of(mark),
              marked ? "a second document begins here; expected only one"
                     : "this does not belong to what stands above; expected one mapping or list in all");
    }
    void OnDocumentEnd() override { ended_ = true; }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(leaf(mark), anchor); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) abort(place_of(mark), "this alias refers to what it stands in itself");
        charge(known->second.weight, place_of(mark));
        add(Node(known->second.node), YAML::NullAnchor);
    }

    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        Node node = leaf(mark);
        check_tag(tag, node.place);
        node.kind = Node::Kind::scalar;
        node.quoted = tag == "!" || tag == text_tag;
        node.text = value;
        if (node.quoted) last_quoted_ = {offset_of(mark), node.place};
        charge({0, value.size(), 0}, node.place);
        add(std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, Node::Kind::sequence, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, Node::Kind::mapping, tag, anchor);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Open {  // a list or mapping whose end has not come
        Node node;
        YAML::anchor_t anchor = YAML::NullAnchor;
        std::optional<Node> key;                      // of a mapping, when its value comes next
        std::unordered_map<std::string, Place> seen;  // keys and where they stood
    };
    struct Start {
        std::size_t offset;
        Place place;
    };
    struct Anchored {
        Node node;
        Weight weight;
    };

    std::size_t offset_of(const YAML::Mark& mark) const {
        return std::min(text_.size(), static_cast<std::size_t>(std::max(mark.pos, 0)));
    }

    [[noreturn]] void abort(Place place, std::string_view what) {
        faults_.add(place, what);
        throw Abort{};
    }

    // Counts what comes into the tree (or is kept for an anchor) and ends the reading when it is too much.
    void charge(const Weight& weight, Place place) {
        nodes_ += weight.nodes;
        bytes_ += weight.bytes;
        if (nodes_ > most_nodes || bytes_ > most_bytes)
            abort(place, "the file is too large here, with what its aliases stand for");
        if (open_.size() + weight.depth > most_depth)
            abort(place, "nested too deeply, more than " + std::to_string(most_depth) + " levels");
    }

    Node leaf(const YAML::Mark& mark) {
        Node node;
        node.place = place_of(mark);
        charge({}, node.place);
        return node;
    }

    // "?" and "!" stand for none, plain and quoted. Others, such as !vault or !include, want something done.
    void check_tag(std::string_view tag, Place place) {
        if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with(standard_tags)) return;
        faults_.add(place, "the tag '" + std::string(tag) + "' is not known here");
    }

    void open(const YAML::Mark& mark, Node::Kind kind, std::string_view tag, YAML::anchor_t anchor) {
        Open fresh;
        fresh.node = leaf(mark);
        check_tag(tag, fresh.node.place);
        fresh.node.kind = kind;
        fresh.anchor = anchor;
        open_.push_back(std::move(fresh));
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    // Puts a whole node where it belongs.
    void add(Node node, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) {
            const Weight weight = weight_of(node);
            charge(weight, node.place);
            anchors_[anchor] = {node, weight};
        }
        if (open_.empty())
            root_ = std::move(node);
        else if (open_.back().node.kind == Node::Kind::sequence)
            open_.back().node.items.push_back(std::move(node));
        else if (!open_.back().key)
            open_.back().key = std::move(node);
        else
            add_member(open_.back(), std::move(node));
    }

    void add_member(Open& mapping, Node value) {
        Node key = *std::move(mapping.key);
        mapping.key.reset();
        if (key.kind != Node::Kind::scalar) {
            faults_.add(key.place, "expected text as a key, not " + std::string(kind_name(key.kind)));
            return;
        }
        const auto [first, is_new] = mapping.seen.emplace(key.text, key.place);
        if (!is_new) {
            const auto [line, column] = first->second;
            faults_.add(key.place,
                        "the key '" + key.text + "' stands here again; it was given in line " +
                            std::to_string(line) + ", column " + std::to_string(column));
            return;
        }
        if (value.kind == Node::Kind::null)
            value.place = key.place;  // yaml-cpp says where the next thing stands
        mapping.node.members.push_back({std::move(key), std::move(value)});
    }

    std::string_view text_;
    Faults& faults_;
    Node root_;
    std::optional<Start> last_quoted_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Anchored> anchors_;
    std::size_t nodes_ = 0;
    std::size_t bytes_ = 0;
    bool ended_ = false;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
    for (const auto& [name, value] : members)
        if (name.text == key) return &value;
    return nullptr;
}

std::string_view kind_name(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::scalar:
            return "text";
        case Node::Kind::sequence:
            return "a list";
        case Node::Kind::mapping:
            break;
    }
    return "a mapping";
}

std::optional<Node> parse_yaml(std::string_view text, Faults& faults) {
    if (text.starts_with("\ufeff"))
        text.remove_prefix(3);  // a byte order mark, which yaml-cpp does not count
    if (!check_characters(text, faults)) return std::nullopt;
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder(text, faults);
        while (parser.HandleNextDocument(builder)) {
        }
        return builder.take();
    } catch (const Abort&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        const Place place = place_of(error.mark);
        faults.add(place, syntax_fault(text, place, error.msg));
    } catch (const std::exception& error) {
        faults.add({}, std::string("cannot be read as YAML: ") + error.what());
    }
    return std::nullopt;
}

}  // namespace pifleet::config
