// gzip over zlib: bodies packed whole, bodies unpacked as they stream in.
#pragma once

#include "common/base/result.hpp"
#include "common/http/message.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pifleet::http {

/// The body packed by gzip at the fastest level: a page packs to a tenth either way.
std::string gzip(std::string_view body);

/// The same for a body that is made while it is sent.
std::shared_ptr<BodySource> gzip(std::shared_ptr<BodySource> body);

/// Whether an Accept-Encoding header takes gzip: named, or by "*", and not with q=0.
bool accepts_gzip(std::string_view accept_encoding);

/// Unpacks a gzip stream piece by piece and passes on what comes out, at most `limit` bytes in all.
class Gunzip {
  public:
    using Sink = std::function<Result<void>(std::string_view)>;
    explicit Gunzip(std::size_t limit);
    ~Gunzip();
    Gunzip(Gunzip&&) noexcept;
    Result<void> feed(std::string_view piece, const Sink& sink);
    /// An error unless the stream has ended whole.
    Result<void> finish() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pifleet::http
