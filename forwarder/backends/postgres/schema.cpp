#include "forwarder/backends/postgres/schema.hpp"

#include <chrono>
#include <cstdio>

namespace pifleet::forwarder::postgres {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t most_days = 400, days_ahead = 2;  // that get a partition, whatever times a page claims

constexpr auto column_tables = R"(
CREATE TABLE IF NOT EXISTS series (id bigint PRIMARY KEY, name text NOT NULL, labels jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS samples (series_id bigint NOT NULL, ts timestamptz NOT NULL, value float8 NOT NULL,
                                    PRIMARY KEY (series_id, ts)))";

// Of several forwarders one makes the tables. The lock's number is ours.
constexpr auto lock = "SELECT pg_advisory_xact_lock(7382951064);";
constexpr auto one_partition = "CREATE TABLE IF NOT EXISTS samples_other PARTITION OF samples DEFAULT;";
constexpr auto by_name = "CREATE INDEX IF NOT EXISTS series_by_name ON series (name);";

// Another forwarder made it just now, or the owner's own partition or a row of samples_other is in the way.
bool day_cannot_be_made(const std::string& state) {
    return state == "42P07" || state == "23505" || state == "42P17" || state == "23514";
}

std::string date_text(std::int64_t day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    char text[40];
    std::snprintf(text,
                  sizeof text,
                  "%04d-%02u-%02u",
                  static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()));
    return text;
}

}  // namespace

std::string day_text(std::int64_t day) {
    auto text = date_text(day);
    std::erase(text, '-');
    return text;
}

const char* Schema::series_statement() const {
    return dialect_ == "cratedb" ? "INSERT INTO series (id, name, labels) SELECT * FROM unnest($1::bigint[], "
                                   "$2::text[], $3::text[])"
                                   " ON CONFLICT DO NOTHING"
                                 : "INSERT INTO series (id, name, labels) SELECT i, n, l::jsonb FROM "
                                   "unnest($1::bigint[], $2::text[],"
                                   " $3::text[]) AS s(i, n, l) ON CONFLICT DO NOTHING";
}

// A user who may not make tables need not, once somebody else has.
Outcome Schema::prepare(Connection& connection, const PifleetSqlSettings& settings, Deadline deadline) {
    if (kept_ != Kept::unknown) return {};
    dialect_ = settings.dialect;
    if (dialect_ == "cratedb") {
        auto made = connection.run(
            "CREATE TABLE IF NOT EXISTS series (id bigint PRIMARY KEY, name text NOT NULL, labels text NOT "
            "NULL)",
            deadline);
        if (made.good)
            made = connection.run(
                "CREATE TABLE IF NOT EXISTS samples (series_id bigint, ts timestamp with time zone, value "
                "double precision"
                " NOT NULL, PRIMARY KEY (series_id, ts))",
                deadline);
        if (made.good) kept_ = Kept::in_one_table;
        return made;
    }
    if (dialect_ == "cockroachdb") {
        auto made = connection.run(column_tables, deadline);
        if (made.good) kept_ = Kept::in_one_table;
        return made;
    }
    auto found = find_out(connection, deadline);
    if (!found.good || kept_ != Kept::unknown) return found;
    found = create(connection, deadline);
    return found.good ? find_out(connection, deadline) : found;
}

Outcome Schema::create(Connection& connection, Deadline deadline) {
    const auto chunks = connection.run("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", deadline);
    if (!chunks.good) return chunks;
    if (chunks.rows.empty())
        return connection.run(
            std::string(lock) + column_tables + " PARTITION BY RANGE (ts);" + one_partition + by_name,
            deadline);
    return connection.run(
        std::string(lock) + column_tables + ";" + by_name +
            "SELECT create_hypertable('samples', 'ts', chunk_time_interval => interval '1 day',"
            " if_not_exists => true)",
        deadline);
}

Outcome Schema::find_out(Connection& connection, Deadline deadline) {
    auto kind = connection.run(
        "SELECT relkind FROM pg_class WHERE oid = to_regclass('samples') AND to_regclass('series') IS NOT "
        "NULL",
        deadline);
    if (!kind.good || kind.rows.empty()) return kind;
    kept_ = kind.rows.front() == "p" ? Kept::in_partitions : Kept::in_one_table;
    if (kept_ == Kept::in_partitions) return kind;
    auto chunks = connection.run(
        "SELECT 1 WHERE to_regclass('timescaledb_information.hypertables') IS NOT NULL", deadline);
    if (chunks.good && !chunks.rows.empty())
        chunks = connection.run(
            "SELECT 1 FROM timescaledb_information.hypertables WHERE hypertable_name = 'samples'", deadline);
    if (chunks.good && !chunks.rows.empty()) kept_ = Kept::in_chunks;
    return kind;
}

Outcome Schema::make_days(Connection& connection,
                          const PifleetSqlBatch& batch,
                          std::int64_t today,
                          Deadline deadline) {
    if (kept_ != Kept::in_partitions) return {};
    for (std::size_t i = 0; i < batch.samples; ++i) {
        const auto day = batch.times_ms[i] / day_ms;
        if (day < today - most_days || day > today + days_ahead || days_.contains(day)) continue;
        const auto name = "samples_" + day_text(day);
        auto made = connection.run("SELECT 1 WHERE to_regclass('" + name + "') IS NOT NULL", deadline);
        if (made.good && made.rows.empty())
            made = connection.run("CREATE TABLE IF NOT EXISTS " + name +
                                      " PARTITION OF samples FOR VALUES FROM ('" + date_text(day) +
                                      " 00:00:00+00') TO ('" + date_text(day + 1) + " 00:00:00+00')",
                                  deadline);
        if (!made.good && !day_cannot_be_made(made.sqlstate)) return made;
        days_.insert(day);
    }
    return {};
}

Outcome Schema::drop_old(Connection& connection,
                         const PifleetSqlSettings& settings,
                         std::int64_t today,
                         Deadline deadline) {
    if (settings.retention_days <= 0 || dropped_on_ == today) return {};
    dropped_on_ = today;
    const auto oldest = today - settings.retention_days;
    const auto before = " ts < '" + date_text(oldest) + " 00:00:00+00'";
    if (kept_ == Kept::in_chunks)
        return connection.run("SELECT drop_chunks('samples', older_than => timestamptz '" +
                                  date_text(oldest) + " 00:00:00+00')",
                              deadline);
    if (kept_ == Kept::in_one_table) return connection.run("DELETE FROM samples WHERE" + before, deadline);
    const auto old = connection.run(
        "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent ="
        " to_regclass('samples') AND relname ~ '^samples_[0-9]{8}$' AND relname < 'samples_" +
            day_text(oldest) + "'",
        deadline);
    if (!old.good) return old;
    for (const auto& partition : old.rows)
        if (auto dropped = connection.run("DROP TABLE " + partition, deadline); !dropped.good) return dropped;
    return connection.run("DELETE FROM samples_other WHERE" + before, deadline);
}

}  // namespace pifleet::forwarder::postgres
