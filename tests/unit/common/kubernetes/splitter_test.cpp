#include "common/kubernetes/splitter.hpp"

#include "common/kubernetes/json_peek.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

using namespace pifleet::kubernetes;
using Json = nlohmann::json;
using Form = Splitter::Form;

namespace {

struct Recorder : SplitSink {
    void element(std::string_view json) override {
        types.push_back(splitter ? splitter->type() : "");
        texts.emplace_back(json);
    }
    void too_large(std::string_view identity) override { large.emplace_back(identity); }
    Splitter* splitter = nullptr;
    std::vector<std::string> types, texts, large;
};

struct Outcome {
    Recorder got;
    std::string error;
    ListHead head;
    bool between = false;
};

// Cut into three: the first `cut` bytes, `then` bytes, the rest.
Outcome split(std::string_view text,
              Form form,
              bool table = false,
              std::size_t cut = std::string_view::npos,
              std::size_t then = 0,
              std::size_t most = 1 << 20) {
    Outcome out;
    Splitter splitter(form, table, most, out.got);
    out.got.splitter = &splitter;
    cut = std::min(cut, text.size());
    const auto rest = text.substr(cut);
    for (const auto piece :
         {text.substr(0, cut), rest.substr(0, then), rest.substr(std::min(then, rest.size()))}) {
        const auto fed = splitter.feed(piece);
        if (fed) continue;
        out.error = fed.error().message;
        return out;
    }
    out.between = splitter.between_events();
    if (form == Form::list) {
        const auto head = splitter.end_list();
        if (head)
            out.head = *head;
        else
            out.error = head.error().message;
    }
    out.got.splitter = nullptr;
    return out;
}

std::string capture(const std::string& name) {
    std::ifstream file(std::string(PIFLEET_SOURCE_DIR "/tests/conformance/k8s/captures/") + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// What must be left of an object, by another JSON library.
Json without_cut(Json object) {
    auto& metadata = object.contains("cells") ? object["object"]["metadata"] : object["metadata"];
    metadata.erase("managedFields");
    if (metadata.contains("annotations"))
        metadata["annotations"].erase("kubectl.kubernetes.io/last-applied-configuration");
    return object;
}

const std::string applied = "kubectl.kubernetes.io/last-applied-configuration";

// Everything of the frame in one list, with what is to be cut at every place it can have.
const std::string tricky =
    R"({ "kind":"PodList", "apiVersion" : "v1","metadata":{"resourceVersion":"12","continue":"a\u003db",)"
    R"("remainingItemCount":7,"selfLink":""},"items":[)"
    R"({"metadata":{"managedFields":[{"a":"]}\"\\"}],"name":"a","annotations":{")" +
    applied +
    R"(":"{\"x\":\"MARKER\\\"}\"}\n"}},"spec":{"metadata":{"managedFields":1},"n":-1.5e3}},)"
    R"({"metadata":{"name":"b\"}","annotations":{"one":"1",")" +
    applied +
    R"(":"MARKER","two":"2"},"managedFields":"MARKER"},"kind":"Pod"} , )"
    R"({"spec":null,"metadata":{"annotations":{"kubectl.kubernetes.io\/last-applied-\u0063onfiguration":["MARKER"]},)"
    R"("managedFields":null,"uid":"u"}},{}]})"
    "\n";

}  // namespace

TEST_CASE("a list becomes its objects, wherever the bytes are cut", "[kubernetes][splitter]") {
    const auto whole = split(tricky, Form::list);
    REQUIRE(whole.error.empty());
    const std::vector<std::string> expected = {
        R"({"metadata":{"name":"a","annotations":{}},"spec":{"metadata":{"managedFields":1},"n":-1.5e3}})",
        R"({"metadata":{"name":"b\"}","annotations":{"one":"1","two":"2"}},"kind":"Pod"})",
        R"({"spec":null,"metadata":{"annotations":{},"uid":"u"}})",
        "{}"};
    CHECK(whole.got.texts == expected);
    CHECK(whole.head.version == "12");
    CHECK(whole.head.next == "a=b");
    CHECK(whole.head.remaining == 7u);
    for (std::size_t cut = 0; cut <= tricky.size(); ++cut)
        for (const std::size_t then : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
            const auto again = split(tricky, Form::list, false, cut, then);
            INFO(cut << '+' << then);
            REQUIRE(again.error.empty());
            REQUIRE(again.got.texts == expected);
            REQUIRE(again.head.next == "a=b");
        }
}

TEST_CASE("a list that ends early is an error wherever it ends", "[kubernetes][splitter]") {
    for (std::size_t size = 0; size + 1 < tricky.size(); ++size) {
        const auto got = split(std::string_view(tricky).substr(0, size), Form::list);
        INFO(size);
        REQUIRE(got.error.find("cut short") != std::string::npos);
    }
}

TEST_CASE("a real server's lists and watches come out as they are, less what is cut",
          "[kubernetes][splitter]") {
    int lists = 0, events = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(PIFLEET_SOURCE_DIR "/tests/conformance/k8s/captures")) {
        const auto name = entry.path().filename().string();
        const auto text = capture(name);
        const bool table = name.starts_with("table-");
        INFO(name);
        if (name.ends_with(".jsonl")) {
            const auto got = split(text, Form::watch, table, text.size() / 2, 1);
            REQUIRE(got.error.empty());
            CHECK(got.between);
            std::size_t i = 0;
            std::stringstream lines(text);
            for (std::string line; std::getline(lines, line); ++i, ++events) {
                const auto event = Json::parse(line);
                REQUIRE(i < got.got.texts.size());
                CHECK(got.got.types[i] == event["type"]);
                const auto& object = event["object"];
                const auto expected = object.contains("rows") ? object["rows"][0] : object;
                CHECK(Json::parse(got.got.texts[i]) == without_cut(expected));
            }
            CHECK(i == got.got.texts.size());
        } else if (name.find("list-") != std::string::npos || name.starts_with("page")) {
            if (!name.ends_with(".json")) continue;
            const auto got = split(text, Form::list, table, text.size() / 3, 7);
            REQUIRE(got.error.empty());
            const auto list = Json::parse(text);
            const auto& items = list.contains("rows") ? list["rows"] : list["items"];
            REQUIRE(items.size() == got.got.texts.size());
            for (std::size_t i = 0; i < items.size(); ++i)
                CHECK(Json::parse(got.got.texts[i]) == without_cut(items[i]));
            CHECK(got.head.version == list["metadata"]["resourceVersion"]);
            CHECK(got.head.next == list["metadata"].value("continue", ""));
            ++lists;
        }
    }
    CHECK(lists >= 42);
    CHECK(events >= 200);
}

TEST_CASE("events are cut at any byte", "[kubernetes][splitter]") {
    const std::string watch =
        R"({"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a","managedFields":[{}],"resourceVersion":"3"}}})"
        "\n"
        R"({"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410}})"
        "\n"
        R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}})"
        "\n";
    const auto whole = split(watch, Form::watch);
    REQUIRE(whole.got.types == std::vector<std::string>{"ADDED", "ERROR", "BOOKMARK"});
    CHECK(whole.got.texts[0] == R"({"kind":"Pod","metadata":{"name":"a","resourceVersion":"3"}})");
    for (std::size_t cut = 0; cut <= watch.size(); ++cut) {
        const auto again = split(watch, Form::watch, false, cut, 1);
        REQUIRE(again.got.texts == whole.got.texts);
        REQUIRE(again.got.types == whole.got.types);
        const auto half = split(std::string_view(watch).substr(0, cut), Form::watch);
        REQUIRE(half.error.empty());
    }
    CHECK_FALSE(split(watch.substr(0, 40), Form::watch).between);
    CHECK(split(R"({"object":{},"type":"ADDED"})", Form::watch).error.find("byte 10") != std::string::npos);
    // An error is a Status also where tables are asked for.
    const auto table = split(watch.substr(watch.find("{\"type\":\"ERROR")), Form::watch, true);
    REQUIRE(table.got.texts.size() == 1);
    CHECK(table.got.texts[0] == R"({"kind":"Status","metadata":{},"code":410})");
}

TEST_CASE("an object over the limit is passed over in bounded memory, by name where that is known",
          "[kubernetes][splitter]") {
    const std::string huge(5000, 'x');
    const std::string list =
        R"({"items":[{"metadata":{"name":"small"}},{"kind":"Pod","metadata":{"name":"big"},"spec":["{\"}",")" +
        huge + R"("],"more":{"a":[1]}},{")" + huge + R"(":1,"metadata":{"name":"late"}},)" +
        R"({"metadata":{"name":"n","annotations":{"a":")" + huge + R"("}},"x":"]"},)" + R"({"n":)" +
        std::string(2000, '7') + R"(},)" + R"({"metadata":{"name":"cut","managedFields":[")" + huge +
        R"("]}}]})";
    for (std::size_t cut = 0; cut <= list.size(); cut += cut < 200 || cut % 500 == 0 ? 1 : 7) {
        const auto got = split(list, Form::list, false, cut, 3, 1000);
        INFO(cut);
        REQUIRE(got.error.empty());
        REQUIRE(got.got.texts == std::vector<std::string>{R"({"metadata":{"name":"small"}})",
                                                          R"({"metadata":{"name":"cut"}})"});
        REQUIRE(got.got.large == std::vector<std::string>{R"({"metadata":{"name":"big"}})", "", "", ""});
    }
    const auto row = split(
        R"({"rows":[{"cells":[1],"object":{"metadata":{"name":"r"},"x":")" + huge + R"("}},{"cells":[]}]})",
        Form::list,
        true,
        50,
        1,
        1000);
    CHECK(row.got.large == std::vector<std::string>{R"({"object":{"metadata":{"name":"r"}}})"});
    CHECK(row.got.texts == std::vector<std::string>{R"({"cells":[]})"});
}

TEST_CASE("what is no list says so", "[kubernetes][splitter]") {
    CHECK(split("<html>", Form::list).error == "the answer is not what the API sends: '<' at byte 0");
    CHECK(split("{\"kind\":\"PodList\" x", Form::list).error.find("'x' at byte 18") != std::string::npos);
    CHECK(split(R"({"kind":"Status","message":"no\u0007pe"})", Form::list).error ==
          "the answer is no list but of kind 'Status': no\xEF\xBF\xBDpe");
    CHECK(split(R"({"items":[1]})", Form::list).error.find("'1' at byte 10") != std::string::npos);
    CHECK(split(R"({"items":[]} {)", Form::list).error.find("'{' at byte 13") != std::string::npos);
    CHECK(split(R"({"items":[{},]})", Form::list).error.find("']' at byte 13") != std::string::npos);
    CHECK(split(R"({"items":[{"a":1"b"}]})", Form::list).error.find("'\"' at byte 16") != std::string::npos);
    CHECK(split("{\"items\":[{\"a\":\x01}]}", Form::list).error.find("at byte 15") != std::string::npos);
    CHECK(split(R"({"items":[{"a":}]})", Form::list).error.find("'}' at byte 15") != std::string::npos);
    CHECK(split(R"({"metadata":{"resourceVersion":"1"},"items":null})", Form::list).error.empty());
}

TEST_CASE("members are found by their path in texts that need not be whole", "[kubernetes][splitter]") {
    const std::string json =
        R"( { "a":"1", "b" : {"c":[1,{"d":2}],"e\u0066":"\ud83d\ude00\t\"x"}, "n":12 } )";
    CHECK(text_member(json, {"a"}) == "1");
    CHECK(text_member(json, {"b", "ef"}) == "\xF0\x9F\x98\x80\t\"x");
    CHECK(find_member(json, {"n"}) == "12");
    CHECK_FALSE(find_member(json, {"b", "d"}));
    CHECK_FALSE(find_member(json, {"a", "x"}));
    for (std::size_t size = 0; size < json.size(); ++size)
        CHECK(text_member(json.substr(0, size), {"z"}).empty());
    CHECK(text_member(R"({"a":"1","b":)", {"a"}) == "1");
    CHECK(plain_text(R"("\ud83d \udc00 \u00e4 \u12")") ==
          "\xEF\xBF\xBD \xEF\xBF\xBD \xC3\xA4 \xEF\xBF\xBD"
          "12");
}
