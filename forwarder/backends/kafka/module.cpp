// pifleet-forwarder-kafka.so: records, each acknowledged by all replicas.
#include "forwarder/backends/kafka/session.hpp"

#include <exception>

using namespace pifleet::forwarder;

namespace {

PifleetKafkaSession* open() {
    return new PifleetKafkaSession;
}

void close(PifleetKafkaSession* session) {
    delete session;
}

void send(PifleetKafkaSession* session,
          const PifleetKafkaSettings* settings,
          const char* records,
          std::size_t size,
          std::int64_t milliseconds,
          PifleetKafkaAnswer* answer) {
    *answer = {};
    try {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
        session->send(*settings, {records, size}, deadline, *answer);
    } catch (const std::exception& error) {  // no exception passes the border
        answer->result = pifleet_kafka_retry;
        const auto length = std::string_view(error.what()).copy(answer->reason, sizeof answer->reason - 1);
        answer->reason[length] = '\0';
    }
}

constexpr PifleetKafkaModule table{kafka_module_version, open, close, send};

}  // namespace

extern "C" __attribute__((visibility("default"))) const PifleetKafkaModule* pifleet_kafka_module();

const PifleetKafkaModule* pifleet_kafka_module() {
    return &table;
}
