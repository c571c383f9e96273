#include "forwarder/config/config.hpp"
#include "tests/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::string job(const std::string& keys) {
    return "scrape_configs:\n- job_name: j\n  " + keys + "\n";
}

std::string faults_of(const std::string& keys) {
    config::Faults faults("/etc/f/f.yml");
    const auto config = parse_config(job(keys), faults);
    CHECK(config.has_value() == faults.empty());
    return faults.text();
}

std::vector<DiscoveryConfig> discoveries(const std::string& keys) {
    config::Faults faults("/etc/f/f.yml");
    const auto config = parse_config(job(keys), faults);
    INFO(faults.text());
    REQUIRE(config);
    return config->scrape_configs[0].discoveries;
}

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "pifleet-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(path / name) << text;
        return (path / name).string();
    }
};

}  // namespace

TEST_CASE("files of targets stand below the configuration's folder") {
    const auto found = discoveries(
        "file_sd_configs: [{files: [a.yml, ./t/*.json, /x/y.yaml]}, {files: [b.yml], refresh_interval: 1m}]");
    REQUIRE(found.size() == 2);
    CHECK(std::get<FileDiscovery>(found[0]) ==
          FileDiscovery{{"/etc/f/a.yml", "/etc/f/t/*.json", "/x/y.yaml"}, Duration(300'000)});
    CHECK(std::get<FileDiscovery>(found[1]).refresh_interval == Duration(60'000));
    CHECK(faults_of("file_sd_configs: [{}]")
              .starts_with("/etc/f/f.yml:3:21: this file_sd_config has no files"));
    for (const auto bad : {"a.txt", "*/a.yml", "a*b*.yml", "yml"})
        CHECK(faults_of("file_sd_configs: [{files: [" + std::string(bad) + "]}]")
                  .starts_with("/etc/f/f.yml:3:30: "));
}

TEST_CASE("a URL of targets takes what scraping takes") {
    const auto found = discoveries(
        "http_sd_configs: [{url: 'https://u:p@h/x?y=z', tls_config: {insecure_skip_verify: true}}]");
    const auto& http = std::get<HttpDiscovery>(found.at(0));
    CHECK(http.url_text == "https://u:p@h/x?y=z");
    CHECK(http.url.target == "/x?y=z");
    CHECK(http.refresh_interval == Duration(60'000));
    CHECK(http.http.tls.insecure_skip_verify);
    CHECK(http.http.authorization.kind == Authorization::Kind::basic);
    CHECK(faults_of("http_sd_configs: [{}]").find("has no url") != std::string::npos);
    CHECK(faults_of("http_sd_configs: [{url: 'ftp://h'}]").starts_with("/etc/f/f.yml:3:27: "));
    CHECK(faults_of("http_sd_configs: [{url: 'http://h', refresh_interval: 0s}]").find("longer than 0") !=
          std::string::npos);
}

TEST_CASE("names of targets need a port, unless their records have one") {
    const auto found = discoveries("dns_sd_configs: [{names: [a, b]}, {names: [c], type: aaaa, port: 9100}]");
    CHECK(std::get<DnsDiscovery>(found.at(0)).type == DnsDiscovery::Type::srv);
    const auto& addresses = std::get<DnsDiscovery>(found.at(1));
    CHECK(addresses.type == DnsDiscovery::Type::aaaa);
    CHECK(addresses.port == 9100);
    CHECK(addresses.refresh_interval == Duration(30'000));
    CHECK(faults_of("dns_sd_configs: [{type: A, port: 1}]").find("has no names") != std::string::npos);
    CHECK(faults_of("dns_sd_configs: [{names: [a], type: A}]").find("needs a port") != std::string::npos);
    CHECK(faults_of("dns_sd_configs: [{names: [a], type: TXT}]").find("expected SRV") != std::string::npos);
    CHECK(faults_of("dns_sd_configs: [{names: [a], type: A, port: 70000}]").find("1 to 65535") !=
          std::string::npos);
}

TEST_CASE("scrape_config_files add jobs, and their faults name their file") {
    const Folder folder;
    const auto main = folder.file("main.yml",
                                  "global: {scrape_interval: 7s}\nscrape_config_files: ['more-*.yml']\n"
                                  "scrape_configs: [{job_name: a}]\n");
    CHECK(load_config(main).value().scrape_configs.size() == 1);
    folder.file("more-1.yml", "scrape_configs:\n- job_name: b\n  file_sd_configs: [{files: [x.yml]}]\n");
    folder.file("more-2.yml", "");
    const auto config = load_config(main).value();
    REQUIRE(config.scrape_configs.size() == 2);
    CHECK(config.scrape_configs[1].interval == Duration(7000));
    CHECK(std::get<FileDiscovery>(config.scrape_configs[1].discoveries.at(0)).files.at(0) ==
          (folder.path / "x.yml").string());

    const auto bad = folder.file("more-3.yml", "scrape_configs:\n- job_name: a\n- job_nam: c\n");
    const auto worse = folder.file("more-4.yml", "global: {}\n");
    const auto said = load_config(main).error().message;
    CHECK(said.find(bad + ":2:13: the name 'a' is taken by a job in " + main) != std::string::npos);
    CHECK(said.find(bad + ":3:3: ") != std::string::npos);
    CHECK(said.find(worse + ":1:1: ") != std::string::npos);
}
