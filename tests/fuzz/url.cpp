// Addresses: whatever parses can be shown and written back to the same.
#include "common/http/url.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace pifleet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto url = http::parse_url(text)) {
        if (url->host.empty() || !url->target.starts_with('/')) std::abort();
        const auto again =
            http::parse_url((url->tls ? "https://" : "http://") + url->authority() + url->target);
        if (!again || again->host != url->host || again->port != url->port || again->target != url->target)
            std::abort();
        static_cast<void>(url->shown());
    }
    static_cast<void>(http::parse_host_port(text));
    return 0;
}
