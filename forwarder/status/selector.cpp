#include "forwarder/status/selector.hpp"

#include <algorithm>

namespace pifleet::forwarder::status {

namespace {

bool of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

}  // namespace

class SelectorParser {
  public:
    explicit SelectorParser(std::string_view text) : text_(text) {}

    Result<Selector> parse() {
        skip_blanks();
        const auto name = word();
        if (!name.empty()) add("__name__", true, std::string(name));
        if (take('{')) {
            if (const auto read = matchers(); !read) return read.error();
        } else if (name.empty()) {
            return expected("a name or '{'");
        }
        skip_blanks();
        if (at_ != text_.size()) return expected("the selector's end");
        return std::move(selector_);
    }

  private:
    Result<void> matchers() {
        while (!take('}')) {
            if (const auto read = matcher(); !read) return read;
            if (take('}')) return {};
            if (!take(',')) return expected("',' or '}'");
        }
        return {};
    }

    Result<void> matcher() {
        skip_blanks();
        const bool is_quoted = at_quote();
        auto name = is_quoted ? quoted() : Result<std::string>(std::string(word()));
        if (!name) return name.error();
        if (name->empty()) return expected("a label's name");
        skip_blanks();
        const auto operation = text_.substr(at_, 2);
        const bool regex = operation == "=~" || operation == "!~";
        const bool wanted = operation.starts_with('=');
        if (!wanted && !regex && operation != "!=") {
            if (!is_quoted) return expected("=, !=, =~ or !~");
            add("__name__", true, std::move(*name));  // {"a name"}
            return {};
        }
        at_ += wanted && !regex ? 1 : 2;
        skip_blanks();
        if (!at_quote()) return expected("a quoted value");
        auto value = quoted();
        if (!value) return value.error();
        add(std::move(*name), wanted, std::move(*value));
        if (!regex) return {};
        auto pattern = Pattern::compile(selector_.matchers_.back().value);
        if (!pattern) return pattern.error();
        selector_.matchers_.back().pattern = std::move(*pattern);
        return {};
    }

    void add(std::string name, bool wanted, std::string value) {
        selector_.matchers_.push_back({std::move(name), std::move(value), wanted, std::nullopt});
    }

    bool at_quote() const {
        return at_ < text_.size() && std::string_view("\"'`").find(text_[at_]) != std::string_view::npos;
    }

    // As Go writes strings, less the escapes by number.
    Result<std::string> quoted() {
        const char quote = text_[at_++];
        std::string out;
        while (at_ < text_.size() && text_[at_] != quote) {
            char c = text_[at_++];
            if (c == '\\' && quote != '`') {
                constexpr std::string_view escapes = "nrt\\\"'", meanings = "\n\r\t\\\"'";
                const auto found = at_ < text_.size() ? escapes.find(text_[at_]) : std::string_view::npos;
                if (found == std::string_view::npos)
                    return expected("an escape: \\n, \\r, \\t, \\\\ or a quote");
                c = meanings[found];
                ++at_;
            }
            out += c;
        }
        if (at_ == text_.size()) return expected("a closing quote");
        ++at_;
        return out;
    }

    std::string_view word() {
        const auto begin = at_;
        while (at_ < text_.size() && of_name(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }

    bool take(char c) {
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\n", at_), text_.size()); }

    Error expected(std::string_view what) const {
        return failure("expected " + std::string(what) + " at character " + std::to_string(at_ + 1));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Selector selector_;
};

Result<Selector> Selector::parse(std::string_view text) {
    return SelectorParser(text).parse();
}

bool Selector::Matcher::takes(std::string_view found) const {
    return (pattern ? pattern->matches(found) : found == value) == wanted;
}

bool Selector::matches(const std::vector<std::pair<std::string, std::string>>& labels) const {
    return std::all_of(matchers_.begin(), matchers_.end(), [&labels](const Matcher& matcher) {
        const auto found = std::find_if(
            labels.begin(), labels.end(), [&](const auto& label) { return label.first == matcher.name; });
        return matcher.takes(found == labels.end() ? std::string_view() : std::string_view(found->second));
    });
}

}  // namespace pifleet::forwarder::status
