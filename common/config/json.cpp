#include "common/config/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace pifleet::config {

namespace {

constexpr std::size_t most_nodes = 200'000;
constexpr std::size_t most_depth = 64;

Place place_of(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto line_start = before.rfind('\n');
    const auto column = line_start == std::string_view::npos ? before.size() : before.size() - line_start - 1;
    return {static_cast<int>(1 + std::count(before.begin(), before.end(), '\n')),
            static_cast<int>(std::max<std::size_t>(column, 1))};
}

// Told of one part of the value after the other; false ends the reading.
class Builder : public nlohmann::json_sax<nlohmann::json> {
  public:
    Builder(std::string_view text, Faults& faults) : text_(text), faults_(faults) {}

    Node take() { return std::move(root_); }

    bool null() override { return add({}); }
    bool boolean(bool) override { return refuse("expected text, not true or false"); }
    bool number_integer(number_integer_t) override { return refuse_number(); }
    bool number_unsigned(number_unsigned_t) override { return refuse_number(); }
    bool number_float(number_float_t, const string_t&) override { return refuse_number(); }
    bool binary(binary_t&) override { return refuse("expected text"); }  // JSON has none
    bool string(string_t& value) override {
        Node node;
        node.kind = Node::Kind::scalar;
        node.quoted = true;
        node.text = std::move(value);
        return add(std::move(node));
    }
    bool start_object(std::size_t) override { return open(Node::Kind::mapping); }
    bool key(string_t& name) override {
        auto& mapping = open_.back();
        if (!mapping.seen.insert(name).second) {
            faults_.add({}, "the key '" + name + "' stands twice");
            return false;
        }
        mapping.key.kind = Node::Kind::scalar;
        mapping.key.text = std::move(name);
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(Node::Kind::sequence); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t offset, const std::string&, const nlohmann::json::exception&) override {
        const bool cut = offset > text_.size();  // the end was read as a character
        faults_.add(place_of(text_, offset), cut ? "the JSON ends too early here" : "this is no JSON");
        return false;
    }

  private:
    struct Open {
        Node node;
        Node key;  // of the value that comes next
        std::unordered_set<std::string> seen;
    };

    // Says under which key of the innermost mapping it stands.
    bool refuse(std::string_view what) {
        const auto named = std::find_if(open_.rbegin(), open_.rend(), [](const Open& each) {
            return each.node.kind == Node::Kind::mapping;
        });
        faults_.add({}, (named == open_.rend() ? "" : "'" + named->key.text + "': ") + std::string(what));
        return false;
    }
    bool refuse_number() { return refuse("expected text, not a number (put it in quotes)"); }

    bool open(Node::Kind kind) {
        if (open_.size() == most_depth) return refuse("nested too deeply");
        open_.emplace_back().node.kind = kind;
        return true;
    }

    bool close() {
        auto node = std::move(open_.back().node);
        open_.pop_back();
        return add(std::move(node));
    }

    bool add(Node node) {
        if (++nodes_ > most_nodes) return refuse("more than " + std::to_string(most_nodes) + " values");
        if (open_.empty()) {
            root_ = std::move(node);
            return true;
        }
        auto& around = open_.back();
        if (around.node.kind == Node::Kind::sequence)
            around.node.items.push_back(std::move(node));
        else
            around.node.members.push_back({std::move(around.key), std::move(node)});
        return true;
    }

    std::string_view text_;
    Faults& faults_;
    Node root_;
    std::vector<Open> open_;
    std::size_t nodes_ = 0;
};

}  // namespace

std::optional<Node> parse_json(std::string_view text, Faults& faults) {
    Builder builder(text, faults);
    if (!nlohmann::json::sax_parse(text, &builder)) return std::nullopt;
    return builder.take();
}

}  // namespace pifleet::config
