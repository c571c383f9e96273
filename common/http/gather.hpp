// A sink that keeps the whole body, for answers that are small.
#pragma once

#include "common/http/client.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace pifleet::http {

class Gather final : public BodySink {
  public:
    /// A body over `limit` bytes is an error.
    explicit Gather(std::size_t limit) : limit_(limit) {}
    Result<void> on_head(const ResponseHead&) override { return {}; }
    Result<void> on_body(std::string_view piece) override {
        if (piece.size() > limit_ - body_.size())
            return failure("the answer's body is over the limit of " + std::to_string(limit_) + " bytes");
        body_ += piece;
        return {};
    }

    /// The answer of which this was the body.
    Response response(ResponseHead&& head) {
        Response response;
        response.status = head.status;
        response.headers = std::move(head.headers);
        response.body = std::move(body_);
        return response;
    }

  private:
    std::size_t limit_;
    std::string body_;
};

}  // namespace pifleet::http
