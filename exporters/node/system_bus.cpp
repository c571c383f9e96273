#include "exporters/node/system_bus.hpp"

#include <cstring>
#include <limits>
#include <utility>

namespace pifleet::node {

namespace {

// The bus's daemon lets a client have 128 answers outstanding.
constexpr std::size_t most_open = 32;
// A house has some hundred units, a large server thousands.
constexpr std::size_t most_rows = 100'000;

Error bus_error(std::string_view what, int code) {
    return failure("D-Bus: " + std::string(what) + ": " + std::strerror(-code));
}

}  // namespace

Result<std::unique_ptr<SystemBus>> SystemBus::open(Deadline deadline) {
    const auto functions = load_sd_bus();
    if (!functions) return functions.error();
    std::unique_ptr<SystemBus> bus(new SystemBus(**functions, deadline));
    const int code = bus->sd_.open_system(&bus->connection_);
    if (code < 0) return bus_error("cannot connect to the system's bus", code);
    return bus;
}

Result<std::unique_ptr<SystemBus>> SystemBus::open_at(const char* address, Deadline deadline) {
    const auto functions = load_sd_bus();
    if (!functions) return functions.error();
    std::unique_ptr<SystemBus> bus(new SystemBus(**functions, deadline));
    int code = bus->sd_.make(&bus->connection_);
    if (code >= 0) code = bus->sd_.set_address(bus->connection_, address);
    if (code >= 0) code = bus->sd_.start(bus->connection_);
    if (code < 0) return bus_error("cannot connect to " + std::string(address), code);
    return bus;
}

SystemBus::~SystemBus() {
    if (connection_ != nullptr) sd_.close_unref(connection_);
}

void SystemBus::get(BusObject object, std::string property, std::function<void(Result<BusValue>)> take) {
    waiting_.push_back({this,
                        std::move(object),
                        "Get",
                        std::move(property),
                        [this, use = std::move(take)](sd_bus_message* message, const Error* error) {
                            use(error != nullptr ? Result<BusValue>(*error) : read_variant(message));
                        }});
}

void SystemBus::list(BusObject object, std::string method, std::function<void(Result<BusRows>)> take) {
    waiting_.push_back({this,
                        std::move(object),
                        std::move(method),
                        {},
                        [this, use = std::move(take)](sd_bus_message* message, const Error* error) {
                            use(error != nullptr ? Result<BusRows>(*error) : read_rows(message));
                        }});
}

Result<void> SystemBus::ask(Question& question) {
    const bool property = !question.property.empty();
    const auto& object = question.object;
    sd_bus_message* made = nullptr;
    int code = sd_.new_call(connection_,
                            &made,
                            object.service.c_str(),
                            object.path.c_str(),
                            property ? "org.freedesktop.DBus.Properties" : object.interface.c_str(),
                            question.member.c_str());
    const std::unique_ptr<sd_bus_message, decltype(sd_.unref)> message(made, sd_.unref);
    if (code >= 0 && property) code = sd_.append(made, 's', object.interface.c_str());
    if (code >= 0 && property) code = sd_.append(made, 's', question.property.c_str());
    const auto for_ever = std::numeric_limits<std::uint64_t>::max();  // finish() has the deadline
    if (code >= 0) code = sd_.call_async(connection_, nullptr, made, answered, &question, for_ever);
    if (code < 0) return bus_error("cannot ask " + object.service, code);
    return {};
}

int SystemBus::answered(sd_bus_message* message, void* data, sd_bus_error*) {
    auto& question = *static_cast<Question*>(data);
    --question.bus->open_;
    const auto* said = question.bus->sd_.error_of(message);
    if (said == nullptr) {
        question.take(message, nullptr);
        return 0;
    }
    const auto text = [](const char* words) { return std::string(words == nullptr ? "" : words); };
    const auto error = failure(question.object.service + " " +
                               (question.property.empty() ? question.member : question.property) + ": " +
                               text(said->name) + ": " + text(said->message));
    question.take(nullptr, &error);
    return 0;
}

Result<void> SystemBus::finish() {
    while (!waiting_.empty() || open_ > 0) {
        while (!waiting_.empty() && open_ < most_open) {
            asked_.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
            if (const auto done = ask(asked_.back()); !done) return done;
            ++open_;
        }
        const int done = sd_.process(connection_, nullptr);
        if (done < 0) return bus_error("the connection broke", done);
        if (done > 0) continue;
        const auto left =
            std::chrono::ceil<std::chrono::microseconds>(deadline_ - std::chrono::steady_clock::now());
        if (left.count() <= 0) return failure("D-Bus: no answer in time");
        if (const int code = sd_.wait(connection_, static_cast<std::uint64_t>(left.count())); code < 0)
            return bus_error("the connection broke", code);
    }
    asked_.clear();
    return {};
}

Result<std::string> SystemBus::read_field(sd_bus_message* message, char type) const {
    union {
        const char* text;
        std::uint8_t byte;
        std::int16_t short_number;
        std::uint16_t short_count;
        std::int32_t number;
        std::uint32_t count;
        std::int64_t long_number;
        std::uint64_t long_count;
    } field{};
    if (std::strchr("sogybnqiuxt", type) == nullptr || type == '\0')
        return failure("D-Bus: an answer has a field of type '" + std::string(1, type) + "'");
    const int code = sd_.read(message, type, &field);
    if (code <= 0) return bus_error("an answer is damaged", code);
    switch (type) {
        case 'y':
            return std::to_string(field.byte);
        case 'n':
            return std::to_string(field.short_number);
        case 'q':
            return std::to_string(field.short_count);
        case 'b':  // an int to libsystemd
        case 'i':
            return std::to_string(field.number);
        case 'u':
            return std::to_string(field.count);
        case 'x':
            return std::to_string(field.long_number);
        case 't':
            return std::to_string(field.long_count);
        default:
            return std::string(field.text);
    }
}

Result<BusValue> SystemBus::read_variant(sd_bus_message* message) const {
    char type = 0;
    const char* contents = nullptr;
    int code = sd_.peek(message, &type, &contents);
    if (code <= 0 || type != 'v' || contents == nullptr || std::strlen(contents) != 1)
        return failure("D-Bus: a property is not one plain value");
    const char inner = *contents;
    code = sd_.enter(message, 'v', contents);
    if (code < 0) return bus_error("an answer is damaged", code);
    if (inner == 't') {
        std::uint64_t number = 0;
        code = sd_.read(message, 't', &number);
        if (code <= 0) return bus_error("an answer is damaged", code);
        return BusValue(number);
    }
    auto field = read_field(message, inner);
    if (!field) return field.error();
    if (inner == 'b') return BusValue(*field != "0");
    if (inner == 'u' || inner == 'q' || inner == 'y')
        return BusValue(static_cast<std::uint64_t>(std::stoul(*field)));
    return BusValue(std::move(*field));
}

Result<BusRows> SystemBus::read_rows(sd_bus_message* message) const {
    char type = 0;
    const char* contents = nullptr;
    int code = sd_.peek(message, &type, &contents);
    if (code <= 0 || type != 'a' || contents == nullptr || *contents != '(')
        return failure("D-Bus: an answer is not a list of structures");
    BusRows rows;
    code = sd_.enter(message, 'a', contents);
    while (code >= 0 && (code = sd_.peek(message, &type, &contents)) > 0) {
        if (rows.size() == most_rows) return failure("D-Bus: an answer has too many entries");
        if ((code = sd_.enter(message, type, contents)) < 0) break;
        auto& row = rows.emplace_back();
        while ((code = sd_.peek(message, &type, &contents)) > 0) {
            auto field = read_field(message, type);
            if (!field) return field.error();
            row.push_back(std::move(*field));
        }
        if (code >= 0) code = sd_.leave(message);
    }
    if (code < 0) return bus_error("an answer is damaged", code);
    return rows;
}

}  // namespace pifleet::node
