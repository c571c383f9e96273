// Who may ask, by name and password. bcrypt is slow on purpose: what has been right once is remembered.
#pragma once

#include "common/base/result.hpp"
#include "common/http/basic_credentials.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace pifleet::http::web {

class Passwords {
  public:
    using Users = std::map<std::string, std::string>;  // name and bcrypt hash
    using Check = bool (*)(const std::string& password, const std::string& hash);

    /// `check` is called in a thread for blocking work.
    explicit Passwords(Check check);

    /// Whether a user has this password. An unknown one takes as long as a wrong password. One check is under
    /// way at a time, a few wait; the error is that there are too many, or that it took too long.
    boost::asio::awaitable<Result<bool>> right(Credentials given, const Users& users);

    static constexpr std::size_t most_remembered = 64;
    static constexpr std::size_t most_waiting = 16;

  private:
    using Digest = std::array<unsigned char, 32>;
    Digest digest(const Credentials& given, const std::string& hash) const;
    bool remembers(const Digest& digest) const;
    boost::asio::awaitable<Result<bool>> ask(std::string password, std::string hash);

    const Check check_;
    std::array<unsigned char, 32> key_;  // of this process: what is remembered is worth nothing elsewhere
    std::deque<Digest> remembered_;      // the oldest first
    std::size_t waiting_ = 0;
    bool busy_ = false;
    std::optional<boost::asio::steady_timer> turn_;  // cancelled when the check under way has ended
};

}  // namespace pifleet::http::web
