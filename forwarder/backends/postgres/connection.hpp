// One connection to a server that speaks PostgreSQL's protocol, over libpq, with a deadline for every step.
// Of the module.
#pragma once

#include "forwarder/backends/postgres/module.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder::postgres {

using Deadline = std::chrono::steady_clock::time_point;

/// What became of a statement.
struct Outcome {
    bool good = true;
    std::string sqlstate;  // of a failure that the server told
    std::string reason;
    std::vector<std::string> rows;  // the first column
};

/// A parameter in binary form; see arrays.hpp.
using Parameters = std::span<const std::string>;

class Connection {
  public:
    /// Connects unless it is. A failure leaves it closed.
    Outcome open(const PifleetSqlSettings& settings, Deadline deadline);
    bool is_open() const { return handle_ != nullptr; }

    /// One statement with parameters, or several without. After a failure of the connection it is closed.
    Outcome run(const char* statement, Parameters parameters, Deadline deadline);
    Outcome run(const std::string& statements, Deadline deadline) {
        return run(statements.c_str(), {}, deadline);
    }

  private:
    struct Finish {
        void operator()(PGconn* handle) const { PQfinish(handle); }
    };
    Outcome broken(std::string_view what);
    /// Waits for the socket; false: not before the deadline.
    bool wait(short events, Deadline deadline) const;
    bool flush(Deadline deadline);

    std::unique_ptr<PGconn, Finish> handle_;
};

}  // namespace pifleet::forwarder::postgres
