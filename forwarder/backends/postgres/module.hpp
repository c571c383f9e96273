// Between the program and pifleet-forwarder-postgres.so, which alone knows libpq: one table of functions that
// take plain structs. All of them block, and are called from one thread at a time. Texts are UTF-8 and end
// in NUL.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct PifleetSqlSession;

struct PifleetSqlSettings {
    const char *host, *port, *database, *user, *password, *sslmode;
    const char *ca_file, *cert_file, *key_file;  // empty: none
    const char* dialect;                         // "postgresql", "cockroachdb", "cratedb"
    std::int64_t retention_days;                 // 0: for ever
};

struct PifleetSqlSeries {
    std::int64_t id;
    const char* name;
    const char* labels;  // a JSON object
};

struct PifleetSqlBatch {
    const PifleetSqlSeries* series;
    std::size_t series_count;
    // A sample is an entry of each of these.
    const std::int64_t* series_ids;
    const std::int64_t* times_ms;
    const std::uint64_t* value_bits;
    std::size_t samples;
};

struct PifleetSqlAnswer {
    bool done;         // all samples are in the database
    char sqlstate[6];  // of a failure; empty: the server did not say one, or could not be reached
    char reason[400];  // of a failure
    char notice[400];  // what failed besides, with no harm to samples
};

struct PifleetSqlModule {
    unsigned version;
    PifleetSqlSession* (*open)();  // a session that connects when it is first needed
    void (*close)(PifleetSqlSession*);
    /// The settings count when it connects. Takes at most about so many milliseconds.
    void (*send)(PifleetSqlSession*,
                 const PifleetSqlSettings*,
                 const PifleetSqlBatch*,
                 std::int64_t milliseconds,
                 PifleetSqlAnswer*);
};

}  // extern "C"

namespace pifleet::forwarder {

inline constexpr unsigned sql_module_version = 1;
inline constexpr const char* sql_module_entry = "pifleet_sql_module";

}  // namespace pifleet::forwarder
