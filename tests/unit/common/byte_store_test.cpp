#include "common/base/byte_store.hpp"

#include "tests/catch.hpp"

#include <map>
#include <random>
#include <string>

using pifleet::ByteStore;

TEST_CASE("bytes of every length come back, the empty ones too") {
    ByteStore store;
    ByteStore::Number number = 0;
    for (const std::size_t size : {0u, 1u, 127u, 128u, 16383u, 16384u, 65535u, 65536u, 1'000'000u})
        store.put(number++, std::string(size, 'x'));
    number = 0;
    for (const std::size_t size : {0u, 1u, 127u, 128u, 16383u, 16384u, 65535u, 65536u, 1'000'000u})
        CHECK(store.at(number++) == std::string(size, 'x'));
    CHECK_FALSE(store.has(number));
}

TEST_CASE("the store agrees with a map under any mix of puts and removals") {
    std::mt19937 random(7);
    ByteStore store;
    std::map<ByteStore::Number, std::string> model;
    for (int step = 0; step < 200'000; ++step) {
        const auto number = static_cast<ByteStore::Number>(random() % 5000);
        if (const auto known = model.find(number); known != model.end()) {
            REQUIRE(store.at(number) == known->second);
            store.remove(number);
            model.erase(known);
        } else {
            model[number] = std::string(random() % 300, static_cast<char>('a' + number % 26));
            store.put(number, model[number]);
        }
        REQUIRE(store.has(number) == model.contains(number));
        if (step % 100 == 0) store.tidy();
    }
    for (const auto& [number, bytes] : model) REQUIRE(store.at(number) == bytes);
}

TEST_CASE("the room of what went is given back") {
    ByteStore store;
    constexpr ByteStore::Number count = 100'000;
    for (ByteStore::Number n = 0; n < count; ++n) store.put(n, std::string(60, 'x'));
    const auto full = store.room();
    CHECK(full < count * 66u + (1u << 17));
    for (ByteStore::Number n = 0; n < count; ++n)
        if (n % 10 != 0) store.remove(n);  // a tenth lives on, all over the place
    store.tidy();
    CHECK(store.room() < full / 5);
    for (ByteStore::Number n = 0; n < count; n += 10) REQUIRE(store.at(n) == std::string(60, 'x'));
    for (ByteStore::Number n = 0; n < count; n += 10) store.remove(n);
    store.tidy();
    CHECK(store.room() == 0);
}
