#include "forwarder/discovery/build_targets.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

ScrapeConfig job_with(std::vector<TargetGroup> groups) {
    ScrapeConfig job;
    job.job_name = "node";
    job.interval = Duration(15'000);
    job.timeout = Duration(10'000);
    job.static_configs = std::move(groups);
    return job;
}

Built built(const ScrapeConfig& job) {
    return build_targets(job, static_groups(job));
}

RelabelRule rule(RelabelAction action, std::vector<std::string> sources, std::string regex) {
    RelabelRule out;
    out.action = action;
    out.source_labels = std::move(sources);
    out.regex = std::move(regex);
    return out;
}

RelabelRule set(std::string target, std::string value) {
    auto out = rule(RelabelAction::replace, {}, "(.*)");
    out.target_label = std::move(target);
    out.replacement = std::move(value);
    return out;
}

Relabeler rules(std::vector<RelabelRule> list) {
    return Relabeler::compile(std::move(list)).value();
}

}  // namespace

TEST_CASE("a target has job and instance and the group's labels, sorted") {
    const auto job = job_with({{{"pi1:9100", "pi2:9100"}, {{"room", "attic"}, {"empty", ""}}}});
    const auto targets = built(job).targets;
    REQUIRE(targets.size() == 2);
    CHECK(targets[1].labels == Pairs{{"instance", "pi2:9100"}, {"job", "node"}, {"room", "attic"}});
    CHECK(targets[1].url.host == "pi2");
    CHECK(targets[1].url.port == 9100);
    CHECK(targets[1].url.target == "/metrics");
    CHECK(targets[0].identity() != targets[1].identity());
}

TEST_CASE("what a target was before relabeling is kept for the eye") {
    auto job = job_with({{{"pi1:9100"}, {{"room", "attic"}}}});
    job.params = {{"module", {"icmp", "tcp"}}};
    job.relabel_configs = rules({rule(RelabelAction::label_drop, {}, "room")});
    const auto target = built(job).targets.at(0);
    CHECK(target.labels == Pairs{{"instance", "pi1:9100"}, {"job", "node"}});
    CHECK(target.discovered == Pairs{{"__address__", "pi1:9100"},
                                     {"__metrics_path__", "/metrics"},
                                     {"__param_module", "icmp"},
                                     {"__scheme__", "http"},
                                     {"__scrape_interval__", "15s"},
                                     {"__scrape_timeout__", "10s"},
                                     {"job", "node"},
                                     {"room", "attic"}});
}

TEST_CASE("a target without port gets the scheme's, and its instance stays as written") {
    auto job = job_with({{{"pi1"}, {}}, {{"[::1]"}, {}}});
    job.scheme = "https";
    const auto targets = built(job).targets;
    CHECK(targets[0].url.port == 443);
    CHECK(targets[0].label("instance") == "pi1");
    CHECK(targets[1].url.host == "::1");
}

TEST_CASE("meta labels of a group override the job") {
    auto job = job_with({{{"x:1"},
                          {{"__scheme__", "https"},
                           {"__metrics_path__", "/probe"},
                           {"__param_target", "a b&c"},
                           {"__scrape_interval__", "1m"},
                           {"__scrape_timeout__", "20s"},
                           {"job", "other"},
                           {"instance", "mine"}}}});
    job.params = {{"module", {"icmp", "tcp"}}, {"target", {"old", "second"}}};
    const auto target = built(job).targets.at(0);
    CHECK(target.url.tls);
    CHECK(target.url.target == "/probe?module=icmp&module=tcp&target=a%20b%26c&target=second");
    CHECK(target.interval == Duration(60'000));
    CHECK(target.timeout == Duration(20'000));
    CHECK(target.labels == Pairs{{"instance", "mine"}, {"job", "other"}});
}

TEST_CASE("relabeling decides where the page is and what its series are called") {
    auto job = job_with({{{"http://probed/"}, {{"__meta_room", "attic"}}}});
    auto to_param = rule(RelabelAction::replace, {"__address__"}, "(.*)");
    to_param.target_label = "__param_target";
    auto map = rule(RelabelAction::label_map, {}, "__meta_(.+)");
    job.relabel_configs = rules({to_param,
                                 map,
                                 set("__address__", "pi:9115"),
                                 set("__metrics_path__", "probe it?"),
                                 set("__scrape_interval__", "1m"),
                                 set("__tmp_seen", "yes")});
    const auto all = built(job);
    REQUIRE(all.targets.size() == 1);
    const auto& target = all.targets[0];
    CHECK(target.url.host == "pi");
    CHECK(target.url.target == "/probe%20it%3F?target=http%3A%2F%2Fprobed%2F");
    CHECK(target.interval == Duration(60'000));
    CHECK(target.labels == Pairs{{"instance", "pi:9115"}, {"job", "node"}, {"room", "attic"}});
}

TEST_CASE("dropped targets are counted, and kept as far as the job says") {
    auto job = job_with({{{"a:1", "b:1", "c:1"}, {}}});
    job.relabel_configs = rules({rule(RelabelAction::keep, {"__address__"}, "b:.*")});
    auto all = built(job);
    CHECK(all.targets.size() == 1);
    CHECK(all.dropped_count == 2);
    REQUIRE(all.dropped.size() == 2);
    CHECK(all.dropped[1].front() == std::pair<std::string, std::string>("__address__", "c:1"));
    job.keep_dropped_targets = 1;
    all = built(job);
    CHECK(all.dropped_count == 2);
    CHECK(all.dropped.size() == 1);
}

TEST_CASE("a target that cannot be scraped is told with its job, and takes no other with it") {
    const auto failure_of = [](const Pairs& labels) {
        const auto job = job_with({});
        const DiscoveredGroup groups[] = {{"somewhere", {labels, {{"__address__", "good:1"}}}}};
        const auto all = build_targets(job, groups);
        CHECK(all.targets.size() == 1);
        CHECK(all.failures_count == 1);
        return all.failures.at(0);
    };
    CHECK(failure_of({{"__address__", "pi:99999"}})
              .starts_with("job 'node': target 'pi:99999' of somewhere: "));
    for (const auto bad : {"", "pi:x", "a b:1", "[::1:80", "host/path", "u@h:1"}) {
        INFO(bad);
        CHECK_FALSE(failure_of({{"__address__", bad}}).empty());
    }
    const Pairs labels[] = {
        {{"__scrape_interval__", "0s"}},
        {{"__scrape_interval__", "soon"}},
        {{"__scrape_interval__", "5s"}},  // shorter than the job's timeout
        {{"__scrape_timeout__", "16s"}},
        {{"__scheme__", "ftp"}},
        {{"room", "\xff"}},
    };
    for (auto one : labels) {
        INFO(one.front().first << " " << one.front().second);
        one.emplace_back("__address__", "x:1");
        CHECK_FALSE(failure_of(one).empty());
    }
}

TEST_CASE("failures are counted, the first are told") {
    const auto job = job_with({{std::vector<std::string>(50, "no/address"), {}}});
    const auto all = built(job);
    CHECK(all.failures_count == 50);
    CHECK(all.failures.size() == Built::most_failures);
}

TEST_CASE("the same target after a reload is known as such") {
    const auto before = job_with({{{"x:1"}, {}}});
    auto after = job_with({{{"x:1", "y:2"}, {}}});
    after.relabel_configs = rules({rule(RelabelAction::drop, {"__address__"}, "z:3")});
    after.keep_dropped_targets = 5;
    CHECK(same_scraping(built(before).targets[0], built(after).targets[0]));
    after.metric_relabel_configs = after.relabel_configs;
    CHECK_FALSE(same_scraping(built(before).targets[0], built(after).targets[0]));
}
