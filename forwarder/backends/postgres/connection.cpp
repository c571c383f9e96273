#include "forwarder/backends/postgres/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cctype>

namespace pifleet::forwarder::postgres {

namespace {

using Clock = std::chrono::steady_clock;

std::string one_line(const char* text) {
    std::string out(text != nullptr ? text : "");
    while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
}

// While it connects, libpq tells the state within its message alone: "FATAL:  28P01: password …".
std::string state_within(const std::string& message) {
    const auto state_char = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    for (auto at = message.find(":  "); at != std::string::npos; at = message.find(":  ", at + 1)) {
        const auto state = message.substr(at + 3, 5);
        if (state.size() == 5 && message.substr(at + 8, 2) == ": " &&
            std::all_of(state.begin(), state.end(), state_char))
            return state;
    }
    return {};
}

}  // namespace

bool Connection::wait(short events, Deadline deadline) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd socket{PQsocket(handle_.get()), events, 0};
    return ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left + 1, 3'600'000))) > 0;
}

Outcome Connection::broken(std::string_view what) {
    Outcome outcome{false, {}, std::string(what), {}};
    if (const auto said = handle_ ? one_line(PQerrorMessage(handle_.get())) : std::string(); !said.empty())
        outcome.reason = said;
    outcome.sqlstate = state_within(outcome.reason);
    handle_.reset();
    return outcome;
}

Outcome Connection::open(const PifleetSqlSettings& settings, Deadline deadline) {
    if (handle_) return {};
    const auto optional = [](const char* text) { return *text != '\0' ? text : nullptr; };
    const char* const names[] = {"host",
                                 "port",
                                 "dbname",
                                 "user",
                                 "password",
                                 "sslmode",
                                 "sslrootcert",
                                 "sslcert",
                                 "sslkey",
                                 "application_name",
                                 "client_encoding",
                                 "keepalives_idle",
                                 nullptr};
    const char* const values[] = {settings.host,
                                  settings.port,
                                  settings.database,
                                  settings.user,
                                  settings.password,
                                  settings.sslmode,
                                  optional(settings.ca_file),
                                  optional(settings.cert_file),
                                  optional(settings.key_file),
                                  "pifleet-forwarder",
                                  "UTF8",
                                  "30",
                                  nullptr};
    handle_.reset(PQconnectStartParams(names, values, 0));
    if (!handle_) return {false, {}, "no memory", {}};
    if (PQstatus(handle_.get()) == CONNECTION_BAD) return broken("cannot connect");
    PQsetErrorVerbosity(handle_.get(), PQERRORS_VERBOSE);
    PQsetNoticeProcessor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    for (auto step = PGRES_POLLING_WRITING; step != PGRES_POLLING_OK; step = PQconnectPoll(handle_.get())) {
        if (step == PGRES_POLLING_FAILED) return broken("cannot connect");
        if (!wait(step == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
            handle_.reset();
            return {false, {}, "cannot connect: no answer in time", {}};
        }
    }
    PQsetErrorVerbosity(handle_.get(), PQERRORS_DEFAULT);
    if (PQsetnonblocking(handle_.get(), 1) != 0) return broken("cannot connect");
    return {};
}

bool Connection::flush(Deadline deadline) {
    for (;;) {
        const auto left = PQflush(handle_.get());
        if (left <= 0) return left == 0;
        if (!wait(POLLIN | POLLOUT, deadline)) return false;
        if (PQconsumeInput(handle_.get()) == 0) return false;
    }
}

Outcome Connection::run(const char* statement, Parameters parameters, Deadline deadline) {
    if (!handle_) return {false, {}, "not connected", {}};
    auto* const handle = handle_.get();
    std::vector<const char*> values;
    std::vector<int> sizes;
    const std::vector<int> formats(parameters.size(), 1);
    for (const auto& parameter : parameters) {
        values.push_back(parameter.data());
        sizes.push_back(static_cast<int>(parameter.size()));
    }
    const int sent = parameters.empty() ? PQsendQuery(handle, statement)
                                        : PQsendQueryParams(handle,
                                                            statement,
                                                            static_cast<int>(parameters.size()),
                                                            nullptr,
                                                            values.data(),
                                                            sizes.data(),
                                                            formats.data(),
                                                            0);
    if (sent == 0 || !flush(deadline)) return broken("no answer in time");
    Outcome outcome;
    for (;;) {
        while (PQisBusy(handle) != 0) {
            if (!wait(POLLIN, deadline)) {
                handle_.reset();
                return {false, {}, "no answer in time", {}};
            }
            if (PQconsumeInput(handle) == 0) return broken("the connection broke");
        }
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(handle), &PQclear);
        if (!result) break;
        const auto status = PQresultStatus(result.get());
        if (status == PGRES_TUPLES_OK) {
            for (int row = 0; row < PQntuples(result.get()); ++row)
                outcome.rows.emplace_back(PQgetvalue(result.get(), row, 0));
        } else if (status != PGRES_COMMAND_OK && outcome.good) {
            const auto* const state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
            outcome.good = false;
            outcome.sqlstate = state != nullptr ? state : "";
            outcome.reason = one_line(PQresultErrorMessage(result.get()));
        }
    }
    if (PQstatus(handle) == CONNECTION_BAD) handle_.reset();
    return outcome;
}

}  // namespace pifleet::forwarder::postgres
