#include "exporters/node/xml_rpc.hpp"

#include "common/base/text.hpp"
#include "exporters/node/line_reader.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace pifleet::node {

namespace {

constexpr int most_depth =
    16;  // supervisord nests lists and structures four deep, with all the tags around them

void append_character(std::string& out, std::uint64_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

// What stands between '&' and ';'.
bool append_entity(std::string& out, std::string_view name) {
    constexpr std::pair<std::string_view, char> named[] = {
        {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [known, character] : named)
        if (name == known) {
            out += character;
            return true;
        }
    if (!name.starts_with('#')) return false;
    name.remove_prefix(1);
    const auto code = name.starts_with('x') ? from_hex(name.substr(1)) : to_unsigned(name);
    if (!code || *code == 0 || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)) return false;
    append_character(out, *code);
    return true;
}

class Parser {
  public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<XmlRpcValue> answer() {
        if (!open("methodResponse")) return damaged();
        const bool fault = open("fault");
        if (!fault && !(open("params") && open("param"))) return damaged();
        XmlRpcValue result;
        if (!value(result, 0)) return damaged();
        if (fault ? !close("fault") : !(close("param") && close("params"))) return damaged();
        if (!close("methodResponse") || !ended()) return damaged();
        if (!fault) return result;
        const auto* why = result.member("faultString");
        return failure("the answer is a fault" + (why == nullptr ? std::string() : ": " + why->text));
    }

  private:
    Error damaged() const {
        return failure("the answer is not XML-RPC, or damaged " + std::to_string(rest_.size()) +
                       " bytes before its end");
    }

    bool skip_until(std::string_view end) {
        const auto at = rest_.find(end);
        if (at == std::string_view::npos) return false;
        rest_.remove_prefix(at + end.size());
        return true;
    }

    // Blanks, the declaration at the beginning, comments. False: one of these does not end.
    bool skip_between() {
        for (;;) {
            rest_ = rest_.substr(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
            const bool declaration = rest_.starts_with("<?"), comment = rest_.starts_with("<!--");
            if (!declaration && !comment) return true;
            if (!skip_until(declaration ? "?>" : "-->")) return false;
        }
    }

    bool ended() { return skip_between() && rest_.empty(); }

    bool take(std::string_view text) {
        if (!skip_between() || !rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    bool open(std::string_view name) { return take("<" + std::string(name) + ">"); }
    bool close(std::string_view name) { return take("</" + std::string(name) + ">"); }

    // Text up to the next tag, entities resolved.
    bool characters(std::string& out) {
        while (!rest_.empty()) {
            constexpr std::string_view quoted = "<![CDATA[";
            const auto at = std::min(rest_.find_first_of("<&"), rest_.size());
            out += rest_.substr(0, at);
            rest_.remove_prefix(at);
            if (rest_.starts_with(quoted)) {
                const auto end = rest_.find("]]>");
                if (end == std::string_view::npos) return false;
                out += rest_.substr(quoted.size(), end - quoted.size());
                rest_.remove_prefix(end + 3);
            } else if (rest_.starts_with('&')) {
                const auto end = rest_.substr(0, 12).find(';');
                if (end == std::string_view::npos || !append_entity(out, rest_.substr(1, end - 1)))
                    return false;
                rest_.remove_prefix(end + 1);
            } else {
                return !rest_.empty();
            }
        }
        return false;
    }

    bool value(XmlRpcValue& out, int depth) {
        if (depth == most_depth) return false;
        if (take("<value/>")) {
            out.type = "string";
            return true;
        }
        // The text of a value without a type keeps its blanks, so nothing is skipped yet.
        if (!open("value")) return false;
        std::string text;
        if (!characters(text)) return false;
        if (rest_.starts_with("</value>")) {
            out.type = "string";
            out.text = std::move(text);
        } else if (!trim(text).empty() || !typed(out, depth)) {
            return false;
        }
        return close("value");
    }

    bool typed(XmlRpcValue& out, int depth) {
        if (open("struct")) return structure(out, depth);
        if (take("<struct/>")) {
            out.kind = XmlRpcValue::Kind::structure;
            return true;
        }
        if (open("array")) return list(out, depth);
        const auto end = rest_.substr(0, 32).find('>');
        if (!rest_.starts_with('<') || end == std::string_view::npos) return false;
        const auto name = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        out.type = name;
        if (name.ends_with('/')) {
            out.type.pop_back();
            return true;
        }
        return characters(out.text) && close(name);
    }

    bool structure(XmlRpcValue& out, int depth) {
        out.kind = XmlRpcValue::Kind::structure;
        while (open("member")) {
            auto& [name, inner] = out.members.emplace_back();
            if (!open("name") || !characters(name) || !close("name") || !value(inner, depth + 1) ||
                !close("member"))
                return false;
        }
        return close("struct");
    }

    bool list(XmlRpcValue& out, int depth) {
        out.kind = XmlRpcValue::Kind::list;
        if (take("<data/>")) return close("array");
        if (!open("data")) return false;
        while (!close("data"))
            if (!value(out.items.emplace_back(), depth + 1)) return false;
        return close("array");
    }

    std::string_view rest_;
};

}  // namespace

const XmlRpcValue* XmlRpcValue::member(std::string_view name) const {
    for (const auto& [key, value] : members)
        if (key == name) return &value;
    return nullptr;
}

Result<XmlRpcValue> parse_xml_rpc_answer(std::string_view text) {
    return Parser(text).answer();
}

}  // namespace pifleet::node
