#include "forwarder/backends/kafka/session.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

using Clock = std::chrono::steady_clock;

namespace {

PifleetKafkaResult meaning(rd_kafka_resp_err_t error) {
    switch (error) {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            return pifleet_kafka_done;
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            return pifleet_kafka_denied;
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
            return pifleet_kafka_too_large;
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        case RD_KAFKA_RESP_ERR_INVALID_MSG:
            return pifleet_kafka_refused;
        default:
            return pifleet_kafka_retry;
    }
}

void put(PifleetKafkaAnswer& answer, PifleetKafkaResult result, const std::string& reason) {
    answer.result = result;
    const auto size = reason.copy(answer.reason, sizeof answer.reason - 1);
    answer.reason[size] = '\0';
}

// Those at their presets that are not named here; empty values too.
struct Option {
    const char *name, *value;
};

}  // namespace

void PifleetKafkaSession::Destroy::operator()(rd_kafka_t* producer) const {
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(producer);
}

// What was said of the connections before is past.
void PifleetKafkaSession::connected() {
    connection_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    complaint_.clear();
    down_ = false;
}

void PifleetKafkaSession::drop() {
    producer_.reset();
    under_way_ = 0;
    connected();
    for (auto& record : records_)
        if (record.state == State::under_way) record.state = State::waiting;
}

void PifleetKafkaSession::take(std::string_view batch) {
    if (batch == batch_) return;
    if (under_way_ > 0) drop();  // of another batch, which was given up
    records_.clear();
    batch_ = batch;
    const char* const end = batch_.data() + batch_.size();
    for (const char* at = batch_.data(); at < end;) {
        const std::string_view key(at);
        const std::string_view value(at + key.size() + 1);
        at = value.data() + value.size() + 1;
        records_.push_back({key, value});
    }
}

std::string PifleetKafkaSession::open(const PifleetKafkaSettings& settings) {
    if (producer_) return {};
    const bool sasl = std::strncmp(settings.security, "sasl", 4) == 0;
    const Option options[] = {
        {"bootstrap.servers", settings.brokers},
        {"security.protocol", settings.security},
        {"sasl.mechanisms", sasl ? settings.mechanism : ""},
        {"sasl.username", settings.username},
        {"sasl.password", settings.password},
        {"ssl.ca.location", settings.ca_file},
        {"ssl.certificate.location", settings.cert_file},
        {"ssl.key.location", settings.key_file},
        {"ssl.endpoint.identification.algorithm", settings.any_certificate ? "none" : "https"},
        {"enable.ssl.certificate.verification", settings.any_certificate ? "false" : "true"},
        {"compression.codec", settings.compression},
        {"client.id", "pifleet-forwarder"},
        {"enable.idempotence", "true"},
        {"acks", "all"},
        {"partitioner", "murmur2_random"},             // by the key, as Java's clients do
        {"queue.buffering.max.messages", "10000000"},  // a batch, whatever its size
        {"message.timeout.ms", "0"},                   // who gives up is above us
        {"linger.ms", "5"},
        {"topic.metadata.propagation.max.ms", "5000"},  // until a missing topic is one
        {"log_level", "0"},
        // Azure Event Hubs forgets silent connections after four minutes.
        {"metadata.max.age.ms", "180000"},
        {"connections.max.idle.ms", "180000"},
        {"socket.keepalive.enable", "true"},
        {"reconnect.backoff.max.ms", "3000"},
    };
    char wrong[256] = "";
    auto* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
        static_cast<PifleetKafkaSession*>(self)->delivered(*message);
    });
    rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int error, const char* what, void* self) {
        static_cast<PifleetKafkaSession*>(self)->complained(static_cast<rd_kafka_resp_err_t>(error), what);
    });
    bool good = true;
    for (const auto& [name, value] : options)
        if (good && *value != '\0')
            good = rd_kafka_conf_set(conf, name, value, wrong, sizeof wrong) == RD_KAFKA_CONF_OK;
    if (good) producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, wrong, sizeof wrong));
    if (producer_) return {};
    rd_kafka_conf_destroy(conf);
    return wrong;
}

void PifleetKafkaSession::failed(rd_kafka_resp_err_t error) {
    if (failure_ == RD_KAFKA_RESP_ERR_NO_ERROR) failure_ = error;
}

void PifleetKafkaSession::delivered(const rd_kafka_message_t& message) {
    auto& record = records_[reinterpret_cast<std::uintptr_t>(message._private)];
    --under_way_;
    record.state = message.err == RD_KAFKA_RESP_ERR_NO_ERROR ? State::done : State::waiting;
    if (record.state == State::waiting) return failed(message.err);
    connected();
}

// "All brokers are down" says less than what was said of each; and how long one took, in parentheses at the
// end, would make the same complaint another one each time.
void PifleetKafkaSession::complained(rd_kafka_resp_err_t error, std::string_view what) {
    down_ = down_ || error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !complaint_.empty()) return;
    connection_ = error;
    complaint_ = what.substr(0, what.rfind(" (after "));
    if (error == RD_KAFKA_RESP_ERR__SSL)
        complaint_ =
            "tls_config's ca_file says whom to trust, and a certificate must have its broker's name: " +
            complaint_;
}

void PifleetKafkaSession::produce(const char* topic) {
    for (std::size_t i = 0; i < records_.size(); ++i) {
        auto& record = records_[i];
        if (record.state != State::waiting) continue;
        const auto error =
            rd_kafka_producev(producer_.get(),
                              RD_KAFKA_V_TOPIC(topic),
                              RD_KAFKA_V_KEY(const_cast<char*>(record.key.data()), record.key.size()),
                              RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),
                              RD_KAFKA_V_MSGFLAGS(0),  // neither copied nor freed
                              RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(static_cast<std::uintptr_t>(i))),
                              RD_KAFKA_V_END);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
            record.state = State::under_way;
            ++under_way_;
        } else if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {  // this one alone, whatever goes with it
            record.state = State::lost;
        } else {
            failed(error);
        }
    }
}

// While nobody can be reached there is nothing to wait for; librdkafka connects anew by itself, and what it
// then delivers is heard of in the next attempt.
void PifleetKafkaSession::wait(KafkaDeadline deadline) {
    constexpr int step_ms = 20;
    constexpr std::chrono::seconds while_down{1};
    const bool was_down = down_;
    const auto until = was_down ? std::min(deadline, Clock::now() + while_down) : deadline;
    while (under_way_ > 0 && Clock::now() < until && (was_down || !down_) &&
           meaning(connection_) != pifleet_kafka_denied)
        rd_kafka_poll(producer_.get(), step_ms);
}

void PifleetKafkaSession::judge(const char* topic, PifleetKafkaAnswer& answer) {
    if (meaning(connection_) == pifleet_kafka_denied) {
        put(answer, pifleet_kafka_denied, complaint_);
    } else if (failure_ != RD_KAFKA_RESP_ERR_NO_ERROR) {
        std::string reason = rd_kafka_err2str(failure_);
        if (meaning(failure_) == pifleet_kafka_denied) reason = "topic " + std::string(topic) + ": " + reason;
        if (failure_ == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
            failure_ == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            reason += "; make the topic";
        put(answer, meaning(failure_), reason);
    } else if (under_way_ > 0) {
        put(answer, pifleet_kafka_retry, complaint_.empty() ? "no answer in time" : complaint_);
    } else {
        for (const auto& record : records_) answer.lost += record.state == State::lost;
        put(answer, pifleet_kafka_done, answer.lost > 0 ? "too large for a record" : "");
    }
}

void PifleetKafkaSession::send(const PifleetKafkaSettings& settings,
                               std::string_view batch,
                               KafkaDeadline deadline,
                               PifleetKafkaAnswer& answer) {
    take(batch);
    failure_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (const auto wrong = open(settings); !wrong.empty()) return put(answer, pifleet_kafka_denied, wrong);
    produce(settings.topic);
    wait(deadline);
    judge(settings.topic, answer);
    // A key may be mended until the next attempt; and after a fatal error nothing goes through this producer.
    const bool fatal = rd_kafka_fatal_error(producer_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
    if (fatal || answer.result == pifleet_kafka_denied) drop();
}
