#include "common/process/build_info.hpp"

#define PIFLEET_TEXT_OF(x) #x
#define PIFLEET_TEXT(x) PIFLEET_TEXT_OF(x)

namespace pifleet::process {

const BuildInfo& build_info() {
    static constexpr BuildInfo info {
        PIFLEET_VERSION, PIFLEET_REVISION,
#if defined(__clang__)
            "clang " PIFLEET_TEXT(__clang_major__) "." PIFLEET_TEXT(__clang_minor__) "." PIFLEET_TEXT(
                __clang_patchlevel__),
#else
            "gcc " PIFLEET_TEXT(__GNUC__) "." PIFLEET_TEXT(__GNUC_MINOR__) "." PIFLEET_TEXT(
                __GNUC_PATCHLEVEL__),
#endif
            PIFLEET_SOURCE_TIME,
    };
    return info;
}

}  // namespace pifleet::process
