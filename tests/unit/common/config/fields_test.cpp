#include "common/config/fields.hpp"

#include "faults.hpp"
#include "tests/catch.hpp"

using namespace pifleet::config;

namespace {

struct Job {
    std::string name;
    Duration interval{60'000};
    std::vector<std::string> targets;
    bool honest = false;
};

struct Root {
    Job preset;
    std::vector<Job> jobs;
};

constexpr Field<Job> job_rows[] = {
    field<&Job::name>("job_name", "", "Its name."),
    field<&Job::interval>("scrape_interval", "1m", "How often."),
    field<&Job::targets>("targets", "", "Where."),
    field<&Job::honest>("honor_labels", "false", "Whether the page's labels win."),
    {"rules", "", "Accepted, without effect.", nullptr},
};

void decode(const Node& node, Job& into, Faults& faults) {
    read_mapping<Job>(node, job_rows, into, faults);
}

constexpr Field<Root> root_rows[] = {
    field<&Root::preset>("global", "", "For all jobs."),
    field<&Root::jobs>("scrape_configs", "", "Jobs."),
};

void decode(const Node& node, Root& into, Faults& faults) {
    read_mapping<Root>(node, root_rows, into, faults);
}

}  // namespace

TEST_CASE("tables read mappings and lists of them") {
    const auto root = testing::decoded<Root>(
        "global: {scrape_interval: 5s, rules: [what, {ever: 1}]}\n"
        "scrape_configs:\n"
        "- job_name: a\n"
        "  targets: [x:1, y:2]\n"
        "  honor_labels: yes\n"
        "- job_name: 2\n");
    CHECK(root.faults.empty());
    CHECK(root.value.preset.interval == std::chrono::seconds(5));
    REQUIRE(root.value.jobs.size() == 2);
    CHECK(root.value.jobs[0].targets == std::vector<std::string>{"x:1", "y:2"});
    CHECK(root.value.jobs[0].honest);
    CHECK(root.value.jobs[1].name == "2");
    CHECK(root.value.jobs[1].interval == std::chrono::minutes(1));
    CHECK(testing::decoded<Root>("").faults.empty());
    CHECK(testing::decoded<Root>("scrape_configs:\nglobal:\n").faults.empty());
}

TEST_CASE("all faults of a file are told at once, in its order") {
    const auto root = testing::decoded<Root>(
        "scrape_configs:\n"
        "- job_name: [a]\n"
        "  scrape_intervall: 5s\n"
        "  scrape_interval: soon\n"
        "- just text\n"
        "- targets: x:1\n"
        "global: []\n");
    CHECK(root.faults ==
          "f:2:13: expected text, not a list\n"
          "f:3:3: unknown key 'scrape_intervall' (did you mean 'scrape_interval'?)\n"
          "f:4:20: expected a duration such as 15s or 1m30s, not 'soon'\n"
          "f:5:3: expected a mapping, not text\n"
          "f:6:12: expected a list, not text\n"
          "f:7:9: expected a mapping, not a list");
    CHECK(root.value.jobs.size() == 3);  // one per item, so that places and values stay together
}

TEST_CASE("an unknown key far from all leads to the list of them, if it is short") {
    CHECK(testing::decoded<Root>("zzz: 1\n").faults ==
          "f:1:1: unknown key 'zzz'; known here: global, scrape_configs");
    std::vector<std::string_view> many(13, "something_else");
    Node key;
    key.text = "zzz";
    Faults faults("f");
    unknown_key(key, many, faults);
    CHECK(faults.text() == "f: unknown key 'zzz'");
}
