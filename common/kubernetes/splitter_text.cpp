// What a Splitter keeps of an object: its text, and what becomes of one that is too large.
#include "common/kubernetes/json_peek.hpp"
#include "common/kubernetes/splitter.hpp"

#include <utility>

namespace pifleet::kubernetes {

namespace {

constexpr std::size_t small = 16 * 1024;  // what a text may keep between two elements

void release(std::string& text) {
    text.clear();
    if (text.capacity() > small) text = std::string();
}

}  // namespace

// A comma where one is due, and the key.
void Splitter::member_text() {
    auto& members = stack_[depth_ - 1].members;
    if (members) text_ += ',';
    members = true;
    ((text_ += '"') += key_) += "\":";
}

void Splitter::open(Level level) {
    if (level == Level::elements) {
        at_ = At::first_element;
    } else {
        if (level >= Level::row) {
            if (level == Level::metadata) metadata_begin_ = text_.size();
            text_ += '{';
        }
        at_ = At::first_key;
    }
    if (level == Level::list) listed_ = false;
    stack_[depth_++] = {level, false};
}

void Splitter::close() {
    const auto level = stack_[--depth_].level;
    at_ = At::after;
    if (level >= Level::row) {
        text_ += '}';
        if (level == Level::metadata) metadata_end_ = text_.size();
        if (!in_text()) close_element();
    } else if (level == Level::event) {
        at_ = At::start;
        type_.clear();
    } else if (depth_ == 0) {
        at_ = At::end;
    }
}

void Splitter::close_element() {
    sink_.element(text_);
    release(text_);
    metadata_begin_ = metadata_end_ = 0;
}

const char* Splitter::take_body(const char* at, const char* end) {
    const auto size = scanner_.take({at, static_cast<std::size_t>(end - at)});
    if (take_ == Take::keep) {
        text_.append(at, size);
        check_size(false, !scanner_.done());
    } else if (take_ == Take::capture && into_->size() < most_captured) {
        into_->append(at, size);
    }
    if (at_ != At::body || !scanner_.done()) return at + size;
    at_ = At::after;
    if (take_ == Take::give_up) {
        sink_.too_large(text_);
        release(text_);
        metadata_begin_ = metadata_end_ = 0;
    } else if (into_ == &type_ || into_ == &kind_ || into_ == &message_) {
        *into_ = plain_text(*into_);
    }
    into_ = nullptr;
    return at + size;
}

std::size_t Splitter::text_depth() const {
    std::size_t out = 0;
    while (out < depth_ && stack_[depth_ - 1 - out].level >= Level::row) ++out;
    return out;
}

void Splitter::check_size(bool within_key, bool within_body) {
    if (text_.size() + key_.size() <= most_) return;
    const auto brackets = text_depth();
    if (within_body)
        scanner_.widen(brackets);
    else
        scanner_.begin_inside(brackets, within_key, within_key && escaped_);
    give_up(brackets);
}

// From here to its end the element is passed over; its metadata is kept where it is whole.
void Splitter::give_up(std::size_t brackets) {
    depth_ -= brackets;
    take_ = Take::give_up;
    at_ = At::body;
    const bool row = stack_[depth_].level == Level::row;
    const auto size = metadata_end_ - metadata_begin_;
    std::string identity;
    if (metadata_end_ != 0 && size <= most_captured)
        identity = (row ? "{\"object\":{\"metadata\":" : "{\"metadata\":") +
                   text_.substr(metadata_begin_, size) + (row ? "}}" : "}");
    text_ = std::move(identity);
    key_ = std::string();
}

}  // namespace pifleet::kubernetes
