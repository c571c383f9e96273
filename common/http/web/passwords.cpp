#include "common/http/web/passwords.hpp"

#include "common/base/blocking.hpp"
#include "common/http/web/bcrypt.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace pifleet::http::web {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto patience = 30s;

// Of the most costly of the hashes, so that an unknown user takes no less time than a known one.
std::string nobody(const Passwords::Users& users) {
    unsigned cost = 4;
    for (const auto& [name, hash] : users) cost = std::max(cost, bcrypt_cost(hash));
    return unknown_bcrypt(cost);
}

class Place {
  public:
    explicit Place(std::size_t& count) : count_(count) { ++count_; }
    ~Place() { --count_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

  private:
    std::size_t& count_;
};

// The check that is under way; when it ends, those who wait look again.
class Turn {
  public:
    Turn(bool& busy, asio::steady_timer& waiting) : busy_(busy), waiting_(waiting) { busy_ = true; }
    ~Turn() {
        busy_ = false;
        waiting_.cancel();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    bool& busy_;
    asio::steady_timer& waiting_;
};

}  // namespace

Passwords::Passwords(Check check) : check_(check) {
    if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
        throw std::runtime_error("OpenSSL has no random numbers");
}

Passwords::Digest Passwords::digest(const Credentials& given, const std::string& hash) const {
    // A user's name has no NUL that could shift what is behind it: see right().
    const auto text = given.user + '\0' + hash + '\0' + given.password;
    Digest out{};
    HMAC(EVP_sha256(),
         key_.data(),
         static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()),
         text.size(),
         out.data(),
         nullptr);
    return out;
}

bool Passwords::remembers(const Digest& digest) const {
    bool found = false;
    for (const auto& each : remembered_)
        found |= CRYPTO_memcmp(each.data(), digest.data(), digest.size()) == 0;
    return found;
}

asio::awaitable<Result<bool>> Passwords::ask(std::string password, std::string hash) {
    if (waiting_ >= most_waiting) co_return failure("too many passwords are being checked");
    const Place place(waiting_);
    if (!turn_) turn_.emplace(co_await asio::this_coro::executor, Clock::time_point::max());
    while (busy_) co_await turn_->async_wait(asio::as_tuple(asio::use_awaitable));
    const Turn turn(busy_, *turn_);
    const auto answer = std::make_shared<std::atomic<bool>>(false);
    auto work = [check = check_, secret = std::move(password), expected = std::move(hash), answer] {
        *answer = check(secret, expected);
    };
    const auto ended = co_await run_blocking(std::move(work), Clock::now() + patience);
    if (!ended) co_return ended.error();
    if (!*ended) co_return failure("checking a password takes too long");
    co_return answer->load();
}

asio::awaitable<Result<bool>> Passwords::right(Credentials given, const Users& users) {
    const auto user = users.find(given.user);
    const bool known = user != users.end() && given.user.find('\0') == std::string::npos;
    const auto hash = known ? user->second : nobody(users);
    const auto mark = digest(given, hash);
    if (known && remembers(mark)) co_return true;
    const auto matches = co_await ask(std::move(given.password), hash);
    if (!matches) co_return matches.error();
    const bool right = known && *matches;
    if (right && !remembers(mark)) {
        if (remembered_.size() == most_remembered) remembered_.pop_front();
        remembered_.push_back(mark);
    }
    co_return right;
}

}  // namespace pifleet::http::web
