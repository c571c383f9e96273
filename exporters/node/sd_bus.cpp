#include "exporters/node/sd_bus.hpp"

#include <dlfcn.h>

#include <string>

namespace pifleet::node {

namespace {

template <class F>
bool find(void* library, const char* name, F& function) {
    function = reinterpret_cast<F>(::dlsym(library, name));
    return function != nullptr;
}

Result<SdBus> load() {
    constexpr const char* file = "libsystemd.so.0";
    void* library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        return failure("D-Bus needs " + std::string(file) + " (package libsystemd0): " + ::dlerror());
    SdBus table;
    const bool whole =
        find(library, "sd_bus_open_system", table.open_system) && find(library, "sd_bus_new", table.make) &&
        find(library, "sd_bus_set_address", table.set_address) &&
        find(library, "sd_bus_start", table.start) &&
        find(library, "sd_bus_close_unref", table.close_unref) &&
        find(library, "sd_bus_call_async", table.call_async) &&
        find(library, "sd_bus_process", table.process) && find(library, "sd_bus_wait", table.wait) &&
        find(library, "sd_bus_message_new_method_call", table.new_call) &&
        find(library, "sd_bus_message_unref", table.unref) &&
        find(library, "sd_bus_message_append_basic", table.append) &&
        find(library, "sd_bus_message_get_error", table.error_of) &&
        find(library, "sd_bus_message_enter_container", table.enter) &&
        find(library, "sd_bus_message_exit_container", table.leave) &&
        find(library, "sd_bus_message_peek_type", table.peek) &&
        find(library, "sd_bus_message_read_basic", table.read);
    if (whole) return table;
    return failure(std::string(file) + " is too old: systemd 241 or newer is needed");
}

}  // namespace

Result<const SdBus*> load_sd_bus() {
    static const auto loaded = load();
    if (!loaded) return loaded.error();
    return &*loaded;
}

}  // namespace pifleet::node
