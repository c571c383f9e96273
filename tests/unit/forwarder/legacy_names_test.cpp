#include "forwarder/backends/legacy_names.hpp"

#include "forwarder/backends/label_changes.hpp"
#include "forwarder/series/names.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

// Series by their labels, a batch with one sample of each.
struct Scene {
    SeriesTable table;
    WriteRelabeling rules{{}, {}};
    LegacyNames names;
    std::vector<Sample> batch;

    explicit Scene(OwnedLabels external = {}) : names(std::move(external)) {}

    SeriesId add(std::vector<metrics::Label> labels) {
        const auto id = table.acquire(labels);
        batch.push_back({1, 1000, id});
        return id;
    }
    std::size_t left_out() {
        names.look_at(batch, table, rules);
        return names.leave_out_collisions(batch, table, rules);
    }
    // name=value;… of what is sent; empty: the series' own.
    std::string sent(SeriesId id) const {
        const auto* stored = names.escaped(id);
        if (stored == nullptr) return "";
        std::string out;
        LabelReader reader(*stored);
        for (metrics::Label label; reader.next(label);)
            out += std::string(label.name) + "=" + std::string(label.value) + ";";
        return out;
    }
};

}  // namespace

TEST_CASE("names are escaped by underscores, one for each character") {
    CHECK(underscored_metric_name("my.name:x") == "my_name:x");
    CHECK(underscored_label_name("a.b:c") == "a_b_c");
    CHECK(underscored_metric_name("9lives") == "_lives");
    CHECK(underscored_metric_name("temp \xc3\xa4\xe2\x82\xac") == "temp___");
    CHECK(underscored_metric_name("\xff") == "_");
    for (const auto name : {"a", "_", "A9_", "a_b"}) CHECK(legacy_label_name(name));
    for (const auto name : {"", "9", "a:b", "a.b", "\xc3\xa4"}) CHECK_FALSE(legacy_label_name(name));
    CHECK(legacy_metric_name(":a:b"));
    CHECK_FALSE(legacy_metric_name("a b"));
}

TEST_CASE("only series with other names are changed, external labels included") {
    Scene scene(OwnedLabels{{"a_b", "external"}, {"site", "home"}});
    const auto plain = scene.add({{"__name__", "a"}, {"x", "with.dots"}});
    const auto metric = scene.add({{"__name__", "my.name"}});
    const auto label = scene.add({{"__name__", "b"}, {"a.b", "1"}});
    const auto both = scene.add({{"__name__", "c"}, {"a.b", "1"}, {"a_b", "2"}});
    CHECK(scene.left_out() == 0);
    CHECK(scene.sent(plain).empty());
    CHECK(scene.sent(metric) == "__name__=my_name;a_b=external;site=home;");
    CHECK(scene.sent(label) == "__name__=b;a_b=1;site=home;");
    CHECK(scene.sent(both) == "__name__=c;a_b=2;site=home;");
}

TEST_CASE("of series that come to be one the plain one is sent, else the first") {
    Scene scene(OwnedLabels{{"site", "home"}});
    const auto dots = scene.add({{"__name__", "a.b"}});
    const auto blanks = scene.add({{"__name__", "a b"}});
    scene.batch.push_back({2, 2000, dots});
    CHECK(scene.left_out() == 1);
    CHECK(scene.batch == std::vector<Sample>{{1, 1000, dots}, {2, 2000, dots}});
    scene.batch = {{1, 3000, blanks}};
    CHECK(scene.left_out() == 0);
    scene.batch = {{1, 4000, dots}, {1, 4000, blanks}};
    const auto plain = scene.add({{"__name__", "a_b"}, {"site", "home"}});
    CHECK(scene.left_out() == 2);
    CHECK(scene.batch == std::vector<Sample>{{1, 1000, plain}});
}

TEST_CASE("a number that is given to another series is looked at anew") {
    Scene scene;
    const auto odd = scene.add({{"__name__", "a.b"}});
    CHECK(scene.left_out() == 0);
    CHECK(scene.sent(odd) == "__name__=a_b;");
    scene.table.release(odd);
    scene.table.sweep(0);
    scene.batch.clear();
    REQUIRE(scene.add({{"__name__", "c"}}) == odd);
    CHECK(scene.left_out() == 0);
    CHECK(scene.sent(odd).empty());
}

TEST_CASE("what write_relabel_configs make of a series is escaped, too") {
    RelabelRule rule;
    rule.source_labels = {"__name__"};
    rule.target_label = "made.here";
    Scene scene;
    scene.rules = WriteRelabeling(*Relabeler::compile({rule}), {{"site", "home"}});
    const auto id = scene.add({{"__name__", "a"}});
    REQUIRE(scene.rules.leave_out(scene.batch, scene.table) == 0);
    CHECK(scene.left_out() == 0);
    CHECK(scene.sent(id) == "__name__=a;made_here=a;site=home;");
}

TEST_CASE("labels beyond names can be changed, and what comes to the same is found") {
    Scene scene;
    const auto cpu = scene.add({{"__name__", "cpu"}, {"cpu", "0"}, {"job", "node"}, {"mode", "a/b"}});
    const auto twin = scene.add({{"__name__", "cpu"}, {"cpu", "0"}, {"job", "node"}, {"mode", "a_b"}});
    const auto plain = scene.add({{"__name__", "up"}, {"job", "node"}});
    for (int batch = 0; batch < 2; ++batch) {
        scene.names.look_at(scene.batch, scene.table, scene.rules);
        scene.names.change(
            scene.batch, scene.table, scene.rules, [](SeriesId) { return true; }, fold_labels);
    }
    CHECK(scene.sent(cpu) == "__name__=cpu.cpu.0.mode.a_b;job=node;");
    CHECK(scene.sent(plain).empty());
    CHECK(scene.names.leave_out_collisions(scene.batch, scene.table, scene.rules) == 1);
    CHECK(scene.sent(twin) == scene.sent(cpu));
}

TEST_CASE("a folded name has its limit, and stays another one than its neighbour's") {
    Scene scene;
    const std::string text(300, 'x');
    const auto one = scene.add({{"__name__", "a"}, {"long", text}, {"n", "1"}});
    const auto two = scene.add({{"__name__", "a"}, {"long", text}, {"n", "2"}});
    scene.names.look_at(scene.batch, scene.table, scene.rules);
    scene.names.change(
        scene.batch, scene.table, scene.rules, [](SeriesId) { return true; }, fold_labels);
    CHECK(scene.sent(one).size() == std::string_view("__name__=;").size() + 255);
    CHECK(scene.sent(one).starts_with("__name__=a.long.xxx"));
    CHECK(scene.sent(one) != scene.sent(two));
}

TEST_CASE("New Relic is told a type where it would guess another one") {
    using metrics::Type;
    const auto told = [](Type type, std::string family, std::string_view name) {
        const FamilyMetadata metadata{std::move(family), {}, {}, type};
        return newrelic_type(name, &metadata);
    };
    CHECK(told(Type::counter, "x_total", "x_total").empty());
    CHECK(told(Type::counter, "turns", "turns") == "counter");
    CHECK(told(Type::counter, "turns_sum", "turns_sum") == "counter");
    CHECK(told(Type::gauge, "users_count", "users_count") == "gauge");
    CHECK(told(Type::gauge, "users", "users").empty());
    CHECK(told(Type::gauge, "bytes_total", "bytes_total") == "gauge");
    CHECK(told(Type::histogram, "h", "h_bucket").empty());
    CHECK(told(Type::histogram, "h", "h_sum").empty());
    CHECK(told(Type::summary, "s", "s").empty());
    CHECK(told(Type::unknown, "u_total", "u_total").empty());
    CHECK(newrelic_type("u_total", nullptr).empty());
}
