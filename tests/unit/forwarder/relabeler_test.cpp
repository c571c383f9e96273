// Each action, with what Prometheus's documentation says of it; the numbers of hashmod are those that a real
// Prometheus 3.5 gave (integration.relabel compares all of it with one).
#include "forwarder/relabel/relabeler.hpp"

#include "forwarder/relabel/expansion.hpp"
#include "forwarder/relabel/hash.hpp"
#include "tests/catch.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

using Action = RelabelAction;
using Labels = LabelBuilder::Labels;

// "a=1;b=2", or nothing for what is dropped.
std::optional<std::string> apply(const RelabelRule& rule, Labels labels) {
    const auto rules = Relabeler::compile({rule});
    REQUIRE(rules.has_value());
    LabelBuilder builder(std::move(labels));
    if (!rules->apply(builder)) return std::nullopt;
    std::string out;
    for (const auto& [name, value] : builder.labels()) out += name + "=" + value + ";";
    return out;
}

struct Row {
    const char* what;
    RelabelRule rule;
    Labels before;
    std::optional<std::string> after;
};

RelabelRule on(std::vector<std::string> sources, Action action, std::string regex = "(.*)") {
    RelabelRule rule;
    rule.action = action;
    rule.source_labels = std::move(sources);
    rule.regex = std::move(regex);
    return rule;
}

RelabelRule replace(std::vector<std::string> sources,
                    std::string regex,
                    std::string target,
                    std::string replacement = "$1") {
    auto rule = on(std::move(sources), Action::replace, std::move(regex));
    rule.target_label = std::move(target);
    rule.replacement = std::move(replacement);
    return rule;
}

RelabelRule to(std::vector<std::string> sources, Action action, std::string target) {
    auto rule = on(std::move(sources), action);
    rule.target_label = std::move(target);
    return rule;
}

RelabelRule shard(std::vector<std::string> sources, std::uint64_t modulus) {
    auto rule = to(std::move(sources), Action::hash_mod, "shard");
    rule.modulus = modulus;
    return rule;
}

RelabelRule names(Action action, std::string regex, std::string replacement = "$1") {
    auto rule = on({}, action, std::move(regex));
    rule.replacement = std::move(replacement);
    return rule;
}

void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        INFO(row.what);
        CHECK(apply(row.rule, row.before) == row.after);
    }
}

}  // namespace

TEST_CASE("replace") {
    check({
        {"the whole value by default", replace({"a"}, "(.*)", "b"), {{"a", "x"}}, "a=x;b=x;"},
        {"sources are joined",
         replace({"a", "b"}, "(.*);(.*)", "c", "$2-$1"),
         {{"a", "x"}, {"b", "y"}},
         "a=x;b=y;c=y-x;"},
        {"a source that is not there is empty", replace({"a", "no"}, "(.*)", "b"), {{"a", "x"}}, "a=x;b=x;;"},
        {"anchored at both ends", replace({"a"}, "x", "b", "hit"), {{"a", "xx"}}, "a=xx;"},
        {"alternatives are anchored as one", replace({"a"}, "x|y", "b", "hit"), {{"a", "xz"}}, "a=xz;"},
        {"the dot takes a line end", replace({"a"}, "x(.+)z", "b", "hit"), {{"a", "x\nz"}}, "a=x\nz;b=hit;"},
        {"no match changes nothing", replace({"a"}, "y(.*)", "a"), {{"a", "x"}}, "a=x;"},
        {"an empty result removes", replace({"a"}, "x(.*)", "a"), {{"a", "x"}, {"b", "y"}}, "b=y;"},
        {"without sources: a fixed value", replace({}, "(.*)", "b", "fixed"), {{"a", "x"}}, "a=x;b=fixed;"},
        {"a literal expression", replace({"a"}, "x", "b", "[$0$1]"), {{"a", "x"}}, "a=x;b=[x];"},
        {"the target is expanded too",
         replace({"a"}, "(.+)=(.+)", "l_$1", "$2"),
         {{"a", "k=v"}},
         "a=k=v;l_k=v;"},
        {"an empty target leaves all alone", replace({"a"}, "x(.*)", "$1", "v"), {{"a", "x"}}, "a=x;"},
        {"a target of any UTF-8", replace({"a"}, "(.+)", "$1", "v"), {{"a", "b.ä"}}, "a=b.ä;b.ä=v;"},
        {"a target that is no UTF-8 leaves all alone",
         replace({"a"}, "(.*)", "$1", "v"),
         {{"a", "\xff"}},
         "a=\xff;"},
        {"an optional group is empty",
         replace({"a"}, "x(y)?(z)", "b", "<$1$2>"),
         {{"a", "xz"}},
         "a=xz;b=<z>;"},
    });
}

TEST_CASE("keep, drop, keepequal and dropequal") {
    const Labels labels{{"a", "x"}, {"b", "x"}, {"c", "z"}};
    const std::string same = "a=x;b=x;c=z;";
    check({
        {"keep", on({"a"}, Action::keep, "x|y"), labels, same},
        {"keep, no match", on({"a"}, Action::keep, "y"), labels, std::nullopt},
        {"drop", on({"a"}, Action::drop, "x.*"), labels, std::nullopt},
        {"drop, no match", on({"a"}, Action::drop, "xx"), labels, same},
        {"drop what has no such label", on({"no"}, Action::drop, ""), labels, std::nullopt},
        {"keepequal", to({"a"}, Action::keep_equal, "b"), labels, same},
        {"keepequal, others", to({"a"}, Action::keep_equal, "c"), labels, std::nullopt},
        {"keepequal, both absent", to({"no"}, Action::keep_equal, "neither"), labels, same},
        {"dropequal", to({"a"}, Action::drop_equal, "b"), labels, std::nullopt},
        {"dropequal, others", to({"a"}, Action::drop_equal, "c"), labels, same},
    });
}

TEST_CASE("hashmod gives Prometheus's numbers") {
    check({
        {"one source", shard({"a"}, 8), {{"a", "pi1:9100"}}, "a=pi1:9100;shard=7;"},
        {"two sources", shard({"a", "b"}, 1000), {{"a", "x"}, {"b", "y"}}, "a=x;b=y;shard=238;"},
        {"nothing", shard({"no"}, 1000), {{"a", "x"}}, "a=x;shard=958;"},
        {"modulus 1", shard({"a"}, 1), {{"a", "x"}}, "a=x;shard=0;"},
    });
    CHECK(shard_hash("") == 0xe9800998ecf8427e);  // the end of the well-known MD5 of nothing
}

TEST_CASE("lowercase and uppercase") {
    check({
        {"lowercase", to({"a"}, Action::lowercase, "b"), {{"a", "AbC-1"}}, "a=AbC-1;b=abc-1;"},
        {"uppercase", to({"a"}, Action::uppercase, "a"), {{"a", "AbC-1"}}, "a=ABC-1;"},
        {"beyond ASCII", to({"a"}, Action::lowercase, "b"), {{"a", "ÄЖ"}}, "a=ÄЖ;b=äж;"},
        {"and back", to({"a"}, Action::uppercase, "b"), {{"a", "äжß"}}, "a=äжß;b=ÄЖß;"},
        {"an empty source removes", to({"no"}, Action::uppercase, "a"), {{"a", "x"}, {"b", "y"}}, "b=y;"},
    });
}

TEST_CASE("labelmap, labeldrop and labelkeep go by the name") {
    const Labels labels{{"__meta_room", "attic"}, {"__meta_x", "1"}, {"job", "node"}};
    check({
        {"labelmap",
         names(Action::label_map, "__meta_(.+)"),
         labels,
         "__meta_room=attic;__meta_x=1;job=node;room=attic;x=1;"},
        {"labelmap onto one name: the later",
         names(Action::label_map, "__meta_.+", "m"),
         labels,
         "__meta_room=attic;__meta_x=1;job=node;m=1;"},
        {"labelmap over a label that is there",
         names(Action::label_map, "__meta_room", "job"),
         labels,
         "__meta_room=attic;__meta_x=1;job=attic;"},
        {"what labelmap made is not mapped again",
         names(Action::label_map, "(a+)", "a$1"),
         {{"a", "1"}, {"aa", "2"}},
         "a=1;aa=1;aaa=2;"},
        {"labeldrop", names(Action::label_drop, "__meta_.*"), labels, "job=node;"},
        {"labelkeep", names(Action::label_keep, "job|__meta_x"), labels, "__meta_x=1;job=node;"},
    });
}

TEST_CASE("rules see what those before them did, and a drop ends the list") {
    const auto rules =
        Relabeler::compile(
            {replace({"a"}, "(.*)", "b"), on({"b"}, Action::drop, "bad"), names(Action::label_drop, "a")})
            .value();
    LabelBuilder good(Labels{{"a", "good"}}), bad(Labels{{"a", "bad"}});
    CHECK(rules.apply(good));
    CHECK(good.labels() == Labels{{"b", "good"}});
    CHECK_FALSE(rules.apply(bad));
}

TEST_CASE("lists are equal when their rules are") {
    const auto one = [](std::string target) {
        return Relabeler::compile({replace({"a"}, "(.*)", target)}).value();
    };
    CHECK(one("b") == one("b"));
    CHECK_FALSE(one("b") == one("c"));
    CHECK_FALSE(one("b") == Relabeler());
    CHECK(Relabeler::compile({}).value() == Relabeler());
    CHECK(Relabeler().empty());
}

TEST_CASE("an expression that is none is told as it was written") {
    for (const auto* bad : {"(a", "a**", "[z-a]", "(?<=x)y", "a{1001}", "\xff"}) {
        INFO(bad);
        const auto rules = Relabeler::compile({on({"a"}, Action::keep, bad)});
        REQUIRE_FALSE(rules.has_value());
        CHECK(rules.error().message.find(std::string("'") + bad + "' is no regular expression") == 0);
        CHECK(rules.error().message.find("(?s:") == std::string::npos);
    }
}

TEST_CASE("groups have names in both spellings") {
    const auto name_of = [](const char* expression) {
        const auto pattern = Pattern::compile(expression);
        REQUIRE(pattern.has_value());
        const auto named = pattern->named_groups();
        return named.empty() ? std::string() : named.begin()->first;
    };
    CHECK(name_of("(?P<n>x)") == "n");
    CHECK(name_of("a(?<n>x)") == "n");
    CHECK(name_of("[(?<n>x]()") == "");
    CHECK(name_of(R"(\((?<n>x)\))") == "n");
    CHECK(name_of(R"(\Q(?<n>x)\E(?<m>y))") == "m");
    CHECK(Pattern::compile("[(?<n>x]")->matches("<"));
    CHECK_FALSE(Pattern::compile("[(?<n>x]")->matches("P"));
    CHECK(Pattern::compile(R"(\Q(?<n>x)\E)")->matches("(?<n>x)"));
}

TEST_CASE("replacement texts are expanded as in Go") {
    const auto pattern = Pattern::compile("(a)(?P<room>b)(c)?").value();
    Pattern::Groups groups;
    const auto expand = [&](const char* text) {
        const Expansion expansion(text, pattern);
        REQUIRE(pattern.match("ab", expansion.groups(), groups));
        return expansion.expand(groups);
    };
    const std::pair<const char*, const char*> rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"$1$2", "ab"},
        {"${1}x", "ax"},
        {"$1x", ""},
        {"$0", "ab"},
        {"$room", "b"},
        {"${room}er", "ber"},
        {"$roomer", ""},
        {"$3", ""},
        {"$9", ""},
        {"$$1", "$1"},
        {"$", "$"},
        {"a$", "a$"},
        {"$-", "$-"},
        {"${1", "${1"},
        {"${}", "${}"},
        {"$01", ""},
        {"${1}${2}", "ab"},
        {"$1°", "a°"},
        {"$1µ", ""},
        {"$1_", ""},
        {"$99999999999999999999", ""},
        {"$$$1", "$a"},
    };
    for (const auto& [text, expected] : rows) {
        INFO(text);
        CHECK(expand(text) == expected);
    }
}
