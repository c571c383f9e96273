#include "common/http/openssl_parts.hpp"

#include <openssl/ssl.h>

namespace pifleet::http {

int protocol_number(TlsVersion version, int usual) {
    constexpr int numbers[] = {0, TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    return version == TlsVersion::preset ? usual : numbers[static_cast<int>(version)];
}

int no_passphrase(char*, int, int, void*) {
    return -1;
}

}  // namespace pifleet::http
