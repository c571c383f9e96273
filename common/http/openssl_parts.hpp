// What clients and servers ask of OpenSSL alike. Private to common/http.
#pragma once

#include "common/http/client.hpp"

namespace pifleet::http {

/// OpenSSL's number of a version; of `preset` it is `usual`.
int protocol_number(TlsVersion version, int usual);

/// For OpenSSL to call, which without it would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*);

}  // namespace pifleet::http
