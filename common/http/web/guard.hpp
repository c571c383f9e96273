// A server with a web configuration: one object that gives it TLS and stands in front of its handler. The
// file is read again when it changes, as the exporter-toolkit does; only whether there is TLS, and the rate,
// hold until the program ends.
#pragma once

#include "common/http/server.hpp"
#include "common/http/web/config.hpp"

#include <memory>
#include <string>

namespace pifleet::http::web {

class Guard {
  public:
    /// Reads the file. The error has its faults with their places.
    static Result<std::shared_ptr<Guard>> open(const std::string& file);
    ~Guard();

    bool has_tls() const;

    /// In front of `inner`: 429 beyond the rate, 401 without a user's password, headers for every answer.
    Handler handler(Handler inner);

    /// For the server; empty when the file asks for no TLS.
    TlsMaker tls();

  private:
    struct Impl;
    explicit Guard(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;  // shared with the handlers and the makers
};

}  // namespace pifleet::http::web
