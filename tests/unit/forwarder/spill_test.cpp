// The log over a disk: what is written when, what comes back after a restart, what the disk may do to it.
#include "forwarder/sample_log/crc32c.hpp"
#include "tests/unit/forwarder/log_scene.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace std::chrono_literals;

namespace {

void append(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

TEST_CASE("a log whose readers keep up writes nothing") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    LogScene scene(folder, count);
    const auto reader = scene.log.open_reader("a", 5s);
    scene.log.forget_others();
    for (int i = 0; i < 100; ++i) {
        scene.scrape(5);
        CHECK(scene.take(reader).size() == 25);
    }
    scene.log.begin_stop();
    scene.log.finish();
    CHECK(folder.changes == 0);
    CHECK(folder.syncs == 0);
}

TEST_CASE("from the first failed attempt on everything is on the disk, until it is taken") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    LogScene scene(folder, count);
    const auto reader = scene.log.open_reader("a");
    scene.log.forget_others();
    scene.scrape(3);
    CHECK(folder.files.empty());
    scene.log.set_failing(reader, true);
    CHECK(scene.log.spilling());
    scene.scrape(2000);
    CHECK(scene.log.bytes() == 0);
    CHECK(scene.log.disk_bytes() > 0);
    CHECK(scene.log.waiting(reader) == count);

    SECTION("by this process") {
        scene.log.set_failing(reader, false);
        std::vector<std::uint64_t> all;
        while (scene.log.waiting(reader) > 0) {
            append(all, scene.take(reader, 7));
            if (all.size() % 9 == 0) scene.scrape();
        }
        CHECK(all == numbers(0, count));
        CHECK_FALSE(scene.log.spilling());
        CHECK(folder.files.empty());
        CHECK(scene.log.lost(reader) == 0);
    }
    SECTION("by another one, after a kill") {
        LogScene next(folder, count);
        const auto again = next.log.open_reader("a");
        next.log.forget_others();
        next.scrape(2);
        CHECK(next.take(again) == numbers(0, count));
        CHECK(folder.files.empty());
    }
}

TEST_CASE("a reader that is late without failing makes the log spill too") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    LogScene scene(folder, count);
    const auto reader = scene.log.open_reader("a", 5s);
    scene.scrape(14);
    CHECK(folder.files.empty());
    scene.scrape(3);
    CHECK(folder.files.size() == 2);  // a segment and a cursor
    CHECK(scene.take(reader) == numbers(0, count));
    CHECK(folder.files.empty());
}

TEST_CASE(
    "readers are where they were; new ones begin at the end, and those that are gone are owed nothing") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    {
        LogScene scene(folder, count);
        const auto a = scene.log.open_reader("a"), b = scene.log.open_reader("b");
        scene.log.open_reader("gone");
        scene.log.set_failing(a, true);
        scene.scrape(4);
        CHECK(scene.take(a, 7) == numbers(0, 7));
        CHECK(scene.take(b) == numbers(0, 20));
    }
    LogScene scene(folder, count);
    const auto a = scene.log.open_reader("a"), b = scene.log.open_reader("b"), c = scene.log.open_reader("c");
    CHECK(scene.log.waiting(b) == 0);
    CHECK(scene.log.waiting(c) == 0);
    scene.scrape();
    CHECK(scene.take(b) == numbers(20, 25));
    CHECK(scene.take(c) == numbers(20, 25));
    CHECK(scene.take(a) == numbers(7, 25));
    CHECK_FALSE(folder.files.empty());
    scene.log.forget_others();
    CHECK(folder.files.empty());
}

TEST_CASE("a second reader of a name goes on where the first one ends") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    LogScene scene(folder, count);
    const auto before = scene.log.open_reader("a");
    scene.scrape(2);
    const auto after = scene.log.open_reader("a");
    CHECK(scene.take(before, 3) == numbers(0, 3));
    scene.log.close_reader(before);
    CHECK(scene.take(after) == numbers(3, 10));
}

TEST_CASE("a stop writes what was not taken, and nothing is lost or repeated") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    for (int run = 0; run < 3; ++run) {
        LogScene scene(folder, count);
        const auto reader = scene.log.open_reader("a");
        scene.log.forget_others();
        scene.scrape(3);
        scene.log.begin_stop();
        scene.log.close_reader(reader);
        scene.log.finish();
    }
    CHECK(folder.syncs > 0);
    LogScene scene(folder, count);
    const auto reader = scene.log.open_reader("a");
    CHECK(scene.take(reader) == numbers(0, 45));
}

TEST_CASE("beyond its cap the disk's oldest samples go, counted") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    StoreOptions options;
    options.most_bytes = 1 << 20;
    LogScene scene(folder, count, options);
    const auto reader = scene.log.open_reader("a");
    scene.log.set_failing(reader, true);
    scene.scrape(20'000);
    CHECK(scene.log.disk_bytes() <= options.most_bytes);
    CHECK(scene.log.lost(reader) > 0);
    CHECK(scene.log.lost(reader) + scene.log.waiting(reader) == count);
    const auto rest = scene.log.waiting(reader);
    CHECK(scene.take(reader) == numbers(count - rest, count));
}

TEST_CASE("when it is not known who was where, everything on the disk is owed to everybody") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    {
        LogScene scene(folder, count);
        const auto reader = scene.log.open_reader("a");
        scene.scrape(2);
        CHECK(scene.take(reader) == numbers(0, 10));
        scene.log.set_failing(reader, true);
        scene.scrape(2);
    }
    std::erase_if(folder.files, [](const auto& file) { return Cursors::is_name(file.first); });
    LogScene scene(folder, count);
    const auto a = scene.log.open_reader("a"), b = scene.log.open_reader("b");
    scene.log.forget_others();
    CHECK(scene.log.waiting(a) == 10);
    CHECK(scene.take(a) == numbers(10, 20));
    CHECK(scene.take(b) == numbers(10, 20));
    CHECK(scene.log.lost(a) == 0);
}

TEST_CASE("what is too old goes, counted, by the samples' own times") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    StoreOptions options;
    options.most_age = 1h;
    options.most_bytes = 512 << 10;
    LogScene scene(folder, count, options);
    const auto reader = scene.log.open_reader("a");
    scene.log.set_failing(reader, true);
    scene.scrape(1000);
    while (folder.files.size() < 3) scene.scrape();  // a second segment
    const auto before = count;
    Record late;
    late.time_ms = 1000 + 3'600'001;
    late.readings.push_back({std::bit_cast<std::uint64_t>(static_cast<double>(count++)), scene.ids[0]});
    scene.log.append(std::move(late));
    CHECK(scene.log.lost(reader) > 0);
    CHECK(scene.log.lost(reader) < before);
}

TEST_CASE("a disk that fails for a while loses nothing that memory can hold") {
    for (std::size_t from = 0; from < 12; ++from) {
        for (const std::size_t length : {1u, 2u, 5u, 100u}) {
            MemoryFolder folder;
            std::uint64_t count = 0;
            LogScene scene(folder, count);
            const auto reader = scene.log.open_reader("a");
            folder.fails_from = from;
            folder.fails_until = from + length;
            scene.log.set_failing(reader, true);
            scene.scrape(40);
            folder.fails_until = 0;
            scene.scrape(80);
            CHECK(scene.log.lost(reader) == 0);
            CHECK(scene.log.bytes() < 1000);  // all of it is on the disk by now
            LogScene next(folder, count);
            const auto again = next.log.open_reader("a");
            CHECK(next.take(again) == numbers(0, count));
        }
    }
}

TEST_CASE("without a disk that works memory is packed, and full in the end: the oldest go, counted") {
    MemoryFolder folder;
    folder.fails_from = 0;
    std::uint64_t count = 0;
    LogScene scene(folder, count, {}, 600'000);
    const auto reader = scene.log.open_reader("a");
    scene.log.set_failing(reader, true);
    scene.scrape(6000);
    CHECK(scene.log.bytes() <= scene.log.cap_bytes());
    const auto waiting = scene.log.waiting(reader);
    CHECK(scene.log.lost(reader) == count - waiting);
    CHECK(waiting < count);
    CHECK(scene.take(reader) == numbers(count - waiting, count));
}

TEST_CASE("after a sync that failed a new segment is begun") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    LogScene scene(folder, count);
    const auto reader = scene.log.open_reader("a");
    scene.log.set_failing(reader, true);
    scene.scrape(5);
    folder.sync_fails = true;
    scene.scrape(10);
    folder.sync_fails = false;
    scene.scrape(10);
    const auto segments = std::count_if(folder.files.begin(), folder.files.end(), [](const auto& file) {
        return file.first.ends_with(".seg");
    });
    CHECK(segments == 2);
    CHECK(scene.take(reader) == numbers(0, count));
}

TEST_CASE("a segment of a newer version is set aside, not read, not removed") {
    MemoryFolder folder;
    std::uint64_t count = 0;
    {
        LogScene scene(folder, count);
        scene.log.set_failing(scene.log.open_reader("a"), true);
        scene.scrape(4);
    }
    auto& file = *folder.files.at("0000000000000000.seg");
    file.live.replace(8, 8, std::string("\x02\0\0\0", 4) + "\0\0\0\0");
    const auto sum = crc32c(file.live.substr(0, 12));
    for (std::size_t i = 0; i < 4; ++i) file.live[12 + i] = static_cast<char>(sum >> (8 * i));
    LogScene scene(folder, count);
    const auto reader = scene.log.open_reader("a");
    CHECK(scene.log.waiting(reader) == 0);
    CHECK(folder.files.contains("0000000000000000.seg.unread"));
}
