#include "forwarder/discovery/target.hpp"
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

}  // namespace

TEST_CASE("a target has job and instance and the group's labels, sorted") {
    const auto job = job_with({{{"pi1:9100", "pi2:9100"}, {{"room", "attic"}, {"empty", ""}}}});
    const auto targets = static_targets(job).value();
    REQUIRE(targets.size() == 2);
    CHECK(targets[1].labels == Pairs{{"instance", "pi2:9100"}, {"job", "node"}, {"room", "attic"}});
    CHECK(targets[1].url.host == "pi2");
    CHECK(targets[1].url.port == 9100);
    CHECK(targets[1].url.target == "/metrics");
    CHECK(targets[0].identity() != targets[1].identity());
}

TEST_CASE("a target without port gets the scheme's, and its instance stays as written") {
    auto job = job_with({{{"pi1"}, {}}, {{"[::1]"}, {}}});
    job.scheme = "https";
    const auto targets = static_targets(job).value();
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
                           {"__scrape_timeout__", "2m"},
                           {"job", "other"},
                           {"instance", "mine"}}}});
    job.params = {{"module", {"icmp", "tcp"}}, {"target", {"old", "second"}}};
    const auto target = static_targets(job).value().front();
    CHECK(target.url.tls);
    CHECK(target.url.target == "/probe?module=icmp&module=tcp&target=a%20b%26c&target=second");
    CHECK(target.interval == Duration(60'000));
    CHECK(target.timeout == Duration(60'000));
    CHECK(target.labels == Pairs{{"instance", "mine"}, {"job", "other"}});
}

TEST_CASE("an address that is none is told with its job") {
    const auto error_of = [](const char* address) {
        const auto targets = static_targets(job_with({{{address}, {}}}));
        REQUIRE_FALSE(targets.has_value());
        return targets.error().message;
    };
    CHECK(error_of("pi:99999").starts_with("job 'node': target 'pi:99999': "));
    for (const auto bad : {"", "pi:x", "a b:1", "[::1:80"}) {
        INFO(bad);
        CHECK_FALSE(error_of(bad).empty());
    }
    auto job = job_with({{{"x:1"}, {{"__scrape_interval__", "0s"}}}});
    CHECK_FALSE(static_targets(job).has_value());
}

TEST_CASE("the same target after a reload is known as such") {
    const auto before = job_with({{{"x:1"}, {}}});
    auto after = job_with({{{"x:1", "y:2"}, {}}});
    CHECK(same_scraping(static_targets(before).value()[0], static_targets(after).value()[0]));
    after.honor_labels = true;
    CHECK_FALSE(same_scraping(static_targets(before).value()[0], static_targets(after).value()[0]));
}
