#include "common/http/receiver.hpp"

#include "common/base/text.hpp"

#include <string>
#include <utility>

namespace pifleet::http {

Result<void> Receiver::begin(ResponseHead head) {
    head_ = std::move(head);
    for (const auto& header : head_.headers) {
        if (!equal_ignoring_case(header.name, "Content-Encoding")) continue;
        const auto encoding = lower(trim(header.value));
        if (encoding.empty() || encoding == "identity") continue;
        if ((encoding != "gzip" && encoding != "x-gzip") || gunzip_)
            return failure("the answer's Content-Encoding '" + header.value + "' is none that was asked for");
        gunzip_.emplace(limit_);
    }
    return sink_.on_head(head_);
}

Result<void> Receiver::take(std::string_view piece) {
    head_.wire_bytes += piece.size();
    if (head_.wire_bytes > limit_)
        return failure("the answer's body is over the limit of " + std::to_string(limit_) + " bytes");
    if (!gunzip_) return pass(piece);
    return gunzip_->feed(piece, [this](std::string_view unpacked) { return pass(unpacked); });
}

Result<void> Receiver::finish() const {
    // An answer to HEAD names the encoding of a body that does not come.
    if (!gunzip_ || head_.wire_bytes == 0) return {};
    return gunzip_->finish();
}

Result<void> Receiver::pass(std::string_view piece) {
    head_.body_bytes += piece.size();
    return sink_.on_body(piece);
}

}  // namespace pifleet::http
