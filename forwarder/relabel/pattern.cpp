#include "forwarder/relabel/pattern.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view anything_with_group = "(.*)", anything_alone = ".*";

bool is_literal(std::string_view expression) {
    return expression.find_first_of("\\.+*?()|[]{}^$") == std::string_view::npos;
}

// "(?<name>" is "(?P<name>" to Go; RE2 of before 2023 knows only the latter. Within a class and behind a
// backslash it is neither.
std::string with_old_group_names(std::string_view expression) {
    std::string out;
    bool in_class = false;
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const auto rest = expression.substr(at);
        if (rest.starts_with("\\Q")) {
            const auto quoted = rest.substr(0, rest.find("\\E"));
            out += quoted;
            at += quoted.size() - 1;
        } else if (rest.size() > 1 && rest.front() == '\\') {
            out += rest.substr(0, 2);
            ++at;
        } else {
            in_class = in_class ? rest.front() != ']' : rest.front() == '[';
            out += rest.front();
            const auto next = rest.substr(1, 3);
            const bool named = next.size() == 3 && next.starts_with("?<") && next[2] != '=' && next[2] != '!';
            if (rest.front() == '(' && !in_class && named) {
                out += "?P";
                ++at;
            }
        }
    }
    return out;
}

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

Pattern::Pattern(Kind kind, std::string text, std::unique_ptr<re2::RE2> engine)
    : kind_(kind), text_(std::move(text)), engine_(std::move(engine)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(const std::string& expression) {
    if (expression == anything_with_group || expression == anything_alone)
        return Pattern(Kind::anything, expression, nullptr);
    re2::RE2::Options options;
    options.set_log_errors(false);
    // Anchored by being wrapped, not by a way of matching: so Prometheus does it, and so "a)|(b" means there
    // and here what it means.
    const auto portable = with_old_group_names(expression);
    auto engine = std::make_unique<re2::RE2>("^(?s:" + portable + ")$", options);
    if (!engine->ok()) {
        const re2::RE2 unwrapped(portable, options);  // says what is wrong in the user's own terms
        return failure("'" + expression + "' is no regular expression: " +
                       (unwrapped.ok() ? engine->error() : unwrapped.error()));
    }
    if (is_literal(expression)) return Pattern(Kind::literal, expression, nullptr);
    return Pattern(Kind::expression, expression, std::move(engine));
}

bool Pattern::matches(std::string_view text) const {
    switch (kind_) {
        case Kind::anything:
            return true;
        case Kind::literal:
            return text == text_;
        case Kind::expression:
            break;
    }
    return engine_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Pattern::match(std::string_view text, std::size_t count, Groups& groups) const {
    groups.assign(count, {});
    if (kind_ != Kind::expression) {
        if (!matches(text)) return false;
        for (std::size_t i = 0; i < count && i <= this->groups(); ++i) groups[i] = text;
        return true;
    }
    std::vector<re2::StringPiece> found(std::min(count, this->groups() + 1));
    if (!engine_->Match(
            piece(text), 0, text.size(), re2::RE2::UNANCHORED, found.data(), static_cast<int>(found.size())))
        return false;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i].data() != nullptr) groups[i] = {found[i].data(), found[i].size()};
    return true;
}

std::size_t Pattern::groups() const {
    if (kind_ == Kind::expression) return static_cast<std::size_t>(engine_->NumberOfCapturingGroups());
    return text_ == anything_with_group ? 1 : 0;
}

std::map<std::string, int> Pattern::named_groups() const {
    return kind_ == Kind::expression ? engine_->NamedCapturingGroups() : std::map<std::string, int>();
}

}  // namespace pifleet::forwarder
