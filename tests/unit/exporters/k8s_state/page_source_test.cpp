#include "exporters/k8s_state/page_source.hpp"

#include "fake_api.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::k8s;
using namespace pifleet::k8s::test;
using metrics::Format;

namespace {

constexpr std::size_t piece_size = 64 * 1024;

std::shared_ptr<Feed> feed(const ResourceKind& kind = things, const std::vector<std::string>& labels = {}) {
    RenderOptions options;
    for (const auto& family : kind.families)
        if (!family.opt_in) options.families.push_back(&family);
    options.labels = LabelAllowList(labels);
    return std::make_shared<Feed>(kind, std::move(options), Shard{});
}

std::string read(PageSource& page, std::size_t most_pieces = 1'000'000) {
    std::string out;
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < most_pieces; ++i) {
        pieces.clear();
        page.next(pieces, piece_size);
        std::size_t size = 0;
        for (const auto piece : pieces) {
            size += piece.size();
            out += piece;
        }
        REQUIRE(size <= piece_size);
        if (size == 0) break;
    }
    return out;
}

std::string page_of(std::vector<std::shared_ptr<const Feed>> feeds, Format format) {
    PageSource page(std::move(feeds), format);
    return read(page);
}

}  // namespace

TEST_CASE("the page has the families in order, each with its objects' lines", "[page]") {
    const auto first = feed();
    first->object(0, thing("a"));
    first->object(0, thing("b", R"(,"deletionTimestamp":"1970-01-01T00:00:07Z")"));
    CHECK(page_of({first}, Format::text_0_0_4) ==
          "# HELP kube_thing_info 1 for \"every\" thing.\n"
          "# TYPE kube_thing_info gauge\n"
          "kube_thing_info{namespace=\"media\",thing=\"a\"} 1\n"
          "kube_thing_info{namespace=\"media\",thing=\"b\"} 1\n"
          "# HELP kube_thing_created When the thing was made.\n"
          "# TYPE kube_thing_created gauge\n"
          "kube_thing_created{namespace=\"media\",thing=\"a\"} 100\n"
          "kube_thing_created{namespace=\"media\",thing=\"b\"} 100\n"
          "# HELP kube_thing_rare_total Seldom.\n"
          "# TYPE kube_thing_rare_total counter\n"
          "kube_thing_rare_total{namespace=\"media\",thing=\"b\"} 7\n"
          "# HELP kube_thing_labels Labels of the thing.\n"
          "# TYPE kube_thing_labels gauge\n");
    const auto open = page_of({first}, Format::openmetrics_1_0);
    CHECK(open.find("# TYPE kube_thing_rare counter\nkube_thing_rare_total{") != std::string::npos);
    CHECK(open.find("# HELP kube_thing_info 1 for \\\"every\\\" thing.\n") != std::string::npos);
    CHECK(open.ends_with("# TYPE kube_thing_labels gauge\n# EOF\n"));
}

TEST_CASE("a kind that is withdrawn leaves a line that says why, in the format that has comments", "[page]") {
    const auto first = feed(), second = feed(worlds);
    first->object(0, thing("a"));
    first->set_withdrawn("no answer\nfor long");
    second->set_withdrawn("gone");
    CHECK(page_of({first, second}, Format::text_0_0_4) ==
          "# things withdrawn: no answer for long\n# worlds withdrawn: gone\n");
    CHECK(page_of({first, second}, Format::openmetrics_1_0) == "# EOF\n");
    CHECK(page_of({}, Format::text_0_0_4).empty());
}

TEST_CASE("a scrape under way shows a kind as it was when it came to it", "[page]") {
    const auto first = feed(), second = feed(worlds);
    for (int i = 0; i < 2000; ++i) first->object(0, thing("thing-" + std::to_string(i)));
    second->object(0, thing("before"));
    const auto whole = page_of({first}, Format::text_0_0_4);
    REQUIRE(whole.size() > 3 * piece_size);
    PageSource page({first, second}, Format::text_0_0_4);
    auto text = read(page, 1);
    for (int i = 0; i < 2000; i += 3) first->deleted(0, thing("thing-" + std::to_string(i)));
    for (int i = 1; i < 2000; i += 3)
        first->object(0,
                      thing("thing-" + std::to_string(i), R"(,"deletionTimestamp":"1970-01-01T00:00:07Z")"));
    second->deleted(0, thing("before"));
    second->object(0, thing("after"));
    text += read(page);
    CHECK(text.starts_with(whole));  // the first kind as it was
    CHECK(text.find("thing=\"before\"") == std::string::npos);
    CHECK(text.find("thing=\"after\"") != std::string::npos);
    CHECK(page_of({first}, Format::text_0_0_4) != whole);
}

TEST_CASE("a text larger than a piece is sent in several", "[page]") {
    const auto first = feed(things, {"*"});
    first->object(0, thing("a", R"(,"labels":{"x":")" + std::string(200'000, 'y') + R"("})"));
    const auto page = page_of({first}, Format::text_0_0_4);
    CHECK(page.find("label_x=\"" + std::string(200'000, 'y') + "\"} 1\n") != std::string::npos);
}

TEST_CASE("what is no object is left out and counted", "[page]") {
    const auto first = feed();
    first->object(0, "{");
    first->object(0, "[]");
    first->object(0, R"({"metadata":{}})");
    first->deleted(0, "null");
    CHECK(first->skipped() == 4);
    CHECK(first->store().size() == 0);
    first->object(0, thing("a"));
    first->object(0, thing("a"));
    CHECK(first->unchanged() == 1);
}

TEST_CASE("a shard has its own objects only", "[page]") {
    RenderOptions options;
    options.families = {&thing_families[0]};
    std::size_t sum = 0;
    for (std::uint32_t shard = 0; shard < 3; ++shard) {
        Feed part(things, options, Shard{shard, 3});
        for (int i = 0; i < 300; ++i) part.object(0, thing("thing-" + std::to_string(i)));
        CHECK(part.store().size() > 60);
        sum += part.store().size();
    }
    CHECK(sum == 300);
}
