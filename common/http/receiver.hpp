// Between the parser and the caller's sink: counts, unpacks, keeps to the limit. Private to common/http.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "common/http/gzip.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace pifleet::http {

class Receiver {
  public:
    Receiver(BodySink& sink, std::size_t limit) : sink_(sink), limit_(limit) {}

    /// The head without its byte counts. Refuses encodings that were not asked for; then asks the sink.
    Result<void> begin(ResponseHead head);
    /// A piece as it came over the wire.
    Result<void> take(std::string_view piece);
    /// At the body's end.
    Result<void> finish() const;

    const ResponseHead& head() const { return head_; }

  private:
    Result<void> pass(std::string_view piece);

    BodySink& sink_;
    std::size_t limit_;
    ResponseHead head_;
    std::optional<Gunzip> gunzip_;
};

}  // namespace pifleet::http
