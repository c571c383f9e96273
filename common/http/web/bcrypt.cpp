#include "common/http/web/bcrypt.hpp"

#include "common/base/text.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace pifleet::http::web {

namespace {

constexpr std::size_t salt_length = 22;
constexpr std::size_t hash_length = 31;

// "10$salt and hash": what follows "$2$", "$2b$" and whatever a program calls its version. They differ in the
// bugs of their first programs only, and are read as one, as the toolkit does.
std::string_view cost_and_rest(std::string_view hash) {
    if (!hash.starts_with("$2")) return {};
    hash.remove_prefix(2);
    if (!hash.starts_with('$')) hash.remove_prefix(hash.empty() ? 0 : 1);
    return hash.starts_with('$') ? hash.substr(1) : std::string_view();
}

}  // namespace

unsigned bcrypt_cost(const std::string& hash) {
    const auto rest = cost_and_rest(hash);
    if (rest.size() != 3 + salt_length + hash_length || rest[2] != '$') return 0;
    constexpr std::string_view alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (rest.find_first_not_of(alphabet, 3) != std::string_view::npos) return 0;
    const auto cost = to_unsigned(rest.substr(0, 2));
    return cost && *cost >= 4 && *cost <= 31 ? static_cast<unsigned>(*cost) : 0;
}

bool is_bcrypt(const std::string& hash) {
    return bcrypt_cost(hash) != 0;
}

bool bcrypt_matches(const std::string& password, const std::string& hash) {
    if (!is_bcrypt(hash) || password.find('\0') != std::string::npos) return false;
    const auto setting = "$2b$" + std::string(cost_and_rest(hash));
    const auto work = std::make_unique<crypt_data>();  // 32 kB, zeroed
    const char* made = crypt_r(password.c_str(), setting.c_str(), work.get());
    bool same = false;
    // The hash alone: two bits of the salt's last character mean nothing and come back as 0.
    if (made != nullptr && std::string_view(made).size() == setting.size()) {
        const auto at = setting.size() - hash_length;
        same = CRYPTO_memcmp(made + at, setting.data() + at, hash_length) == 0;
    }
    OPENSSL_cleanse(work.get(), sizeof *work);
    return same;
}

std::string unknown_bcrypt(unsigned cost) {
    // Its last character stands for four bits, so it is one of 16, among which '9' is not.
    const std::string tens = cost < 10 ? "0" : "";
    return "$2b$" + tens + std::to_string(cost) + '$' + std::string(salt_length, 'O') +
           std::string(hash_length, '9');
}

}  // namespace pifleet::http::web
