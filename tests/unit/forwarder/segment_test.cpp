// Segments as other processes, broken disks and power cuts leave them.
#include "tests/unit/forwarder/log_scene.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

constexpr int scrapes = 6;

// The folder of a log that was killed in an outage.
MemoryFolder killed(std::uint64_t& count) {
    MemoryFolder folder;
    LogScene scene(folder, count);
    scene.log.set_failing(scene.log.open_reader("a"), true);
    scene.scrape(scrapes);
    return folder;
}

std::string& segment(MemoryFolder& folder) {
    return folder.files.at("0000000000000000.seg")->live;
}

// Whole scrapes, in order, none twice: `values` as a reader got them.
bool sound(const std::vector<std::uint64_t>& values) {
    if (values.size() % LogScene::width != 0) return false;
    for (std::size_t i = 1; i < values.size(); ++i)
        if (values[i] <= values[i - 1] ||
            (values[i] != values[i - 1] + 1 && values[i] % LogScene::width != 0))
            return false;
    return true;
}

}  // namespace

TEST_CASE("a segment cut at any byte gives its whole scrapes up to there, and new ones behind") {
    std::uint64_t first_count = 0;
    const auto whole = segment(*std::make_unique<MemoryFolder>(killed(first_count)));
    std::size_t most = 0;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::uint64_t count = 0;
        auto folder = killed(count);
        segment(folder).resize(size);
        LogScene scene(folder, count);
        const auto reader = scene.log.open_reader("a");
        const auto kept = scene.log.waiting(reader);
        CHECK(kept >= most);
        CHECK(kept % LogScene::width == 0);
        most = kept;
        scene.scrape();
        auto expected = numbers(0, kept);
        for (const auto n : numbers(scrapes * LogScene::width, count)) expected.push_back(n);
        CHECK(scene.take(reader) == expected);
    }
    CHECK(most == first_count);
}

TEST_CASE("a segment with any byte flipped gives no wrong sample, and counts what it lost") {
    std::uint64_t first_count = 0;
    const auto whole = segment(*std::make_unique<MemoryFolder>(killed(first_count)));
    std::size_t unharmed = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::uint64_t count = 0;
        auto folder = killed(count);
        auto& byte = segment(folder)[at];
        byte = static_cast<char>(byte ^ (1 << (at % 8)));
        LogScene scene(folder, count);
        const auto reader = scene.log.open_reader("a");
        scene.scrape();
        const auto values = scene.take(reader);
        CHECK(sound(values));
        CHECK(values.size() >= LogScene::width);
        if (values == numbers(0, count)) ++unharmed;
        // What stood at the torn end was never known to be there; all else is counted.
        else
            CHECK(values.size() + scene.log.lost(reader) >= count - LogScene::width);
    }
    CHECK(unharmed == segment_header_bytes);  // the header is the only part that can be done without
}

TEST_CASE("cursor files that are broken repeat samples rather than lose them") {
    for (const char* name : {"cursor.0", "cursor.1"}) {
        std::uint64_t count = 0;
        auto folder = killed(count);
        const auto found = folder.files.find(name);
        if (found == folder.files.end()) continue;
        const auto size = found->second->live.size();
        for (std::size_t at = 0; at < size; ++at) {
            count = 0;
            auto broken = killed(count);
            auto& byte = broken.files.at(name)->live[at];
            byte = static_cast<char>(byte ^ 0x20);
            LogScene scene(broken, count);
            const auto reader = scene.log.open_reader("a");
            scene.log.forget_others();
            CHECK(scene.take(reader) == numbers(0, count));
        }
    }
}

TEST_CASE("of two cursor files the later one that is whole counts") {
    MemoryFolder folder;
    Cursors cursors(folder);
    REQUIRE(cursors.save({{"a", 1}, {"a longer name", 2}}));
    const auto file = cursors.unsynced();
    cursors.begin_sync();
    cursors.synced(file);
    REQUIRE(cursors.save({{"a", 3}}));
    REQUIRE(cursors.save({{"a", 4}}));
    CHECK(Cursors(folder).load() == Places{{"a", 4}});
    folder.files.at("cursor.1")->live.resize(20);
    CHECK(Cursors(folder).load() == Places{{"a", 1}, {"a longer name", 2}});
    folder.files.at("cursor.0")->live.clear();
    CHECK_FALSE(Cursors(folder).load());
}

TEST_CASE("one cursor file is on the disk for good, name and all, and left alone until the other one is") {
    MemoryFolder folder;
    Cursors cursors(folder);
    const auto sync = [&] {
        const auto file = cursors.unsynced();
        const bool name = cursors.unsynced_name();
        cursors.begin_sync();
        if (file) REQUIRE(file->sync());
        if (name) REQUIRE(folder.sync());
        cursors.synced(file);
    };
    const auto for_good = [&folder](std::uint64_t place) {
        return std::any_of(folder.files.begin(), folder.files.end(), [place](const auto& file) {
            const auto& content = *file.second;
            const auto saved = read_places(content.live);
            return content.named && content.live == content.durable && saved &&
                   saved->places.at("a") == place;
        });
    };
    for (std::uint64_t place = 0; place < 6; ++place) {
        REQUIRE(cursors.save({{"a", place}}));
        CHECK((place == 0 || for_good(place - 1)));
        for (std::uint64_t syncs = 0; syncs <= place; ++syncs) sync();  // those that follow find nothing new
        CHECK(for_good(place));
    }
}

TEST_CASE("a power cut at any moment leaves whole scrapes in order, and all that was synced and not taken") {
    for (const auto how : {MemoryFolder::Cut::dropped, MemoryFolder::Cut::zeroed, MemoryFolder::Cut::torn}) {
        bool ended = false;
        for (std::size_t moment = 0; !ended; ++moment) {
            MemoryFolder folder;
            std::uint64_t count = 0, taken = 0, safe = 0;
            {
                LogScene scene(folder, count);
                const auto reader = scene.log.open_reader("a");
                scene.log.forget_others();
                folder.frozen_from = moment;
                scene.log.set_failing(reader, true);
                for (int i = 0; i < 45; ++i) {
                    const auto syncs = folder.syncs;
                    scene.scrape();
                    if (folder.syncs > syncs) safe = count;
                    if (i % 7 == 3) {
                        const auto values = scene.take(reader, 12);
                        if (!values.empty()) taken = values.back() + 1;
                    }
                }
                ended = folder.changes <= moment;
            }
            folder.cut_power(how);
            LogScene scene(folder, count);
            const auto reader = scene.log.open_reader("a");
            scene.log.forget_others();
            const auto end = count;
            scene.scrape();
            const auto values = scene.take(reader);
            std::vector<std::uint64_t> old;
            for (const auto value : values)
                if (value < end) old.push_back(value);
            CHECK(values.size() - old.size() == LogScene::width);
            if (!old.empty()) CHECK(old == numbers(old.front(), old.front() + old.size()));
            // `taken` is what the receiver has: from there on nothing that was synced is missing.
            if (safe > taken) {
                REQUIRE_FALSE(old.empty());
                CHECK(old.front() <= taken);
                CHECK(old.back() + 1 >= safe);
            }
        }
    }
}
