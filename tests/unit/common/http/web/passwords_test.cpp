#include "common/http/web/passwords.hpp"

#include "common/http/web/bcrypt.hpp"
#include "tests/catch.hpp"
#include "tests/unit/common/http/peers.hpp"

#include <atomic>
#include <mutex>
#include <vector>

using namespace pifleet;
using namespace pifleet::http;
using namespace pifleet::http::web;
using pifleet::http::test::run;

namespace {

// Published test vectors of bcrypt (Openwall's crypt_blowfish).
const std::string vector_hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const std::string second_hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK";

std::mutex mutex;
std::vector<std::string> asked;  // the hashes that were computed

// Stands for bcrypt: right is the password that the hash ends in.
bool slow_check(const std::string& password, const std::string& hash) {
    const std::lock_guard lock(mutex);
    asked.push_back(hash);
    return hash.ends_with('=' + password);
}

struct Fixture {
    Fixture() { asked.clear(); }
    boost::asio::io_context io;
    Passwords passwords{slow_check};
    Passwords::Users users{{"me", "hash=secret"}, {"you", "hash=other"}};

    bool right(const std::string& user, const std::string& password) {
        return run(io, passwords.right({user, password}, users)).value();
    }
};

}  // namespace

TEST_CASE("bcrypt knows a password by its hash, whatever its version is called") {
    CHECK(bcrypt_matches("U*U", vector_hash));
    CHECK(bcrypt_matches("U*U*", second_hash));
    CHECK_FALSE(bcrypt_matches("U*U*", vector_hash));
    CHECK_FALSE(bcrypt_matches("", vector_hash));
    CHECK_FALSE(bcrypt_matches(std::string("U*U\0", 4), vector_hash));
    CHECK(bcrypt_matches("U*U", "$2y" + vector_hash.substr(3)));
    CHECK(bcrypt_matches("U*U", "$2" + vector_hash.substr(3)));
}

TEST_CASE("what is a bcrypt hash and what is none") {
    CHECK(bcrypt_cost(vector_hash) == 5);
    CHECK(bcrypt_cost(unknown_bcrypt(4)) == 4);
    CHECK(bcrypt_cost(unknown_bcrypt(12)) == 12);
    CHECK_FALSE(bcrypt_matches("", unknown_bcrypt(4)));
    for (const std::string wrong : {"", "$", "$2", "$2b", "$2b$", "secret", "$1$abc$def"})
        CHECK_FALSE(is_bcrypt(wrong));
    CHECK_FALSE(is_bcrypt(vector_hash + "a"));
    CHECK_FALSE(is_bcrypt("$2a$03" + vector_hash.substr(6)));
    CHECK_FALSE(is_bcrypt("$2a$32" + vector_hash.substr(6)));
    CHECK_FALSE(is_bcrypt(vector_hash.substr(0, vector_hash.size() - 1) + ":"));
}

TEST_CASE_METHOD(Fixture, "a password that was right is computed once, a wrong one each time") {
    CHECK(right("me", "secret"));
    CHECK(right("me", "secret"));
    CHECK(asked.size() == 1);
    CHECK_FALSE(right("me", "wrong"));
    CHECK_FALSE(right("me", "wrong"));
    CHECK(asked.size() == 3);
    CHECK_FALSE(right("you", "secret"));
    CHECK(right("you", "other"));
    CHECK(asked.size() == 5);
}

TEST_CASE_METHOD(Fixture, "a changed hash ends what was remembered") {
    CHECK(right("me", "secret"));
    users["me"] = "hash=changed";
    CHECK_FALSE(right("me", "secret"));
    users.erase("me");
    CHECK_FALSE(right("me", "secret"));
    CHECK(asked.size() == 3);
}

TEST_CASE_METHOD(Fixture, "an unknown user costs a hash as costly as the most costly known one") {
    users = {{"me", vector_hash}, {"you", "$2y$11" + vector_hash.substr(6)}};
    CHECK_FALSE(right("nobody", "secret"));
    REQUIRE(asked.size() == 1);
    CHECK(bcrypt_cost(asked[0]) == 11);
}

TEST_CASE_METHOD(Fixture, "what is remembered is bounded, the oldest goes first") {
    users.clear();
    for (std::size_t i = 0; i <= Passwords::most_remembered; ++i)
        users["user" + std::to_string(i)] = "hash=secret";
    for (std::size_t i = 0; i <= Passwords::most_remembered; ++i)
        CHECK(right("user" + std::to_string(i), "secret"));
    asked.clear();
    CHECK(right("user1", "secret"));
    CHECK(asked.empty());
    CHECK(right("user0", "secret"));
    CHECK(asked.size() == 1);
}

TEST_CASE_METHOD(Fixture, "more passwords at once than may wait are refused, the others get their answer") {
    constexpr std::size_t all = 2 * Passwords::most_waiting;
    std::size_t rights = 0, refusals = 0;
    for (std::size_t i = 0; i < all; ++i)
        boost::asio::co_spawn(io,
                              passwords.right({"me", "secret"}, users),
                              [&](std::exception_ptr, Result<bool> got) { ++(got ? rights : refusals); });
    io.run();
    CHECK(rights == Passwords::most_waiting);
    CHECK(refusals == all - Passwords::most_waiting);
}
