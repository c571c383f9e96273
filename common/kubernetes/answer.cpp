#include "common/kubernetes/answer.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "common/kubernetes/json_peek.hpp"

#include <algorithm>

namespace pifleet::kubernetes {

namespace {

using namespace std::chrono_literals;
using Do = Plan::Do;

constexpr std::size_t most_other = 16 * 1024;  // of an answer that is an error
constexpr auto whole_list = 10min;             // a page that trickles ends at last

Splitter::Form form_of(const Plan::Step& step) {
    return step.what == Do::list ? Splitter::Form::list : Splitter::Form::watch;
}

Refusal read_status(std::string_view json, unsigned status) {
    Refusal out;
    const auto code = find_member(json, {"code"});
    out.status = static_cast<unsigned>(code ? to_unsigned(*code).value_or(status) : status);
    out.reason = text_member(json, {"reason"});
    out.message = text_member(json, {"message"});
    if (const auto after = find_member(json, {"details", "retryAfterSeconds"}))
        if (const auto seconds = to_unsigned(*after); seconds && *seconds < 3600)
            out.retry_after = std::chrono::seconds(*seconds);
    return out;
}

}  // namespace

Answer::Answer(const Plan::Step& step,
               const WatcherOptions& options,
               std::string_view credentials,
               Plan& plan,
               ObjectSink*& sink)
    : step_(step),
      table_(options.as_table),
      credentials_(credentials),
      plan_(plan),
      sink_(sink),
      splitter_(form_of(step), options.as_table, options.most_object_bytes, *this),
      began_(Plan::Clock::now()) {
    heard(began_);
}

// Events of a busy cluster are read some at a time; who scrapes does not see a fifth of a second.
std::chrono::milliseconds Answer::rest() {
    const bool watching = plan_.status().state == WatcherStatus::State::watching;
    return watching ? 200ms : 0ms;
}

void Answer::heard(Time now) {
    deadline_ = now + plan_.patience();
    if (step_.what == Do::list) deadline_ = std::min(deadline_, began_ + whole_list);
}

Result<void> Answer::on_head(const http::ResponseHead& head) {
    status_ = head.status;
    type_ = http::find_header(head.headers, "Content-Type");
    if (const auto after = to_unsigned(trim(http::find_header(head.headers, "Retry-After")));
        after && *after < 3600)
        retry_after_ = std::chrono::seconds(*after);
    json_ = status_ == 200 && lower(type_).find("json") != std::string::npos;
    if (json_) {
        plan_.accepted(Plan::Clock::now());
        if (step_.begins_list && sink_ != nullptr) sink_->begin_list();
    }
    heard(Plan::Clock::now());
    return {};
}

Result<void> Answer::on_body(std::string_view piece) {
    if (sink_ == nullptr) return failure("stopped");
    plan_.received(piece.size());
    bytes_ += piece.size();
    if (!json_) {
        other_ += piece.substr(0, most_other - std::min(most_other, other_.size()));
        if (status_ == 200) return other_.size() < 200 ? Result<void>() : failure("the answer is no JSON");
        return bytes_ < 4 * most_other ? Result<void>() : failure("the answer is too long for an error");
    }
    // In a watch it is events that count, not bytes.
    if (step_.what == Do::list) heard(Plan::Clock::now());
    auto fed = splitter_.feed(piece);
    if (!fed) {
        other_ = piece.substr(0, 200);
        return fed;
    }
    if (error_event_) return failure("the watch has ended by an error");
    return {};
}

void Answer::element(std::string_view json) {
    if (sink_ == nullptr || error_event_) return;
    if (step_.what == Do::list)
        list_element(json);
    else
        event(splitter_.type(), json);
}

void Answer::list_element(std::string_view json) {
    ++objects_;
    if (plan_.takes_object()) sink_->object(json);
}

void Answer::event(std::string_view type, std::string_view json) {
    if (type == "ERROR") {
        error_event_ = read_status(json, 500);
        return;
    }
    const auto metadata =
        table_ ? find_member(json, {"object", "metadata"}) : find_member(json, {"metadata"});
    Event event;
    if (metadata) event.version = text_member(*metadata, {"resourceVersion"});
    if (type == "BOOKMARK") {
        event.kind = Event::Kind::bookmark;
        event.initial_end =
            metadata && text_member(*metadata, {"annotations", "k8s.io/initial-events-end"}) == "true";
    } else if (type == "DELETED") {
        event.kind = Event::Kind::deleted;
        sink_->deleted(json);
    } else if (type == "ADDED" || type == "MODIFIED") {
        sink_->object(json);
    } else {
        plan_.skipped();
        return;
    }
    if (sink_ == nullptr) return;  // it stopped us
    if (plan_.event(event, Plan::Clock::now())) sink_->end_list();
    if (sink_ != nullptr) heard(Plan::Clock::now());
}

// What was known of it is no longer true. In a list it is enough not to name it.
void Answer::too_large(std::string_view identity) {
    plan_.skipped();
    ++objects_;
    if (step_.what == Do::list || sink_ == nullptr || identity.empty()) return;
    event("DELETED", identity);
}

Refusal Answer::refusal() const {
    if (error_event_) return *error_event_;
    auto out = read_status(other_, status_);
    out.status = status_;
    if (retry_after_) out.retry_after = retry_after_;
    if (out.message.empty()) out.message = trim(other_);
    if (status_ == 401) (out.message += "; our credentials come from ") += credentials_;
    return out;
}

void Answer::finish(const Error* error, Time now) {
    if (error_event_) return plan_.refused(*error_event_, now);
    if (status_ != 0 && status_ != 200) return plan_.refused(refusal(), now);
    if (status_ == 200 && !json_)
        return plan_.failed(
            "the answer is " + (type_.empty() ? "of no type" : printable(type_, 60)) +
                ", not JSON; is this the API server's address? It begins: " + printable(trim(other_), 200),
            now);
    if (error != nullptr) {
        if (now >= deadline_) return plan_.silent(now);
        return plan_.failed(
            error->message + (other_.empty() ? "" : "; what came begins: " + printable(other_, 200)), now);
    }
    if (step_.what != Do::list) return plan_.watch_ended(now);
    const auto head = splitter_.end_list();
    if (!head) return plan_.failed(head.error().message, now);
    if (plan_.page_ended(*head, objects_, bytes_, now) && sink_ != nullptr) sink_->end_list();
}

}  // namespace pifleet::kubernetes
