// What tells of a cluster and comes from outside: kubeconfig files and what credential plugins print. Any
// bytes give an access or an error that says something.
#include "common/kubernetes/access.hpp"
#include "common/kubernetes/exec_credential.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace pifleet::kubernetes;

namespace {

// A file in memory that holds these bytes.
std::string file_of(std::string_view text) {
    static const int file = ::memfd_create("kubeconfig", 0);
    if (file < 0 || ::ftruncate(file, 0) != 0 ||
        ::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        std::abort();
    return "/proc/self/fd/" + std::to_string(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto path = file_of(text);
    for (const auto* context : {"", "home"}) {
        const auto access = from_kubeconfig(path, context);
        if (!access && access.error().message.empty()) std::abort();
        if (access && access->server.host.empty()) std::abort();
        if (access && access->exec) exec_info(*access->exec, *access, access->tls.ca);
    }
    const auto credential = read_exec_credential(text, "client.authentication.k8s.io/v1");
    if (credential && credential->token.empty() && credential->cert.empty()) std::abort();
    parse_time(text.substr(0, 64));
    return 0;
}
