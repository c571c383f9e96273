#include "common/config/tree.hpp"

#include "faults.hpp"
#include "tests/catch.hpp"

using namespace pifleet::config;
using pifleet::config::testing::faults_of;

namespace {

Node tree(std::string_view yaml) {
    Faults faults("f");
    const auto node = parse_yaml(yaml, faults);
    INFO(faults.text());
    REQUIRE(faults.empty());
    REQUIRE(node);
    return *node;
}

std::string place(const Node* node) {
    REQUIRE(node != nullptr);
    return std::to_string(node->place.line) + ":" + std::to_string(node->place.column);
}

bool refused(std::string_view yaml) {
    Faults faults("f");
    return !parse_yaml(yaml, faults) && faults.size() == 1;
}

}  // namespace

TEST_CASE("a configuration becomes a tree with places") {
    const Node root = tree(
        "global:\n"
        "  scrape_interval: 15s  # comment\n"
        "jobs:\n"
        "  - name: \"a\"\n"
        "    targets: [x:1, 'y:2']\n"
        "  - name: b\n"
        "empty:\n"
        "last: ~\n");
    CHECK(root.kind == Node::Kind::mapping);
    CHECK(root.members.size() == 4);
    CHECK(root.find("nowhere") == nullptr);
    const Node* interval = root.find("global")->find("scrape_interval");
    CHECK(interval->text == "15s");
    CHECK(place(interval) == "2:20");
    CHECK_FALSE(interval->quoted);
    const Node* jobs = root.find("jobs");
    REQUIRE(jobs->kind == Node::Kind::sequence);
    REQUIRE(jobs->items.size() == 2);
    CHECK(place(&jobs->items[0]) == "4:5");
    CHECK(jobs->items[0].find("name")->quoted);
    const Node* targets = jobs->items[0].find("targets");
    CHECK(targets->items[1].text == "y:2");
    CHECK(place(&targets->items[1]) == "5:20");
    CHECK(root.find("empty")->kind == Node::Kind::null);
    CHECK(place(root.find("empty")) == "7:1");
    CHECK(root.find("last")->kind == Node::Kind::null);
}

TEST_CASE("nothing is a null") {
    for (const char* yaml :
         {"", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "\xef\xbb\xbf", "~", "null"})
        CHECK(tree(yaml).kind == Node::Kind::null);
}

TEST_CASE("scalars keep their text and whether they were quoted") {
    CHECK(tree("yes").text == "yes");
    CHECK_FALSE(tree("010").quoted);
    CHECK(tree("'yes'").quoted);
    CHECK(tree("|\n  two\n  lines\n").text == "two\nlines\n");
    CHECK(tree("|\n  two\n").quoted);
    CHECK(tree("!!str 5").quoted);
    CHECK_FALSE(tree("!!int 5").quoted);
    CHECK(tree("\"~\"").kind == Node::Kind::scalar);
    CHECK(tree("grüße").text == "grüße");
    CHECK(tree("{\"a\": 1, b: 2}").members.size() == 2);
    CHECK(tree("a: 1\r\nb: 2\r\n").find("a")->text == "1");
}

TEST_CASE("a key given twice is a fault that names both places") {
    CHECK(faults_of("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n") ==
          "4:3: the key 'c' stands here again; it was given in line 3, column 3\n"
          "5:1: the key 'a' stands here again; it was given in line 1, column 1");
    CHECK(faults_of("{a: 1, \"a\": 2}") ==
          "1:8: the key 'a' stands here again; it was given in line 1, column 2");
    Faults faults("f");
    CHECK(parse_yaml("a: 1\na: 2\n", faults)->find("a")->text == "1");
}

TEST_CASE("keys must be texts") {
    CHECK(faults_of("[a]: 1\n") == "1:1: expected text as a key, not a list");
    CHECK(faults_of("? {a: b}\n: 1\n") == "1:3: expected text as a key, not a mapping");
    CHECK(faults_of("~: 1\n") == "1:1: expected text as a key, not nothing");
    CHECK(faults_of("5: x\n").empty());
}

TEST_CASE("anchors and aliases are followed") {
    const Node root = tree("base: &b {x: 1, y: [p, q]}\nother: *b\nkey: &k name\n*k : z\n");
    CHECK(root.find("other")->find("y")->items[1].text == "q");
    CHECK(root.find("name")->text == "z");
    CHECK(tree("a: &x 1\nb: &x 2\nc: *x\n").find("c")->text == "2");
    CHECK(tree("a: &x 1\n<<: *x\n").find("<<")->text == "1");
}

TEST_CASE("aliases that grow without bound are a fault") {
    std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int k = 0; k < 9; ++k) laughs += ", " + last;
        laughs += "]\n";
    }
    CHECK(refused(laughs));
    CHECK(faults_of(laughs).find("too large") != std::string::npos);

    std::string bytes = "a: &a " + std::string(1024 * 1024, 'x') + "\n";
    for (int i = 0; i < 20; ++i) bytes += "b" + std::to_string(i) + ": *a\n";
    CHECK(refused(bytes));

    std::string tower = "a0: &a0 [x]\n";
    for (int i = 1; i < 100; ++i)
        tower +=
            "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    CHECK(refused(tower));
    CHECK(faults_of(tower).find("64 levels") != std::string::npos);

    CHECK(refused("a: &a [*a]\n"));
    CHECK(faults_of("a: &a [*a]\n") == "1:8: this alias refers to what it stands in itself");
    CHECK(refused("a: *nowhere\n"));
}

TEST_CASE("size and depth are bounded") {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    CHECK(tree(nested(64)).kind == Node::Kind::sequence);
    CHECK(refused(nested(65)));
    CHECK(refused(nested(100'000)));
    CHECK(refused(std::string(1'000'000, '[')));
    CHECK(refused(std::string(100'000, '{')));
    std::string indented;
    for (int i = 0; i < 500; ++i) indented += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    CHECK(refused(indented));
    std::string dashes;
    for (int i = 0; i < 100'000; ++i) dashes += "- ";
    CHECK(refused(dashes));
    std::string items = "[";
    for (int i = 0; i < 250'000; ++i) items += "a,";
    CHECK(refused(items + "]"));
}

TEST_CASE("a second document is a fault") {
    CHECK(faults_of("a: 1\n---\nb: 2\n") == "2:1: a second document begins here; expected only one");
    CHECK(faults_of("[a]\nb: 1\n") ==
          "2:1: this does not belong to what stands above; expected one mapping or list in all");
    CHECK(faults_of("\ufeffü: 1\n---\n").substr(0, 22) == "2:1: a second document");
    CHECK(faults_of("---\na: 1\n...\n").empty());
    CHECK(faults_of("%YAML 1.1\n---\na: 1\n").empty());
}

TEST_CASE("a quote that is not closed is a fault, also where yaml-cpp lets it pass") {
    CHECK(faults_of("a: 'x\nb: 1\n") == "1:4: a quote is opened here and not closed");
    CHECK(faults_of("\ufeffü: \"x\nb: 1\n").find("a quote is opened here and not closed") !=
          std::string::npos);
    CHECK(faults_of("a: &name !!str \"x\\\"\n\n").find("a quote is opened here") != std::string::npos);
    CHECK(faults_of("a: 'it''s\n").find("a quote is opened here") != std::string::npos);
    CHECK(faults_of("a: \"x").find("a quote is not closed") != std::string::npos);
    for (const char* yaml : {"a: 'it''s'\n",
                             "a: \"\\\\\"\n",
                             "a: 'x\n\n  y'\n",
                             "a: &b 'c' # \"\n",
                             "a: |\n  'x\n",
                             "a: ''",
                             "a: !!str it's\n",
                             "a: \"'\"\n",
                             "ü: 'x'\n",
                             "a: 'x'\nb: it's\n"})
        CHECK(faults_of(yaml).empty());
}

TEST_CASE("tags that ask for something are faults") {
    CHECK(faults_of("a: !vault x\n") == "1:4: the tag '!vault' is not known here");
    CHECK(faults_of("a: !include [x]\n") == "1:4: the tag '!include' is not known here");
    CHECK(faults_of("a: !!map {x: 1}\nb: ! x\n").empty());
}

TEST_CASE("syntax errors have a place and say what they mostly mean") {
    CHECK(faults_of("a: 1\n\tb: 1\n") ==
          "2:1: a tab in the indentation; YAML takes blanks only (illegal tab when looking for indentation)");
    CHECK(faults_of("a:\n\tb: 1\n").substr(0, 33) == "2:3: a tab in the indentation; YA");
    CHECK(faults_of("a: b: c\n") ==
          "1:5: a text that holds ': ' must stand in quotes, and a key needs a line of its own (illegal map "
          "value)");
    CHECK(faults_of("a: 1\n  b: 2\n") ==
          "2:4: a text that holds ': ' must stand in quotes, and a key needs a line of its own (illegal map "
          "value)");
    CHECK(faults_of("a: [x, y\nb: 1\n").find("a [ is not closed") != std::string::npos);
    CHECK(faults_of("a: {x: 1\n").find("a { is not closed") != std::string::npos);
    CHECK(faults_of("a: @x\n") ==
          "1:4: a text that begins with this character must stand in quotes (unknown token)");
    CHECK(faults_of("a: 1\n- b\n").substr(0, 4) == "2:1:");
    CHECK(faults_of("a: \"\\q\"\n").find("unknown escape character") != std::string::npos);
    CHECK(faults_of("%YAML 9.0\n---\na: 1\n").find("YAML major version too large") != std::string::npos);
    CHECK(faults_of("a: *b\n").find("must stand above its alias") != std::string::npos);
}

TEST_CASE("bytes that are no text are refused with their place") {
    CHECK(faults_of("a: 1\nbc: \xff\n") == "2:5: expected UTF-8 text; this byte is none");
    CHECK(faults_of(std::string_view("a: \0b", 5)) ==
          "1:4: a control character, which no YAML file may hold");
    CHECK(faults_of("a: 1\n\x04\nb: 2\n") == "2:1: a control character, which no YAML file may hold");
    CHECK(
        refused(std::string_view("\xff\xfe"
                                 "a\0:\0",
                                 6)));  // UTF-16
}

TEST_CASE("any short text ends in a tree or a fault") {
    // Every text of up to five of YAML's own characters; what fuzzing finds first.
    constexpr std::string_view letters = "a-:?[]{},#&*!|>'\"%@ \n\t~.";
    std::size_t trees = 0, faulty = 0;
    for (std::size_t length = 1; length <= 3; ++length) {
        std::size_t texts = 1;
        for (std::size_t i = 0; i < length; ++i) texts *= letters.size();
        for (std::size_t n = 0; n < texts; ++n) {
            std::string yaml;
            for (std::size_t i = 0, rest = n; i < length; ++i, rest /= letters.size())
                yaml += letters[rest % letters.size()];
            Faults faults("f");
            const bool read = parse_yaml(yaml, faults).has_value();
            if (!read && faults.empty()) FAIL("neither tree nor fault: " << yaml);
            ++(read ? trees : faulty);
        }
    }
    CHECK(trees > 1000);
    CHECK(faulty > 1000);
}

TEST_CASE("faults are sorted by place, made printable and bounded in number") {
    Faults faults("/etc/x.yml");
    faults.add({3, 9}, "later");
    faults.add({3, 2}, "earlier");
    faults.add({}, "as a whole");
    faults.add({1, 1}, "odd \x1b[31m\n text");
    CHECK(faults.text() ==
          "/etc/x.yml: as a whole\n/etc/x.yml:1:1: odd \ufffd[31m\ufffd text\n/etc/x.yml:3:2: "
          "earlier\n/etc/x.yml:3:9: "
          "later");
    for (int i = 0; i < 200; ++i) faults.add({9, 1}, "more");
    CHECK(faults.size() == 204);
    const std::string text = faults.text();
    CHECK(text.substr(text.rfind('\n')) == "\n/etc/x.yml: and 104 more faults");
}
