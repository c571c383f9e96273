#include "exporters/k8s_state/page_source.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::k8s {

namespace {

// A comment is one line whatever the reason says; OpenMetrics has none.
std::string note(const Feed& feed, metrics::Format format) {
    if (format != metrics::Format::text_0_0_4) return {};
    std::string out = "# " + std::string(feed.kind().name) + " withdrawn: " + feed.withdrawn();
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return out += '\n';
}

}  // namespace

PageSource::PageSource(std::vector<std::shared_ptr<const Feed>> feeds, metrics::Format format)
    : feeds_(std::move(feeds)), format_(format) {}

void PageSource::enter(const Feed& feed) {
    feed_ = &feed;
    family_ = text_ = family_end_ = 0;
    snapshot_ = feed.store().share();
}

// Finds what stands next on the page; false at its end.
bool PageSource::advance() {
    for (;;) {
        if (feed_ != nullptr && text_ < family_end_) {
            held_.push_back(std::move(snapshot_.texts[text_++]));
            left_ = held_.back().view();
        } else if (feed_ != nullptr && family_ < feed_->store().families()) {
            left_ = feed_->head(format_, family_);
            text_ = family_++ * snapshot_.groups;
            family_end_ = text_ + snapshot_.groups;
        } else if (kind_ < feeds_.size()) {
            const Feed& feed = *feeds_[kind_++];
            if (feed.withdrawn().empty()) {
                enter(feed);
                continue;
            }
            feed_ = nullptr;
            note_ = note(feed, format_);
            left_ = note_;
        } else {
            if (std::exchange(ended_, true)) return false;
            if (format_ == metrics::Format::openmetrics_1_0) left_ = metrics::openmetrics_end;
        }
        if (!left_.empty()) return true;
    }
}

void PageSource::next(std::vector<std::string_view>& pieces, std::size_t most) {
    // What is left of a text is part of the share that was taken last.
    if (left_.empty())
        held_.clear();
    else if (held_.size() > 1)
        held_.erase(held_.begin(), held_.end() - 1);
    for (std::size_t room = most; room > 0;) {
        if (left_.empty() && !advance()) return;
        const auto piece = left_.substr(0, room);
        pieces.push_back(piece);
        left_.remove_prefix(piece.size());
        room -= piece.size();
        // A note's text is one string: it must not be written anew while a piece refers to it.
        if (piece.data() >= note_.data() && piece.data() < note_.data() + note_.size()) return;
    }
}

}  // namespace pifleet::k8s
