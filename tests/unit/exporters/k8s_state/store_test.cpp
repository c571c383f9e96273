#include "exporters/k8s_state/store.hpp"

#include "tests/catch.hpp"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

using Lines = std::vector<std::string>;  // a text a family

Rendered rendered(const Lines& lines) {
    Rendered out;
    for (const auto& text : lines) {
        out.text += text;
        out.ends.push_back(static_cast<std::uint32_t>(out.text.size()));
    }
    return out;
}

// What a store must be, the slow way.
struct Model {
    struct Object {
        Store::Source source;
        Lines lines;
        bool seen;
    };
    std::map<std::string, Object> objects;

    // The lines of a family, sorted: a page's order within a family is free.
    std::multiset<std::string> family(std::size_t i) const {
        std::multiset<std::string> out;
        for (const auto& [name, object] : objects)
            if (!object.lines[i].empty()) out.insert(object.lines[i]);
        return out;
    }
};

std::string joined(const Store::Snapshot& snapshot, std::size_t family) {
    std::string out;
    for (std::size_t group = 0; group < snapshot.groups; ++group)
        out += snapshot.texts[family * snapshot.groups + group].view();
    return out;
}

std::multiset<std::string> lines_of(const std::string& text) {
    std::multiset<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        out.insert(text.substr(at, end + 1 - at));
        at = end + 1;
    }
    return out;
}

constexpr std::size_t families = 5;

Lines random_lines(std::mt19937& random, const std::string& name) {
    Lines out;
    for (std::size_t i = 0; i < families; ++i) {
        const auto length = random() % 3 == 0 ? 0 : random() % 40;
        out.push_back(i == 4 || length == 0 ? std::string() : name + std::string(length, 'x') + '\n');
    }
    return out;
}

void check_equal(const Store& store, const Model& model) {
    REQUIRE(store.size() == model.objects.size());
    const auto snapshot = store.share();
    for (std::size_t i = 0; i < families; ++i) REQUIRE(lines_of(joined(snapshot, i)) == model.family(i));
}

}  // namespace

TEST_CASE("after any sequence of changes and lists a store is what a naive one is", "[store]") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        Store store(families);
        Model model;
        // Scrapes under way: what was shared stays as it was.
        std::vector<std::pair<Store::Snapshot, Lines>> scrapes;
        for (int step = 0; step < 3000; ++step) {
            const auto name = "object" + std::to_string(random() % (step < 1500 ? 400 : 60));
            const Store::Source source = random() % 2;
            const auto what = random() % 100;
            if (what < 60) {
                const auto lines = random_lines(random, name);
                store.put(source, name, random(), rendered(lines));
                model.objects[name] = {source, lines, true};
            } else if (what < 95) {
                store.erase(source, name);
                const auto found = model.objects.find(name);
                if (found != model.objects.end() && found->second.source == source)
                    model.objects.erase(found);
            } else if (what < 97 && step % 7 == 0) {
                store.begin_list(source);
                for (auto& [key, object] : model.objects) object.seen = object.source != source;
                for (auto& [key, object] : model.objects)
                    if (!object.seen && random() % 4 != 0) {
                        object.seen = true;
                        store.put(source, key, random(), rendered(object.lines));
                    }
                store.end_list(source);
                std::erase_if(model.objects, [](const auto& entry) { return !entry.second.seen; });
            } else if (what == 98 && step % 10 == 0) {
                store.clear(source);
                std::erase_if(model.objects,
                              [&](const auto& entry) { return entry.second.source == source; });
            } else if (scrapes.size() < 5) {
                auto snapshot = store.share();
                Lines texts;
                for (std::size_t i = 0; i < families; ++i) texts.push_back(joined(snapshot, i));
                scrapes.emplace_back(std::move(snapshot), std::move(texts));
            } else {
                for (std::size_t i = 0; i < families; ++i)
                    REQUIRE(joined(scrapes.front().first, i) == scrapes.front().second[i]);
                scrapes.erase(scrapes.begin());
            }
            if (step % 100 == 0) check_equal(store, model);
        }
        check_equal(store, model);
        for (const auto& [snapshot, texts] : scrapes)
            for (std::size_t i = 0; i < families; ++i) REQUIRE(joined(snapshot, i) == texts[i]);
    }
}

TEST_CASE("an object that comes again as it was is known by its content", "[store]") {
    Store store(1);
    store.begin_list(0);
    store.put(0, "a", 11, rendered({"a\n"}));
    store.put(0, "b", 22, rendered({"b\n"}));
    store.end_list(0);
    store.begin_list(0);
    CHECK(store.seen(0, 11));
    CHECK_FALSE(store.seen(0, 33));
    CHECK_FALSE(store.seen(1, 22));  // another list's
    store.end_list(0);
    CHECK(joined(store.share(), 0) == "a\n");
    store.put(0, "a", 12, rendered({"A\n"}));
    CHECK_FALSE(store.seen(0, 11));
    store.erase(0, "a");
    CHECK_FALSE(store.seen(0, 12));
    CHECK(store.size() == 0);
}

TEST_CASE("of a pod that moves from list to list the last to tell holds", "[store]") {
    Store store(1);
    store.put(0, "pod", 1, rendered({"unscheduled\n"}));
    store.put(1, "pod", 2, rendered({"on a node\n"}));
    store.erase(0, "pod");  // the first list says that it has gone from there
    CHECK(joined(store.share(), 0) == "on a node\n");
    store.clear(0);
    CHECK(store.size() == 1);
}

TEST_CASE("a store takes little more than its texts, also after most objects have gone", "[store]") {
    Store store(3);
    const std::string line(90, 'x');
    std::size_t text = 0;
    for (int i = 0; i < 6400; ++i) {
        const auto lines = rendered({line + std::to_string(i) + '\n', {}, line + '\n'});
        text += lines.text.size();
        store.put(0, "default/pod-" + std::to_string(i), static_cast<std::uint64_t>(i), lines);
    }
    CHECK(store.bytes() < text + text / 10);
    for (int i = 0; i < 6400; ++i)
        if (i % 64 != 5) store.erase(0, "default/pod-" + std::to_string(i));
    CHECK(store.size() == 100);
    CHECK(store.bytes() < 100 * 200 * 2);
    for (int i = 0; i < 6400; ++i) store.erase(0, "default/pod-" + std::to_string(i));
    CHECK(store.bytes() == 0);
}

TEST_CASE("families without samples take no memory", "[store]") {
    Store store(2);
    for (int i = 0; i < 64; ++i) store.put(0, std::to_string(i), 1, rendered({"", ""}));
    CHECK(store.bytes() == 2 * sizeof(PackedTexts));
}
