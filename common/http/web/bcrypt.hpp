// Passwords hashed by bcrypt, by way of libxcrypt.
#pragma once

#include <string>

namespace pifleet::http::web {

/// Whether `hash` is one: "$2y$10$" with the cost (4 to 31), 22 characters of salt, 31 of hash.
bool is_bcrypt(const std::string& hash);

/// Its cost: each one more doubles the time. 0: it is none.
unsigned bcrypt_cost(const std::string& hash);

/// Takes as long as the hash's cost says: 0.1 s to minutes. Thread-safe. What stands behind 72 bytes of a
/// password does not count; one with a NUL in it is never right.
bool bcrypt_matches(const std::string& password, const std::string& hash);

/// A hash of this cost that no password has.
std::string unknown_bcrypt(unsigned cost);

}  // namespace pifleet::http::web
