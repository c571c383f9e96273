// librdkafka's mock cluster, for test_backends_kafka.py: three brokers on loopback that speak Kafka's
// protocol. Prints their addresses, then does what it is told on its input, a line each:
//   down N, up N     a broker goes away and comes back
//   error N          the next request to produce fails with this error of the protocol
//   read             prints all records (partition, key, value; tabs between), read over TCP by a client of
//   its own, and
//                    a line `end`
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr const char* topic = "metrics";
constexpr int brokers = 3, partitions = 4;
constexpr short produce_request = 0;

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Client client(rd_kafka_type_t type, const std::vector<std::pair<const char*, std::string>>& options) {
    char wrong[256] = "";
    auto* const conf = rd_kafka_conf_new();
    for (const auto& [name, value] : options)
        if (rd_kafka_conf_set(conf, name, value.c_str(), wrong, sizeof wrong) != RD_KAFKA_CONF_OK) break;
    auto* const made = *wrong == '\0' ? rd_kafka_new(type, conf, wrong, sizeof wrong) : nullptr;
    if (made == nullptr) {
        std::fprintf(stderr, "kafka_mock: %s\n", wrong);
        std::exit(1);
    }
    return {made, rd_kafka_destroy};
}

void read_all(const char* addresses) {
    const auto reader = client(RD_KAFKA_CONSUMER,
                               {{"bootstrap.servers", addresses},
                                {"group.id", "reader"},
                                {"enable.partition.eof", "true"},
                                {"check.crcs", "true"},
                                {"log_level", "0"}});
    auto* const all = rd_kafka_topic_partition_list_new(partitions);
    for (int i = 0; i < partitions; ++i)
        rd_kafka_topic_partition_list_add(all, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(reader.get(), all);
    rd_kafka_topic_partition_list_destroy(all);
    for (int ended = 0; ended < partitions;) {
        auto* const message = rd_kafka_consumer_poll(reader.get(), 1000);
        if (message == nullptr) continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            ++ended;
        else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            std::printf("%d\t%.*s\t%.*s\n",
                        message->partition,
                        static_cast<int>(message->key_len),
                        static_cast<const char*>(message->key),
                        static_cast<int>(message->len),
                        static_cast<const char*>(message->payload));
        rd_kafka_message_destroy(message);
    }
    std::puts("end");
    rd_kafka_consumer_close(reader.get());
}

}  // namespace

int main() {
    const auto owner = client(RD_KAFKA_PRODUCER, {{"client.id", "mock"}, {"log_level", "0"}});
    auto* const cluster = rd_kafka_mock_cluster_new(owner.get(), brokers);
    rd_kafka_mock_topic_create(cluster, topic, partitions, brokers);
    const std::string addresses = rd_kafka_mock_cluster_bootstraps(cluster);
    std::puts(addresses.c_str());
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string what;
        int number = 0;
        words >> what >> number;
        if (what == "down") rd_kafka_mock_broker_set_down(cluster, number);
        if (what == "up") rd_kafka_mock_broker_set_up(cluster, number);
        if (what == "error")
            rd_kafka_mock_push_request_errors(
                cluster, produce_request, 1, static_cast<rd_kafka_resp_err_t>(number));
        if (what == "read") read_all(addresses.c_str());
        std::fflush(stdout);
    }
    rd_kafka_mock_cluster_destroy(cluster);
}
