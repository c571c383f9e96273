#include "forwarder/scrape/target_state.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <bit>
#include <limits>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

// A target whose pages are given as text; what a scrape yields comes back as sorted lines.
struct Scene {
    ScrapeConfig job;
    SeriesTable series;
    MetadataTable metadata;
    Target target;
    std::unique_ptr<TargetState> state;
    std::uint64_t mark = 0;
    std::int64_t now = 0;
    std::string error;

    explicit Scene(ScrapeConfig config = {}) : job(std::move(config)) {
        target = {&job, {}, {{"instance", "pi:9100"}, {"job", "node"}}, Duration(5000), Duration(1000)};
        state = std::make_unique<TargetState>(target, series, metadata);
    }

    std::string line(const Sample& sample) const {
        std::string name, labels;
        metrics::Label label;
        for (auto reader = series.labels(sample.series); reader.next(label);) {
            if (label.name == "__name__")
                name = label.value;
            else if (label.name != "job" && label.name != "instance")
                labels += std::string(label.name) + "=" + std::string(label.value) + ";";
        }
        const bool stale = sample.value_bits == metrics::stale_marker_bits;
        return name + "{" + labels + "} " +
               (stale ? "stale"
                      : std::to_string(static_cast<int>(std::bit_cast<double>(sample.value_bits)))) +
               " @" + std::to_string(sample.time_ms);
    }

    // Lines of the page alone; the report's are checked by a test of their own.
    std::vector<std::string> scrape(std::string_view page, bool with_report = false) {
        now += 1000;
        ++mark;
        state->begin(now);
        metrics::PageParser parser(metrics::Format::text_0_0_4, *state);
        auto read = parser.feed(page);
        if (read) read = parser.finish();
        error = read ? "" : read.error().message;
        return lines(read ? state->succeed({}, mark) : state->fail({}, mark), with_report);
    }

    std::vector<std::string> lines(const Record& record, bool with_report = false) const {
        std::vector<std::string> out;
        for (const auto& sample : record.samples()) {
            const auto text = line(sample);
            if (with_report || !(text.starts_with("up{") || text.starts_with("scrape_"))) out.push_back(text);
        }
        std::sort(out.begin(), out.end());
        return out;
    }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a page becomes samples with the target's labels, and a report") {
    Scene scene;
    CHECK(scene.scrape("a{x=\"1\"} 5\nb 6\n", true) ==
          Lines{"a{x=1;} 5 @1000",
                "b{} 6 @1000",
                "scrape_duration_seconds{} 0 @1000",
                "scrape_samples_post_metric_relabeling{} 2 @1000",
                "scrape_samples_scraped{} 2 @1000",
                "scrape_series_added{} 2 @1000",
                "up{} 1 @1000"});
    CHECK(scene.scrape("a{x=\"1\"} 7\nb 6\n", true)[5] == "scrape_series_added{} 0 @2000");
}

TEST_CASE("what a page says of its families is kept for all targets") {
    Scene scene;
    scene.scrape("# HELP a Some \\\\ help.\n# TYPE a counter\na 1\n");
    REQUIRE(scene.metadata.find("a") != nullptr);
    CHECK(scene.metadata.find("a")->help == "Some \\ help.");
    CHECK(scene.metadata.find("a")->type == metrics::Type::counter);
}

TEST_CASE("a series that left the page is ended once") {
    Scene scene;
    scene.scrape("a 1\nb 1\nc 1\n");
    CHECK(scene.scrape("a 2\nc 2\n") == Lines{"a{} 2 @2000", "b{} stale @2000", "c{} 2 @2000"});
    CHECK(scene.scrape("a 3\nc 3\n") == Lines{"a{} 3 @3000", "c{} 3 @3000"});
    CHECK(scene.scrape("b 4\nc 4\na 4\n") == Lines{"a{} 4 @4000", "b{} 4 @4000", "c{} 4 @4000"});
}

TEST_CASE("a failed scrape is nothing of its page, up 0 and the end of every series") {
    Scene scene;
    scene.scrape("a 1\nb 1\n");
    const auto failed = scene.scrape("a 2\nnew 2\nbroken\n", true);
    CHECK(scene.error == "line 3: 'broken' has no value");
    CHECK(failed == Lines{"a{} stale @2000",
                          "b{} stale @2000",
                          "scrape_duration_seconds{} 0 @2000",
                          "scrape_samples_post_metric_relabeling{} 0 @2000",
                          "scrape_samples_scraped{} 0 @2000",
                          "scrape_series_added{} 0 @2000",
                          "up{} 0 @2000"});
    CHECK(scene.scrape("broken\n").empty());  // already ended
    CHECK(scene.scrape("a 3\n") == Lines{"a{} 3 @4000"});
}

TEST_CASE("labels that clash are kept as exported_, or win when honored") {
    Scene scene;
    CHECK(scene.scrape("a{job=\"x\",exported_job=\"y\"} 1\n") ==
          Lines{"a{exported_exported_job=x;exported_job=y;} 1 @1000"});
    ScrapeConfig job;
    job.honor_labels = true;
    Scene honoring(job);
    honoring.scrape("a{job=\"x\"} 1\n");
    bool found = false;
    metrics::Label label;
    for (SeriesId id = 0; id < honoring.series.size(); ++id)
        for (auto reader = honoring.series.labels(id); reader.next(label);)
            found = found || (label.name == "job" && label.value == "x");
    CHECK(found);
}

TEST_CASE("an honored label that is empty keeps the target's away") {
    const auto has_job = [](bool honor) {
        ScrapeConfig job;
        job.honor_labels = honor;
        Scene scene(job);
        const auto page = scene.scrape("a{job=\"\"} 1\n");
        CHECK(page == Lines{"a{} 1 @1000"});
        std::size_t with = 0;
        metrics::Label label;
        for (SeriesId id = 0; id < scene.series.size(); ++id)
            for (auto reader = scene.series.labels(id); reader.next(label);) with += label.name == "job";
        return with == scene.series.size();  // all of them, the report's included
    };
    CHECK(has_job(false));
    CHECK_FALSE(has_job(true));
}

TEST_CASE("a page's own timestamps are kept or not, and such series end silently") {
    Scene scene;
    CHECK(scene.scrape("a 1 77\nb 2\n") == Lines{"a{} 1 @77", "b{} 2 @1000"});
    CHECK(scene.scrape("\n") == Lines{"b{} stale @2000"});
    ScrapeConfig job;
    job.honor_timestamps = false;
    Scene ignoring(job);
    CHECK(ignoring.scrape("a 1 77\n") == Lines{"a{} 1 @1000"});
}

TEST_CASE("a series twice on a page counts once") {
    Scene scene;
    CHECK(scene.scrape("a 1\na 2\n") == Lines{"a{} 1 @1000"});
    CHECK(scene.state->duplicates() == 1);
}

TEST_CASE("a page over the limit fails as a whole") {
    ScrapeConfig job;
    job.sample_limit = 2;
    Scene scene(job);
    CHECK(scene.scrape("a 1\nb 1\n").size() == 2);
    CHECK(scene.scrape("a 1\nb 1\nc 1\n") == Lines{"a{} stale @2000", "b{} stale @2000"});
    CHECK(scene.error == "line 3: more than 2 samples (sample_limit)");
}

TEST_CASE("pages that change their order and their series leave nothing behind") {
    Scene scene;
    const auto before = scene.series.size();
    for (int round = 0; round < 50; ++round) {
        std::string page;
        for (int i = 0; i < 40; ++i)
            page += "m" + std::to_string((i * 7 + round * 13) % 60) + "{r=\"" + std::to_string(round % 5) +
                    "\"} 1\n";
        const auto seen = scene.scrape(page);
        CHECK(std::count_if(
                  seen.begin(), seen.end(), [](const auto& l) { return l.find("stale") == l.npos; }) == 40);
        scene.series.sweep(scene.mark);
    }
    scene.scrape("\n");
    scene.series.sweep(scene.mark);
    CHECK(scene.series.size() == before);
}

TEST_CASE("a retired target ends everything, its report too") {
    Scene scene;
    scene.scrape("a 1\n");
    const auto last = scene.lines(scene.state->retire(9000, ++scene.mark), true);
    CHECK(last.size() == 6);
    CHECK(std::all_of(last.begin(), last.end(), [](const auto& l) { return l.ends_with("stale @9000"); }));
    scene.series.sweep(scene.mark);
    CHECK(scene.series.size() == 0);
}

TEST_CASE("a series in other words is the same series") {
    Scene scene;
    const Lines first{"a{x=1;y=\\;} 1 @1000"};
    CHECK(scene.scrape("a{x=\"1\",y=\"\\\\\"} 1\n") == first);
    const auto series = scene.series.size();
    CHECK(scene.scrape("a { y=\"\\\\\", x = \"1\" } 2\n") == Lines{"a{x=1;y=\\;} 2 @2000"});
    CHECK(scene.series.size() == series);
    CHECK(scene.scrape("a{x=\"1\",y=\"\\\\\"} 3\na{y=\"\\\\\",x=\"1\"} 4\n") ==
          Lines{"a{x=1;y=\\;} 3 @3000"});
    CHECK(scene.state->duplicates() == 1);
    CHECK(scene.scrape("b 1\n") == Lines{"a{x=1;y=\\;} stale @4000", "b{} 1 @4000"});
}

TEST_CASE("times of a page's own go up, or are left out") {
    ScrapeConfig job;
    job.track_timestamps_staleness = true;
    Scene scene(job);
    CHECK(scene.scrape("a 1 100\na 2 200\n") == Lines{"a{} 1 @100", "a{} 2 @200"});
    CHECK(scene.scrape("a 2 200\nb 1\n") == Lines{"b{} 1 @2000"});  // not made anew
    CHECK(scene.state->disordered() == 0);
    CHECK(scene.scrape("a 3 150\n") == Lines{"b{} stale @3000"});
    CHECK(scene.state->disordered() == 1);
    CHECK(scene.scrape("b 1\n") == Lines{"a{} stale @4000", "b{} 1 @4000"});
}

TEST_CASE("a page that breaks a limit of labels fails and says which") {
    const auto broken = [](const char* page, auto change) {
        ScrapeConfig job;
        change(job);
        Scene scene(job);
        scene.scrape(page);
        return scene.error;
    };
    const auto says = [](const std::string& error, std::string_view what) {
        CHECK(error.find(what) != std::string::npos);
    };
    says(broken("a{b=\"1\"} 1\n", [](auto& job) { job.label_limit = 3; }), "line 1: 4 labels, more than 3");
    CHECK(broken("a{b=\"1\"} 1\n", [](auto& job) { job.label_limit = 4; }).empty());
    says(broken("a{bb12345678=\"1\"} 1\n", [](auto& job) { job.label_name_length_limit = 9; }),
         "label_name_length_limit");
    says(broken("a{b=\"1234567890\"} 1\n", [](auto& job) { job.label_value_length_limit = 9; }),
         "label_value_length_limit");
}

TEST_CASE("with extra_scrape_metrics the limits are series too") {
    ScrapeConfig job;
    job.extra_scrape_metrics = true;
    job.sample_limit = 7;
    Scene scene(job);
    const auto lines = scene.scrape("a 1\n", true);
    CHECK(std::count(lines.begin(), lines.end(), "scrape_sample_limit{} 7 @1000") == 1);
    CHECK(std::count(lines.begin(), lines.end(), "scrape_timeout_seconds{} 1 @1000") == 1);
    CHECK(lines.size() == 9);
}

TEST_CASE("metric_relabel_configs rename, merge and drop series, and what ends is what was sent") {
    RelabelRule drop;
    drop.action = RelabelAction::drop;
    drop.source_labels = {"__name__"};
    drop.regex = "go_.*";
    RelabelRule rename;
    rename.source_labels = {"__name__"};
    rename.target_label = "__name__";
    rename.regex = "old_(.*)";
    rename.replacement = "new_$1";
    RelabelRule forget;
    forget.action = RelabelAction::label_drop;
    forget.regex = "id";
    ScrapeConfig job;
    job.metric_relabel_configs = *Relabeler::compile({drop, rename, forget});
    Scene scene(job);
    CHECK(scene.scrape("go_threads 9\nold_a{x=\"1\"} 5\nb{id=\"7\"} 6\nb{id=\"8\"} 7\n", true) ==
          Lines{"b{} 6 @1000",
                "new_a{x=1;} 5 @1000",
                "scrape_duration_seconds{} 0 @1000",
                "scrape_samples_post_metric_relabeling{} 3 @1000",
                "scrape_samples_scraped{} 4 @1000",
                "scrape_series_added{} 3 @1000",
                "up{} 1 @1000"});
    CHECK(scene.state->duplicates() == 1);
    CHECK(scene.scrape("go_threads 9\nold_a{x=\"1\"} 6\nb{id=\"8\"} 8\n") ==
          Lines{"b{} 8 @2000", "new_a{x=1;} 6 @2000"});
    CHECK(scene.scrape("go_threads 9\n") == Lines{"b{} stale @3000", "new_a{x=1;} stale @3000"});
    scene.series.sweep(scene.mark);
    CHECK(scene.series.size() == 5);  // the report's
}

TEST_CASE("with legacy names a page with others fails, unless a rule mends them") {
    ScrapeConfig job;
    job.protocols.validation = NameValidation::legacy;
    Scene scene(job);
    CHECK(scene.scrape("a 1\n{\"my.name\",x=\"1\"} 1\n").empty());
    CHECK(scene.error ==
          "line 2: the metric name 'my.name' is not allowed by metric_name_validation_scheme legacy");
    CHECK(scene.scrape("a:b 1\nc{\"d.e\"=\"f\"} 1\n").empty());
    CHECK(scene.error ==
          "line 2: the label name 'd.e' is not allowed by metric_name_validation_scheme legacy");
    CHECK(scene.scrape("a:b{c_9=\"d.e\"} 1\n").size() == 1);

    RelabelRule rename;
    rename.source_labels = {"__name__"};
    rename.target_label = "__name__";
    rename.regex = "my[.](.*)";
    rename.replacement = "my_$1";
    job.metric_relabel_configs = *Relabeler::compile({rename});
    Scene mended(job);
    CHECK(mended.scrape("{\"my.name\"} 1\n") == Lines{"my_name{} 1 @1000"});

    Scene utf8;
    CHECK(utf8.scrape("{\"my.name\",\"a b\"=\"c\"} 1\n") == Lines{"my.name{a b=c;} 1 @1000"});
}

TEST_CASE("a series that cannot be one fails the page with its line") {
    Scene scene;
    const auto error = [&scene](std::string_view page) {
        CHECK(scene.scrape(page).empty());
        return scene.error;
    };
    CHECK(error("a 1\nb{x=\"\\t\"} 1\n") == "line 2: the escape \\t does not exist: b{x=\"\\t\"}");
    CHECK(error("a 1\nb{x=\"\xff\"} 1\n").starts_with("line 2: a label is not valid UTF-8: "));
    CHECK(error("a 1\n\nb{x=\"1\",x=\"2\"} 1\n").starts_with("line 3: the label 'x' stands twice: "));
    CHECK(error("a-b 1\n").starts_with("line 1: a metric name has a character that is not allowed: "));
}
