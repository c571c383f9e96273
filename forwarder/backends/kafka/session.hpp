// A producer of librdkafka and the one batch that it works on. A batch that comes again, because no answer
// came in time, is not sent again: its records still wait within librdkafka, which numbers them, so that a
// broker that has taken one whose answer was lost does not take it twice.
#pragma once

#include "forwarder/backends/kafka/module.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using KafkaDeadline = std::chrono::steady_clock::time_point;

struct PifleetKafkaSession {
    void send(const PifleetKafkaSettings& settings,
              std::string_view batch,
              KafkaDeadline deadline,
              PifleetKafkaAnswer& answer);

  private:
    enum class State { waiting, under_way, done, lost };
    struct Record {
        std::string_view key, value;
        State state = State::waiting;
    };
    struct Destroy {
        void operator()(rd_kafka_t* producer) const;
    };

    void take(std::string_view batch);
    std::string open(const PifleetKafkaSettings& settings);
    void produce(const char* topic);
    void wait(KafkaDeadline deadline);
    void judge(const char* topic, PifleetKafkaAnswer& answer);
    void connected();
    void drop();
    void failed(rd_kafka_resp_err_t error);
    void delivered(const rd_kafka_message_t& message);
    void complained(rd_kafka_resp_err_t error, std::string_view what);

    std::string batch_;
    std::vector<Record> records_;  // within it
    std::size_t under_way_ = 0;
    rd_kafka_resp_err_t failure_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // of a record in this attempt
    // What was said of the connections since a record was last delivered.
    rd_kafka_resp_err_t connection_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string complaint_;
    bool down_ = false;                              // all brokers
    std::unique_ptr<rd_kafka_t, Destroy> producer_;  // last: it looks into the batch until it is gone
};
