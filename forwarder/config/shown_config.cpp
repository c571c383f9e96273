// A configuration's tree back to YAML, in block style. What was plain text in the file may stand as it did;
// the rest is quoted.
#include "forwarder/config/masking.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

using config::Node;

namespace {

bool control(char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}

std::string quoted(std::string_view text) {
    constexpr char hex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (control(c)) {
            out += {'\\', 'x', hex[static_cast<unsigned char>(c) >> 4], hex[c & 15]};
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    return out + '"';
}

std::string scalar(const Node& node, std::string_view text) {
    const bool plain = !node.quoted && !text.empty() && std::none_of(text.begin(), text.end(), control);
    return plain ? std::string(text) : quoted(text);
}

class Writer {
  public:
    std::string take() { return std::move(out_); }

    // The members of a mapping, of which the first begins where the text stands.
    void members(const Node& mapping, std::size_t indent, bool secret) {
        bool first = true;
        for (const auto& [key, value] : mapping.members) {
            if (!std::exchange(first, false)) out_.append(indent, ' ');
            out_ += scalar(key, key.text) + ':';
            key_ = key.text;
            behind(value, indent, secret || holds_secret(mapping, key.text));
        }
    }

  private:
    // Headers carry keys under any name.
    static bool holds_secret(const Node& mapping, std::string_view key) {
        if (key == "headers" || key == "proxy_connect_header") return true;
        const auto* target = mapping.find("target_label");
        if (key == "replacement" && target != nullptr) return names_secret(target->text);
        return names_secret(key);
    }

    // What stands behind a key's colon.
    void behind(const Node& value, std::size_t indent, bool secret) {
        const bool mapping = value.kind == Node::Kind::mapping && !value.members.empty();
        const bool sequence = value.kind == Node::Kind::sequence && !value.items.empty();
        if (!mapping && !sequence) {
            out_ += ' ' + leaf(value, secret) + '\n';
        } else if (mapping) {
            out_.append("\n").append(indent + 2, ' ');
            members(value, indent + 2, secret);
        } else {
            out_.append("\n").append(indent, ' ');
            items(value, indent, secret);
        }
    }

    void items(const Node& sequence, std::size_t indent, bool secret) {
        bool first = true;
        for (const auto& item : sequence.items) {
            if (!std::exchange(first, false)) out_.append(indent, ' ');
            out_ += "- ";
            if (item.kind == Node::Kind::mapping && !item.members.empty())
                members(item, indent + 2, secret);
            else if (item.kind == Node::Kind::sequence && !item.items.empty())
                items(item, indent + 2, secret);
            else
                out_ += leaf(item, secret) + '\n';
        }
    }

    std::string leaf(const Node& node, bool secret) const {
        if (node.kind == Node::Kind::mapping) return "{}";
        if (node.kind == Node::Kind::sequence) return "[]";
        if (node.kind == Node::Kind::null) return "null";
        if (secret && !node.text.empty()) return std::string(masked);
        const auto which = key_.ends_with("url") ? QueryValues::all : QueryValues::secret_names;
        return scalar(node, without_url_secrets(node.text, which));
    }

    std::string out_;
    std::string_view key_;  // the one met last
};

}  // namespace

std::string shown_config(const Node& root) {
    Writer writer;
    writer.members(root, 0, false);
    return writer.take();
}

}  // namespace pifleet::forwarder
