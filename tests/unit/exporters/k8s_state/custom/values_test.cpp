// Numbers and texts of custom resources: the table that the format's documentation gives.
#include "exporters/k8s_state/custom/values.hpp"

#include "exporters/k8s_state/custom/labels.hpp"
#include "exporters/k8s_state/custom/path.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>

using namespace pifleet::k8s;

namespace {

Path path_of(std::initializer_list<std::string_view> steps) {
    Path path;
    for (const auto step : steps) REQUIRE(path.add(step).has_value());
    return path;
}

std::string at(const boost::json::value& document, std::initializer_list<std::string_view> steps) {
    return text_of(path_of(steps).get(Json(document)));
}

}  // namespace

TEST_CASE("k8s custom values: numbers") {
    const auto number = [](std::string_view json) {
        const auto document = boost::json::parse({json.data(), json.size()});
        return number_of(Json(document)).value_or(-7);
    };
    CHECK(number("5") == 5);
    CHECK(number("4.5e3") == 4500);
    CHECK(number("18446744073709551615") == 18446744073709551615.0);
    CHECK(number("true") == 1);
    CHECK(number("false") == 0);
    CHECK(number(R"("TRUE")") == 1);
    CHECK(number(R"("Yes")") == 1);
    CHECK(number(R"("No")") == 0);
    CHECK(number(R"("Unknown")") == 0);
    CHECK(number(R"("False")") == 0);
    CHECK(number(R"("2022-06-28T00:00:00Z")") == 1656374400);
    CHECK(number(R"("2022-06-28T02:00:00+02:00")") == 1656374400);
    CHECK(number(R"("250m")") == 0.25);
    CHECK(number(R"("512Gi")") == 549755813888.0);
    CHECK(number(R"("262144k")") == 262144000.0);
    CHECK(number(R"("28%")") == 0.28);
    CHECK(number(R"("-1.5")") == -1.5);
    CHECK(number(R"("1e3")") == 1000);
    for (const auto* none :
         {"null", "[]", "{}", "[1]", R"("")", R"("%")", R"("2.5%")", R"("v1")", R"("1 m")"})
        CHECK(number(none) == -7);
}

TEST_CASE("k8s custom values: texts") {
    const auto text = [](std::string_view json) {
        const auto document = boost::json::parse({json.data(), json.size()});
        return text_of(Json(document));
    };
    CHECK(text(R"("a b")") == "a b");
    CHECK(text("true") == "true");
    CHECK(text("17") == "17");
    CHECK(text("-9007199254740993") == "-9007199254740993");
    CHECK(text("43.21") == "43.21");
    CHECK(text("1.0") == "1");
    CHECK(text("100000000.5") == "100000000.5");
    CHECK(text("1e20") == "100000000000000000000");
    CHECK(text("1e21") == "1e+21");
    CHECK(text("0.00001") == "1e-05");
    CHECK(text("0.0001") == "0.0001");
    CHECK(text(R"([1,"x",null,[]])") == "[1 x <nil> []]");
    CHECK(text(R"({"b":{"c":1},"a":true})") == "map[a:true b:map[c:1]]");
}

TEST_CASE("k8s custom paths: members, indices and searches") {
    const auto document = boost::json::parse(
        R"({"spec":{"order":[{"id":1,"value":true},{"id":3,"value":false}],"a=b=c":"odd","list":["x","y"]},
            "metadata":{"name":"foo","name=bar":"member"},
            "status":{"conditions":[7,{"name":"a","value":45},{"name":"b","value":66}]}})");
    CHECK(at(document, {"metadata", "name"}) == "foo");
    CHECK(at(document, {"spec", "order", "0", "value"}) == "true");
    CHECK(at(document, {"spec", "order", "[0]", "value"}) == "true");
    CHECK(at(document, {"spec", "order", "-1", "value"}) == "false");
    CHECK(at(document, {"spec", "order", "[-2]", "id"}) == "1");
    CHECK(at(document, {"status", "conditions", "[name=a]", "value"}) == "45");
    CHECK(at(document, {"status", "conditions", "[value=66]", "name"}) == "b");
    CHECK(at(document, {"spec", "order", "[value=true]", "id"}) == "1");
    CHECK(at(document, {"metadata", "name=foo"}) == "foo");
    CHECK(at(document, {"metadata", "name=bar"}) == "member");
    CHECK(at(document, {"spec", "a=b=c"}) == "odd");
    CHECK(at(document, {"spec", "list", "1"}) == "y");
    for (const auto& nowhere : {std::initializer_list<std::string_view>{"spec", "order", "2"},
                                {"spec", "order", "-3"},
                                {"spec", "order", "x"},
                                {"spec", "order", "[id=2]"},
                                {"metadata", "name=other"},
                                {"metadata", "name", "deeper"},
                                {"metadata", "[name=foo]"},
                                {"nowhere", "at", "all"}})
        CHECK(at(document, nowhere) == "<nil>");
}

TEST_CASE("k8s custom paths: steps that are none") {
    Path path;
    CHECK(path.add("[name]").has_error());
    CHECK(path.add("[]").has_error());
    CHECK(path.add("[1.5]").has_error());
    CHECK(path.empty());
}

TEST_CASE("k8s custom labels: names made legal, single ones before copied ones") {
    CHECK(legal_label("app.kubernetes.io/part-of") == "app_kubernetes_io_part_of");
    CHECK(legal_label("9lives") == "_9lives");
    CHECK(legal_label("größe") == "gr__e");
    CHECK(legal_label("") == "_");
    const auto document = boost::json::parse(R"({"a":{"x":"1","y":"2"},"b":{"x":"3"}})");
    LabelPaths paths;
    paths.add("y", path_of({"b", "x"}));
    paths.add("*2", path_of({"b"}));
    paths.add("*1", path_of({"a"}));
    paths.add("a_*", path_of({"a"}));
    paths.add("none", path_of({"c"}));
    LabelTexts texts{{"y", "before"}};
    paths.read(Json(document), texts);
    CHECK(texts == LabelTexts{{"a_x", "1"}, {"a_y", "2"}, {"x", "3"}, {"y", "3"}});
}
