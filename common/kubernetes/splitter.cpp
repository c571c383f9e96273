#include "common/kubernetes/splitter.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "common/kubernetes/json_peek.hpp"

#include <utility>

namespace pifleet::kubernetes {

namespace {

constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

}  // namespace

Splitter::Splitter(Form form, bool table, std::size_t most_object, SplitSink& sink)
    : form_(form), table_(table), most_(most_object), sink_(sink) {}

Result<void> Splitter::feed(std::string_view piece) {
    const char* at = piece.data();
    const char* const end = at + piece.size();
    while (at != end) {
        if (at_ == At::body) {
            at = take_body(at, end);
        } else if (at_ == At::key) {
            at = take_key(at, end);
        } else if (is_blank(*at)) {
            ++at;
        } else {
            // A body begins with the byte that says so.
            if (auto stepped = step(*at); !stepped) {
                bytes_ += static_cast<std::uint64_t>(at - piece.data());
                return unexpected(*at);
            }
            if (at_ != At::body) ++at;
        }
    }
    bytes_ += piece.size();
    // Between events nothing is held: there may be many watches, and they mostly wait.
    if (form_ == Form::watch && depth_ == 0) text_ = std::string();
    return {};
}

// The error is only that `c` has no place here; feed() says it in words.
Result<void> Splitter::step(char c) {
    const auto refuse = [] { return failure({}); };
    switch (at_) {
        case At::start:
            if (c != '{') return refuse();
            open(form_ == Form::watch ? Level::event : Level::list);
            return {};
        case At::first_key:
            if (c == '}') {
                close();
                return {};
            }
            [[fallthrough]];
        case At::next_key:
            if (c != '"') return refuse();
            key_.clear();
            escaped_ = key_escapes_ = false;
            at_ = At::key;
            return {};
        case At::colon:
            if (c != ':') return refuse();
            at_ = At::value;
            return {};
        case At::value:
            return value_begins(c);
        case At::first_element:
            if (c == ']') {
                close();
                return {};
            }
            [[fallthrough]];
        case At::next_element:
            return element_begins(c);
        case At::after: {
            const bool elements = stack_[depth_ - 1].level == Level::elements;
            if (c == ',') {
                at_ = elements ? At::next_element : At::next_key;
                return {};
            }
            if (c != (elements ? ']' : '}')) return refuse();
            close();
            return {};
        }
        default:
            return refuse();
    }
}

const char* Splitter::take_key(const char* at, const char* end) {
    const char* const begin = at;
    while (at != end) {
        if (escaped_) {
            escaped_ = false;
            ++at;
            continue;
        }
        at = find_quote(at, end);
        if (at == end) break;
        if (*at == '"') {
            key_.append(begin, at);
            key_ends();
            return at + 1;
        }
        escaped_ = key_escapes_ = true;
        ++at;
    }
    key_.append(begin, end);
    if (in_text())
        check_size(true, false);
    else if (key_.size() > most_captured)
        key_.resize(most_captured);  // none that we know
    return end;
}

void Splitter::key_ends() {
    at_ = At::colon;
    if (key_escapes_) name_ = unescape(key_);
    if (in_text()) check_size(false, false);
}

// Which level an opening bracket leads to; nothing: the value is taken whole.
std::optional<Splitter::Level> Splitter::below(char c) const {
    const auto level = stack_[depth_ - 1].level;
    if (c == '[' && level == Level::list && (name() == "items" || name() == "rows")) return Level::elements;
    if (c != '{') return std::nullopt;
    const auto leads = [&](Level from, std::string_view wanted) { return level == from && name() == wanted; };
    // An error comes as a Status, also where tables are asked for.
    if (leads(Level::event, "object")) return table_ && type_ != "ERROR" ? Level::list : Level::object;
    if (leads(Level::row, "object")) return Level::object;
    if (leads(Level::object, "metadata")) return Level::metadata;
    if (leads(Level::metadata, "annotations")) return Level::annotations;
    return std::nullopt;
}

bool Splitter::cut() const {
    const auto level = stack_[depth_ - 1].level;
    return (level == Level::metadata && name() == "managedFields") ||
           (level == Level::annotations && name() == last_applied);
}

std::string* Splitter::captured() {
    const auto level = stack_[depth_ - 1].level;
    if (level == Level::event) return name() == "type" ? &type_ : nullptr;
    if (level != Level::list) return nullptr;
    if (name() == "kind") return &kind_;
    if (name() == "message") return &message_;
    return name() == "metadata" ? &head_ : nullptr;
}

Result<void> Splitter::value_begins(char c) {
    const auto level = stack_[depth_ - 1].level;
    const auto next = below(c);
    // What becomes of an object is said by the type, so that must be known.
    if (level == Level::event && name() == "object" && type_.empty()) return failure({});
    if (level == Level::list && (name() == "items" || name() == "rows")) listed_ = true;
    into_ = next ? nullptr : captured();
    take_ = in_text() ? (cut() ? Take::pass : Take::keep) : (into_ != nullptr ? Take::capture : Take::pass);
    if (take_ == Take::keep) member_text();
    if (next) {
        open(*next);
        return {};
    }
    if (into_ != nullptr) into_->clear();
    if (c == '}' || c == ']' || c == ',' || c == ':') return failure({});
    scanner_.begin();
    at_ = At::body;
    return {};
}

Result<void> Splitter::element_begins(char c) {
    if (c != '{') return failure({});
    open(table_ ? Level::row : Level::object);
    return {};
}

Result<ListHead> Splitter::end_list() const {
    if (at_ != At::end) return failure("the list was cut short after " + std::to_string(bytes_) + " bytes");
    if (!listed_)
        return failure("the answer is no list but of kind '" + printable(kind_, 60) + '\'' +
                       (message_.empty() ? "" : ": " + printable(message_, 300)));
    ListHead out;
    out.version = text_member(head_, {"resourceVersion"});
    out.next = text_member(head_, {"continue"});
    if (const auto count = find_member(head_, {"remainingItemCount"})) out.remaining = to_unsigned(*count);
    return out;
}

Error Splitter::unexpected(char c) const {
    return failure("the answer is not what the API sends: '" + printable({&c, 1}, 8) + "' at byte " +
                   std::to_string(bytes_));
}

}  // namespace pifleet::kubernetes
