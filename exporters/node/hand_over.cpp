#include "exporters/node/hand_over.hpp"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <string>

namespace pifleet::node {

Error hand_over(std::string_view suffix, char** argv) {
    char own[PATH_MAX];
    const auto length = readlink("/proc/self/exe", own, sizeof own);
    if (length <= 0 || length == static_cast<ssize_t>(sizeof own))
        return failure("cannot tell where this program is: /proc/self/exe is not readable");
    const auto other = std::string(own, static_cast<std::size_t>(length)) + std::string(suffix);
    execv(other.c_str(), argv);
    if (errno == ENOENT) execv(("/usr/lib/pifleet" + other.substr(other.rfind('/'))).c_str(), argv);
    return failure("cannot go on as " + other + ", which has TLS in it: " + std::strerror(errno) +
                   "; install it beside this program or in /usr/lib/pifleet");
}

}  // namespace pifleet::node
