// The few functions of libsystemd that are needed to ask over D-Bus, loaded when first asked for: a program
// that never does carries no libsystemd, and neither does the machine that builds it. They are declared here
// as sd-bus(3) documents them.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>

extern "C" {
struct sd_bus;
struct sd_bus_message;
struct sd_bus_slot;
struct sd_bus_error {
    const char* name;
    const char* message;
    int need_free;
};
}

namespace pifleet::node {

struct SdBus {
    using Handler = int (*)(sd_bus_message*, void*, sd_bus_error*);

    int (*open_system)(sd_bus**);
    int (*make)(sd_bus**);
    int (*set_address)(sd_bus*, const char*);
    int (*start)(sd_bus*);
    sd_bus* (*close_unref)(sd_bus*);
    int (*call_async)(sd_bus*, sd_bus_slot**, sd_bus_message*, Handler, void*, std::uint64_t);
    int (*process)(sd_bus*, sd_bus_message**);
    int (*wait)(sd_bus*, std::uint64_t);

    int (*new_call)(sd_bus*, sd_bus_message**, const char*, const char*, const char*, const char*);
    sd_bus_message* (*unref)(sd_bus_message*);
    int (*append)(sd_bus_message*, char, const void*);
    const sd_bus_error* (*error_of)(sd_bus_message*);
    int (*enter)(sd_bus_message*, char, const char*);
    int (*leave)(sd_bus_message*);
    int (*peek)(sd_bus_message*, char*, const char**);
    int (*read)(sd_bus_message*, char, void*);
};

/// Stays loaded. The error says which package is missing.
Result<const SdBus*> load_sd_bus();

}  // namespace pifleet::node
