// Questions over the system's D-Bus, many at a time, with one deadline for all. Blocks: for threads beside
// the scrape (see aside.hpp).
#pragma once

#include "common/base/result.hpp"
#include "exporters/node/sd_bus.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pifleet::node {

/// What a property holds, as far as anybody asks: a text, a number, a truth.
using BusValue = std::variant<std::string, std::uint64_t, bool>;
/// A list of structures of plain fields; numbers as text.
using BusRows = std::vector<std::vector<std::string>>;

struct BusObject {
    std::string service, path, interface;
};

/// Used by one thread.
class SystemBus {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    /// Connects, or begins to.
    static Result<std::unique_ptr<SystemBus>> open(Deadline deadline);
    /// Without the bus's daemon, to one service that listens at an address of its own.
    static Result<std::unique_ptr<SystemBus>> open_at(const char* address, Deadline deadline);
    ~SystemBus();
    SystemBus(const SystemBus&) = delete;
    SystemBus& operator=(const SystemBus&) = delete;

    /// Asks for a property; finish() runs `take` with it, or with the error.
    void get(BusObject object, std::string property, std::function<void(Result<BusValue>)> take);
    /// Calls a method without arguments that gives a list.
    void list(BusObject object, std::string method, std::function<void(Result<BusRows>)> take);

    /// Waits for all that was asked. An error: the connection broke or time is up, and not all were taken.
    Result<void> finish();

  private:
    struct Question {
        SystemBus* bus;
        BusObject object;
        std::string member;
        std::string property;  // empty: a method's call
        std::function<void(sd_bus_message*, const Error*)> take;
    };

    SystemBus(const SdBus& functions, Deadline deadline) : sd_(functions), deadline_(deadline) {}
    Result<void> ask(Question& question);
    static int answered(sd_bus_message* message, void* question, sd_bus_error*);
    Result<BusValue> read_variant(sd_bus_message* message) const;
    Result<BusRows> read_rows(sd_bus_message* message) const;
    Result<std::string> read_field(sd_bus_message* message, char type) const;

    const SdBus& sd_;
    Deadline deadline_;
    sd_bus* connection_ = nullptr;
    std::deque<Question> waiting_;
    std::deque<Question> asked_;  // stay until the end: libsystemd has pointers to them
    std::size_t open_ = 0;
};

}  // namespace pifleet::node
