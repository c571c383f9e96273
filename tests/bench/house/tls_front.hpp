// HTTPS for a server that has none: takes TLS on a port of its own and passes the bytes on.
#pragma once

#include "common/base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace pifleet::bench {

class TlsFront {
  public:
    /// `file`: the PEM file with certificate and key. Passes on to 127.0.0.1:`to`.
    static Result<std::unique_ptr<TlsFront>> open(boost::asio::io_context& io,
                                                  const std::string& file,
                                                  std::uint16_t to);
    ~TlsFront();
    std::uint16_t port() const;

  private:
    struct Impl;
    explicit TlsFront(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pifleet::bench
