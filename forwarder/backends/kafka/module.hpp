// Between the program and pifleet-forwarder-kafka.so, which alone knows librdkafka: one table of functions
// that take plain structs. All of them block, and are called from one thread at a time. Texts end in NUL.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct PifleetKafkaSession;

struct PifleetKafkaSettings {
    const char *brokers, *topic;
    const char* security;                        // librdkafka's security.protocol
    const char* mechanism;                       // of SASL
    const char *username, *password;             // empty: no SASL
    const char* compression;                     // librdkafka's compression.codec
    const char *ca_file, *cert_file, *key_file;  // empty: none
    bool any_certificate;
};

enum PifleetKafkaResult {
    pifleet_kafka_done,  // all records are with all replicas, but those that are lost
    pifleet_kafka_retry,
    pifleet_kafka_denied,
    pifleet_kafka_too_large,
    pifleet_kafka_refused
};

struct PifleetKafkaAnswer {
    PifleetKafkaResult result;
    std::uint64_t lost;  // records that no broker will ever take
    char reason[400];    // of a failure, or of the loss
};

struct PifleetKafkaModule {
    unsigned version;
    PifleetKafkaSession* (*open)();  // a session that connects when it is first needed
    void (*close)(PifleetKafkaSession*);
    /// The settings count when it connects. `records`: of each its key, a NUL, its value, a NUL. Takes at
    /// most about so many milliseconds; when the same records come again, those that are on their way, or
    /// there, are not sent once more.
    void (*send)(PifleetKafkaSession*,
                 const PifleetKafkaSettings*,
                 const char* records,
                 std::size_t size,
                 std::int64_t milliseconds,
                 PifleetKafkaAnswer*);
};

}  // extern "C"

namespace pifleet::forwarder {

inline constexpr unsigned kafka_module_version = 1;
inline constexpr const char* kafka_module_entry = "pifleet_kafka_module";

}  // namespace pifleet::forwarder
