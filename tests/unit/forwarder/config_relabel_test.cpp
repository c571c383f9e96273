// Rules in a configuration: what is read, and what is refused at which place. Which of these Prometheus takes
// and refuses is what `promtool check config` 3.5 says (integration.relabel asks it).
#include "forwarder/config/config.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::string faults_of(const std::string& rule) {
    config::Faults faults("f.yml");
    const auto config =
        parse_config("scrape_configs: [{job_name: a, relabel_configs: [\n" + rule + "]}]", faults);
    CHECK(config.has_value() == faults.empty());
    return faults.text();
}

Config good(std::string_view text) {
    config::Faults faults("f.yml");
    auto config = parse_config(text, faults);
    INFO(faults.text());
    REQUIRE(config);
    return *config;
}

Relabeler rules(std::vector<RelabelRule> list) {
    return Relabeler::compile(std::move(list)).value();
}

}  // namespace

TEST_CASE("rules are read wherever they may stand, with Prometheus's defaults") {
    const auto config = good(R"(
global: {keep_dropped_targets: 7}
scrape_configs:
  - job_name: a
    relabel_configs:
      - {source_labels: [x, 'y'], target_label: z}
      - {action: HashMod, source_labels: [x], separator: '', modulus: 8, target_label: shard}
    metric_relabel_configs: [{action: drop, source_labels: [__name__], regex: 'go_.*'}]
  - {job_name: b, relabel_configs: [], metric_relabel_configs: , keep_dropped_targets: 2}
remote_write: [{url: 'http://h', write_relabel_configs: [{regex: room, action: labeldrop}]}]
)");
    RelabelRule replace, hash, drop, names;
    replace.source_labels = {"x", "y"};
    replace.target_label = "z";
    hash = {RelabelAction::hash_mod, {"x"}, "", "(.*)", "shard", "$1", 8};
    drop.action = RelabelAction::drop;
    drop.source_labels = {"__name__"};
    drop.regex = "go_.*";
    names.action = RelabelAction::label_drop;
    names.regex = "room";
    CHECK(config.scrape_configs[0].relabel_configs == rules({replace, hash}));
    CHECK(config.scrape_configs[0].metric_relabel_configs == rules({drop}));
    CHECK(config.scrape_configs[0].keep_dropped_targets == 7);
    CHECK(config.scrape_configs[1].relabel_configs.empty());
    CHECK(config.scrape_configs[1].metric_relabel_configs.empty());
    CHECK(config.scrape_configs[1].keep_dropped_targets == 2);
    CHECK(config.backends[0].write_relabel_configs == rules({names}));
}

TEST_CASE("what a rule lacks or says wrongly is told at its place") {
    const std::pair<const char*, const char*> rows[] = {
        {"{action: keep, regex: '(a'}", "f.yml:2:23: '(a' is no regular expression: missing ): (a"},
        {"{action: kep}",
         "f.yml:2:10: unknown action 'kep' (did you mean 'keep'?); there are replace, keep, drop, keepequal, "
         "dropequal, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase"},
        {"{action: ~, target_label: a}",
         "f.yml:2:2: unknown action ''; there are replace, keep, drop, keepequal, dropequal, hashmod, "
         "labelmap, "
         "labeldrop, labelkeep, lowercase, uppercase"},
        {"{source_labels: [a]}", "f.yml:2:1: the action replace needs a target_label"},
        {"{target_label: ''}", "f.yml:2:16: the action replace needs a target_label"},
        {"{action: hashmod, target_label: a}", "f.yml:2:1: the action hashmod needs a modulus of 1 or more"},
        {"{action: hashmod, target_label: a, modulus: -1}",
         "f.yml:2:45: expected a number that is not negative"},
        {"{action: labelmap, replacement: ''}",
         "f.yml:2:33: the action labelmap needs a replacement, the new name"},
        {"{action: labeldrop, source_labels: [a]}",
         "f.yml:2:36: the action labeldrop does not take source_labels"},
        {"{action: labelkeep, modulus: 1}", "f.yml:2:30: the action labelkeep does not take modulus"},
        {"{action: keepequal, target_label: a, regex: x}",
         "f.yml:2:45: the action keepequal does not take regex"},
        {"{action: uppercase, target_label: a, replacement: x}",
         "f.yml:2:51: the action uppercase does not take replacement"},
        {"{source_labels: ['', b], target_label: a}", "f.yml:2:18: a label's name cannot be empty"},
        {"{source_label: [b], target_label: a}",
         "f.yml:2:2: unknown key 'source_label' (did you mean 'source_labels'?)"},
        {"~", "f.yml:2:1: this rule is empty"},
        {"keep", "f.yml:2:1: expected a mapping, not text"},
    };
    for (const auto& [rule, expected] : rows) {
        INFO(rule);
        CHECK(faults_of(rule) == expected);
    }
}

TEST_CASE("a key that says what holds anyway is no mistake") {
    for (const auto* rule :
         {"{action: labeldrop, regex: x, separator: ;, replacement: $1, target_label: '', modulus: 0}",
          "{action: keep, modulus: 5, target_label: x}",
          "{action: lowercase, target_label: x, regex: y}"}) {
        INFO(rule);
        CHECK(faults_of(rule) == "");
    }
}
