// The coordinator with static_configs and files; what waits for a network is tried with real programs.
#include "forwarder/discovery/discovery.hpp"

#include "tests/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace std::chrono_literals;

namespace {

ScrapeConfig job(const std::string& name,
                 std::vector<TargetGroup> groups,
                 std::vector<DiscoveryConfig> others = {}) {
    ScrapeConfig config;
    config.job_name = name;
    config.static_configs = std::move(groups);
    config.discoveries = std::move(others);
    return config;
}

Config of(std::vector<ScrapeConfig> jobs) {
    Config config;
    config.scrape_configs = std::move(jobs);
    return config;
}

struct Scene {
    boost::asio::io_context io;
    std::vector<std::string> told;  // of which jobs
    Discovery discovery{io, [this](const std::string& name) { told.push_back(name); }};
    std::string folder = (std::filesystem::temp_directory_path() / "pifleet-XXXXXX").string();

    Scene() { REQUIRE(::mkdtemp(folder.data()) != nullptr); }
    ~Scene() { std::filesystem::remove_all(folder); }

    FileDiscovery files(const std::string& name, Duration interval = 300s) const {
        return {{folder + "/" + name}, interval};
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder + "/" + name) << text;
    }
    std::vector<std::string> addresses(const std::string& of_job) const {
        std::vector<std::string> all;
        for (const auto& group : discovery.groups(of_job))
            for (const auto& labels : group.targets) all.push_back(labels.front().second);
        return all;
    }
    void run(std::chrono::milliseconds time) {
        io.restart();
        io.run_for(time);
    }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("what need not be waited for is there at once, and told to nobody") {
    Scene scene;
    scene.write("a.yml", "- targets: [c:3]\n");
    scene.discovery.apply(
        of({job("one", {{{"a:1"}, {}}, {{"b:2"}, {}}}, {scene.files("*.yml")}), job("two", {})}));
    CHECK(scene.addresses("one") == Names{"a:1", "b:2", "c:3"});
    CHECK(scene.addresses("two").empty());
    scene.run(50ms);
    CHECK(scene.told.empty());
    const auto status = scene.discovery.status();
    REQUIRE(status.size() == 2);
    CHECK(status[0].mechanism == "static");
    CHECK(status[0].targets == 2);
    CHECK(status[1].mechanism == "file");
    CHECK(status[1].refreshes == 1);
}

TEST_CASE("a change is told once, and an answer that is the same is not") {
    Scene scene;
    scene.write("a.yml", "- targets: [a:1]\n");
    scene.discovery.apply(of({job("one", {}, {scene.files("a.yml", 20ms)})}));
    scene.run(200ms);
    CHECK(scene.discovery.status()[0].refreshes > 3);
    CHECK(scene.told.empty());
    scene.write("a.yml", "- targets: [b:2]\n");
    scene.run(300ms);
    CHECK(scene.told == Names{"one"});
    CHECK(scene.addresses("one") == Names{"b:2"});
    // Within the gap changes wait and are told together.
    for (const auto text : {"- targets: [c:3]\n", "- targets: [d:4]\n"}) {
        scene.write("a.yml", text);
        scene.run(200ms);
    }
    CHECK(scene.told.size() == 1);
    scene.run(1200ms);
    CHECK(scene.told == Names{"one", "one"});
    CHECK(scene.addresses("one") == Names{"d:4"});
}

TEST_CASE("a reload keeps what is known, of a file that broke meanwhile too") {
    Scene scene;
    scene.write("a.yml", "- targets: [a:1]\n");
    scene.write("b.yml", "- targets: [b:2]\n");
    scene.discovery.apply(of({job("one", {}, {scene.files("a.yml"), scene.files("b.yml")})}));
    scene.write("a.yml", "{");
    scene.write("b.yml", "{");
    // The first goes on as it is; the second is another provider in the old one's place.
    scene.discovery.apply(
        of({job("one", {}, {scene.files("b.yml", 60s), scene.files("a.yml")}), job("two", {{{"x:1"}, {}}})}));
    CHECK(scene.addresses("one") == Names{"b:2", "a:1"});
    CHECK(scene.addresses("two") == Names{"x:1"});
    const auto status = scene.discovery.status();
    REQUIRE(status.size() == 3);
    CHECK(status[0].failures == 1);
    CHECK(status[0].error.find("b.yml:1:") != std::string::npos);
    CHECK(status[1].failures == 0);
    // What is no longer asked for is gone.
    scene.discovery.apply(of({job("one", {}, {scene.files("none.yml")})}));
    CHECK(scene.addresses("one").empty());
    CHECK(scene.addresses("two").empty());
}
