#include "exporters/k8s_state/shards.hpp"

#include "tests/catch.hpp"

#include <string>

using namespace pifleet::k8s;

// Values of the FNV authors' test vectors and of the paper's algorithm as other programs compute it.
TEST_CASE("FNV-1a and the jump hash give the published values", "[shards]") {
    CHECK(fnv1a_64("") == 0xcbf29ce484222325);
    CHECK(fnv1a_64("a") == 0xaf63dc4c8601ec8c);
    CHECK(fnv1a_64("foobar") == 0x85944171f73967e8);
    CHECK(jump_hash(1, 1) == 0);
    CHECK(jump_hash(42, 57) == 43);
    CHECK(jump_hash(0xDEAD10CC, 1) == 0);
    CHECK(jump_hash(0xDEAD10CC, 666) == 361);
    CHECK(jump_hash(256, 1024) == 520);
}

TEST_CASE("every object belongs to one shard", "[shards]") {
    int counts[3] = {};
    for (int i = 0; i < 3000; ++i) {
        const auto uid = "uid-" + std::to_string(i);
        int keepers = 0;
        for (std::uint32_t shard = 0; shard < 3; ++shard) {
            const bool kept = Shard{shard, 3}.keeps(uid);
            keepers += kept;
            counts[shard] += kept;
        }
        REQUIRE(keepers == 1);
        REQUIRE(Shard{}.keeps(uid));
    }
    for (const int count : counts) CHECK(count > 850);
}
