// A series as it stands on a page, taken apart. It is done once per series, not once per sample.
#include "common/base/utf8.hpp"
#include "common/metrics/parser.hpp"

#include <algorithm>

namespace pifleet::metrics {

namespace {

bool blank(char c) {
    return c == ' ' || c == '\t';
}
bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto character = first_character(text);
        if (!character.valid) return false;
        text.remove_prefix(character.length);
    }
    return true;
}

// A cursor over the text; each step says what it found wrong.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool done() const { return at_ == text_.size(); }
    char peek() const { return done() ? '\0' : text_[at_]; }
    bool take(char c) {
        if (done() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void blanks() {
        while (!done() && blank(text_[at_])) ++at_;
    }
    std::string name(bool colons) {
        const auto from = at_;
        while (!done() &&
               (letter(text_[at_]) || (colons && text_[at_] == ':') || (at_ > from && digit(text_[at_]))))
            ++at_;
        return std::string(text_.substr(from, at_ - from));
    }
    Result<std::string> quoted() {
        std::string out;
        if (!take('"')) return failure("a label's value does not begin with a quote");
        for (;;) {
            const auto special = text_.find_first_of("\\\"", at_);
            if (special == std::string_view::npos) return failure("a quote is not closed");
            out += text_.substr(at_, special - at_);
            at_ = special + 1;
            if (text_[special] == '"') break;
            const char escaped = peek();
            if (escaped != 'n' && escaped != '\\' && escaped != '"')
                return failure(std::string("the escape \\") + escaped + " does not exist");
            out += escaped == 'n' ? '\n' : escaped;
            ++at_;
        }
        if (!valid_utf8(out)) return failure("a label is not valid UTF-8");
        return out;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<OwnedLabel>> parse_series(std::string_view series) {
    Reader in(series);
    std::vector<OwnedLabel> labels;
    labels.push_back({"__name__", in.name(true)});
    in.blanks();
    if (in.take('{')) {
        for (in.blanks(); !in.take('}'); in.blanks()) {
            OwnedLabel label;
            const bool quoted_name = in.peek() == '"';
            if (quoted_name) {
                auto name = in.quoted();
                if (!name) return name.error();
                label.name = std::move(*name);
            } else {
                label.name = in.name(false);
            }
            if (label.name.empty()) return failure("a label has no name");
            in.blanks();
            if (in.take('=')) {
                in.blanks();
                auto value = in.quoted();
                if (!value) return value.error();
                label.value = std::move(*value);
                const auto same = [&](const OwnedLabel& other) { return other.name == label.name; };
                if (std::any_of(labels.begin(), labels.end(), same))
                    return failure("the label '" + label.name + "' stands twice");
                labels.push_back(std::move(label));
            } else if (quoted_name && labels.front().value.empty()) {
                labels.front().value = std::move(label.name);  // {"my.name", …}
            } else {
                return failure("the label '" + label.name + "' has no value");
            }
            in.blanks();
            if (!in.take(',') && in.peek() != '}') return failure("labels are not separated by a comma");
        }
    }
    if (!in.done()) return failure("a metric name has a character that is not allowed");
    if (labels.front().value.empty()) return failure("the metric has no name");
    return labels;
}

}  // namespace pifleet::metrics
