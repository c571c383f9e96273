// pifleet-forwarder-postgres.so: a batch into the tables, exactly once. A sample that is there already,
// because an answer was lost or the program ran before, is left as it is: the primary key says so.
#include "forwarder/backends/postgres/module.hpp"

#include "forwarder/backends/postgres/arrays.hpp"
#include "forwarder/backends/postgres/schema.hpp"

#include <algorithm>
#include <exception>
#include <unordered_set>

using namespace pifleet::forwarder;
using namespace pifleet::forwarder::postgres;

namespace {

constexpr std::size_t most_known = 200'000;  // series, 40 bytes each

template <std::size_t N>
void put(char (&into)[N], const std::string& text) {
    const auto size = text.copy(into, N - 1);
    into[size] = '\0';
}

std::int64_t today() {
    return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
}

}  // namespace

struct PifleetSqlSession {
    Outcome send(const PifleetSqlSettings& settings, const PifleetSqlBatch& batch, Deadline deadline);
    Outcome insert_series(const PifleetSqlBatch& batch, Deadline deadline);
    Outcome insert_samples(const PifleetSqlBatch& batch, Deadline deadline);

    Connection connection;
    Schema schema;
    std::unordered_set<std::int64_t> known;  // series that are in the database
    std::string notice;
};

Outcome PifleetSqlSession::insert_series(const PifleetSqlBatch& batch, Deadline deadline) {
    if (known.size() > most_known) known.clear();
    std::vector<const PifleetSqlSeries*> fresh;
    for (std::size_t i = 0; i < batch.series_count; ++i)
        if (!known.contains(batch.series[i].id)) fresh.push_back(&batch.series[i]);
    if (fresh.empty()) return {};
    // In one order, so that two forwarders do not wait for each other.
    std::sort(fresh.begin(), fresh.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
    BinaryArray ids(BinaryArray::Type::int8, fresh.size());
    BinaryArray names(BinaryArray::Type::text, fresh.size()), labels(BinaryArray::Type::text, fresh.size());
    for (const auto* series : fresh) {
        ids.add(static_cast<std::uint64_t>(series->id));
        names.add(std::string_view(series->name));
        labels.add(std::string_view(series->labels));
    }
    const std::string parameters[] = {ids.take(), names.take(), labels.take()};
    auto outcome = connection.run(schema.series_statement(), parameters, deadline);
    if (outcome.good)
        for (const auto* series : fresh) known.insert(series->id);
    return outcome;
}

Outcome PifleetSqlSession::insert_samples(const PifleetSqlBatch& batch, Deadline deadline) {
    BinaryArray ids(BinaryArray::Type::int8, batch.samples);
    BinaryArray times(BinaryArray::Type::timestamptz, batch.samples);
    BinaryArray values(BinaryArray::Type::float8, batch.samples);
    for (std::size_t i = 0; i < batch.samples; ++i) {
        ids.add(static_cast<std::uint64_t>(batch.series_ids[i]));
        times.add(timestamp_of(batch.times_ms[i]));
        values.add(batch.value_bits[i]);
    }
    const std::string parameters[] = {ids.take(), times.take(), values.take()};
    return connection.run(
        "INSERT INTO samples (series_id, ts, value) SELECT * FROM unnest($1::bigint[],"
        " $2::timestamptz[], $3::float8[]) ON CONFLICT DO NOTHING",
        parameters,
        deadline);
}

Outcome PifleetSqlSession::send(const PifleetSqlSettings& settings,
                                const PifleetSqlBatch& batch,
                                Deadline deadline) {
    if (!connection.is_open()) {  // it may be another database, put back from a copy
        schema.forget();
        known.clear();
    }
    auto outcome = connection.open(settings, deadline);
    if (outcome.good) outcome = schema.prepare(connection, settings, deadline);
    if (outcome.good) outcome = schema.make_days(connection, batch, today(), deadline);
    if (outcome.good) outcome = insert_series(batch, deadline);
    if (outcome.good) outcome = insert_samples(batch, deadline);
    if (!outcome.good && outcome.sqlstate.starts_with("42")) {  // somebody took a table away
        schema.forget();
        known.clear();
    }
    if (!outcome.good) return outcome;
    if (const auto dropped = schema.drop_old(connection, settings, today(), deadline); !dropped.good)
        notice = "old samples cannot be dropped: " + dropped.reason;
    return outcome;
}

namespace {

PifleetSqlSession* open() {
    return new PifleetSqlSession;
}

void close(PifleetSqlSession* session) {
    delete session;
}

void send(PifleetSqlSession* session,
          const PifleetSqlSettings* settings,
          const PifleetSqlBatch* batch,
          std::int64_t milliseconds,
          PifleetSqlAnswer* answer) {
    *answer = {};
    try {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
        session->notice.clear();
        const auto outcome = session->send(*settings, *batch, deadline);
        answer->done = outcome.good;
        put(answer->sqlstate, outcome.sqlstate);
        put(answer->reason, outcome.reason);
        put(answer->notice, session->notice);
    } catch (const std::exception& error) {  // no exception passes the border
        put(answer->reason, error.what());
    }
}

constexpr PifleetSqlModule table{sql_module_version, open, close, send};

}  // namespace

extern "C" __attribute__((visibility("default"))) const PifleetSqlModule* pifleet_sql_module();

const PifleetSqlModule* pifleet_sql_module() {
    return &table;
}
