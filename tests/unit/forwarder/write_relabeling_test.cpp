// What a backend's own rules leave of a batch, in both encodings.
#include "forwarder/backends/write_relabeling.hpp"

#include "forwarder/backends/write_request.hpp"
#include "forwarder/backends/write_request_v2.hpp"
#include "remote_write.pb.h"
#include "remote_write_v2.pb.h"
#include "tests/catch.hpp"

#include <array>
#include <set>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

SeriesId series_of(SeriesTable& table, std::string_view name, std::string_view room) {
    return table.acquire(std::array{metrics::Label{"__name__", name}, metrics::Label{"room", room}});
}

RelabelRule rule(RelabelAction action, std::vector<std::string> sources, std::string regex) {
    RelabelRule out;
    out.action = action;
    out.source_labels = std::move(sources);
    out.regex = std::move(regex);
    return out;
}

WriteRelabeling relabeling(std::vector<RelabelRule> rules, OwnedLabels external = {}) {
    return {Relabeler::compile(std::move(rules)).value(), std::move(external)};
}

std::set<std::string> sent(std::span<const Sample> samples,
                           const SeriesTable& table,
                           const OwnedLabels& external,
                           const WriteRelabeling& rules) {
    std::string bytes;
    append_write_request(samples, table, external, bytes, &rules);
    remote_write::WriteRequest request;
    REQUIRE(request.ParseFromString(bytes));
    std::set<std::string> out;
    for (const auto& series : request.timeseries()) {
        std::string text;
        for (const auto& label : series.labels()) text += label.name() + "=" + label.value() + ";";
        out.insert(text);
    }
    return out;
}

std::set<std::string> sent_v2(std::span<const Sample> samples,
                              const SeriesTable& table,
                              const OwnedLabels& external,
                              const WriteRelabeling& rules) {
    std::string bytes;
    append_write_request_v2(samples, table, MetadataTable(), external, bytes, &rules);
    remote_write::v2::Request request;
    REQUIRE(request.ParseFromString(bytes));
    std::set<std::string> out;
    for (const auto& series : request.timeseries()) {
        std::string text;
        for (int i = 0; i < series.labels_refs_size(); ++i)
            text += request.symbols(static_cast<int>(series.labels_refs(i))) + (i % 2 == 0 ? "=" : ";");
        out.insert(text);
    }
    return out;
}

}  // namespace

TEST_CASE("rules see the external labels, drop series and change the labels of others") {
    SeriesTable table;
    const auto up = series_of(table, "up", "attic");
    const auto noise = series_of(table, "go_threads", "attic");
    const auto hall = series_of(table, "up", "hall");
    const OwnedLabels external{{"room", "never"}, {"site", "home"}};
    auto rules = relabeling({rule(RelabelAction::keep, {"site"}, "home"),
                             rule(RelabelAction::drop, {"__name__"}, "go_.*"),
                             [] {
                                 auto change = rule(RelabelAction::replace, {"site", "room"}, "home;(attic)");
                                 change.target_label = "room";
                                 change.replacement = "upper-$1";
                                 return change;
                             }()},
                            external);
    std::vector<Sample> batch{{1, 1, up}, {1, 1, noise}, {1, 1, hall}, {1, 2, up}, {1, 2, noise}};
    CHECK(rules.leave_out(batch, table) == 2);
    CHECK(batch == std::vector<Sample>{{1, 1, up}, {1, 1, hall}, {1, 2, up}});
    CHECK(rules.changed(hall) == nullptr);
    const std::set<std::string> expected{"__name__=up;room=hall;site=home;",
                                         "__name__=up;room=upper-attic;site=home;"};
    CHECK(sent(batch, table, external, rules) == expected);
    CHECK(sent_v2(batch, table, external, rules) == expected);
}

TEST_CASE("an external label can be taken away again") {
    SeriesTable table;
    const auto id = series_of(table, "up", "attic");
    const OwnedLabels external{{"site", "home"}};
    auto rules = relabeling({rule(RelabelAction::label_drop, {}, "site")}, external);
    std::vector<Sample> batch{{1, 1, id}};
    CHECK(rules.leave_out(batch, table) == 0);
    CHECK(sent(batch, table, external, rules) == std::set<std::string>{"__name__=up;room=attic;"});
}

TEST_CASE("a series that loses all its labels is dropped") {
    SeriesTable table;
    std::vector<Sample> batch{{1, 1, series_of(table, "up", "attic")}};
    auto rules = relabeling({rule(RelabelAction::label_drop, {}, ".*")});
    CHECK(rules.leave_out(batch, table) == 1);
    CHECK(batch.empty());
}

TEST_CASE("a number that is given to another series is judged anew") {
    SeriesTable table;
    auto rules = relabeling({rule(RelabelAction::drop, {"room"}, "attic")});
    const auto leaves_out = [&](SeriesId id) {
        std::vector<Sample> batch{{1, 1, id}};
        return rules.leave_out(batch, table) == 1;
    };
    const auto first = series_of(table, "up", "attic");
    CHECK(leaves_out(first));
    table.release(first);
    table.sweep(0);
    const auto second = series_of(table, "up", "hall");
    REQUIRE(second == first);
    CHECK_FALSE(leaves_out(second));
    table.release(second);
    table.sweep(0);
    REQUIRE(series_of(table, "down", "attic") == first);
    CHECK(leaves_out(first));
}

TEST_CASE("without rules nothing is looked at") {
    const SeriesTable empty;
    WriteRelabeling none({}, {{"site", "home"}});
    std::vector<Sample> batch{{1, 1, 12345}};  // no series has this number
    CHECK(none.leave_out(batch, empty) == 0);
    CHECK(batch.size() == 1);
    CHECK(none.changed(12345) == nullptr);
}
