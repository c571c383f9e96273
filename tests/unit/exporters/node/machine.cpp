#include "tests/unit/exporters/node/machine.hpp"

#include "common/metrics/parser.hpp"
#include "exporters/node/registry.hpp"
#include "tests/catch.hpp"

#include <stdlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>

namespace pifleet::node::test {

namespace fs = std::filesystem;

namespace {

struct Reader : metrics::PageHandler {
    Result<void> on_sample(const metrics::SampleLine& line) override {
        auto labels = metrics::parse_series(line.series);
        if (!labels) return labels.error();
        std::string key = labels->front().value;
        std::sort(
            labels->begin() + 1, labels->end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        for (std::size_t i = 1; i < labels->size(); ++i)
            key += (i == 1 ? "{" : ",") + (*labels)[i].name + "=\"" + (*labels)[i].value + "\"";
        if (labels->size() > 1) key += "}";
        if (!content.series.emplace(key, std::bit_cast<double>(line.value_bits)).second)
            return failure("twice: " + key);
        return {};
    }
    void on_type(std::string_view family, metrics::Type type) override {
        CHECK(content.types.emplace(family, type).second);
    }
    PageContent content;
};

const CollectorKind& kind_of(std::string_view name) {
    for (const auto* kind : registry())
        if (kind->name == name) return *kind;
    FAIL("no collector " << name);
    throw;
}

}  // namespace

process::CommandLine command_line(const std::vector<const char*>& flags) {
    process::CommandLine line({"test", "", "", ""});
    line.declare(exporter_flags());
    declare_collector_flags(line);
    REQUIRE_FALSE(line.parse(flags));
    return line;
}

double PageContent::at(const std::string& key) const {
    const auto found = series.find(key);
    return found == series.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

std::size_t PageContent::count(std::string_view prefix) const {
    return static_cast<std::size_t>(std::count_if(series.begin(), series.end(), [prefix](const auto& entry) {
        return entry.first.starts_with(prefix);
    }));
}

PageContent parse(std::string_view page) {
    Reader reader;
    metrics::PageParser parser(metrics::Format::text_0_0_4, reader);
    const auto fed = parser.feed(page);
    INFO((fed ? std::string() : fed.error().message));
    CHECK(fed.has_value());
    CHECK(parser.finish().has_value());
    return std::move(reader.content);
}

Machine::Machine() {
    char name[] = "/tmp/pifleet-machine-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    root_ = name;
    for (const auto* folder : {"proc", "sys", "root", "udev"}) fs::create_directories(root_ / folder);
}

Machine::~Machine() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

void Machine::write(const std::string& path, std::string_view text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
}

void Machine::link(const std::string& path, const std::string& target) const {
    fs::create_directories((root_ / path).parent_path());
    fs::create_symlink(target, root_ / path);
}

Host Machine::host() const {
    return {path("proc"), path("sys"), path("root"), path("udev")};
}

Probe::Probe(std::string_view name, std::vector<const char*> flags) {
    auto made = kind_of(name).make(command_line(flags));
    REQUIRE(made.has_value());
    collector_ = std::move(*made);
}

Collected Probe::operator()(const Host& host) {
    page_.clear();
    auto result = collector_->collect(host, page_);
    std::string text;
    page_.write(metrics::Format::text_0_0_4, text);
    return {std::move(result), parse(text)};
}

Collected collect(std::string_view name, const Host& host, std::vector<const char*> flags) {
    return Probe(name, std::move(flags))(host);
}

std::string make_error(std::string_view name, std::vector<const char*> flags) {
    const auto made = kind_of(name).make(command_line(flags));
    return made ? std::string() : made.error().message;
}

Result<std::unique_ptr<Exporter>> make_exporter(std::vector<std::string> flags) {
    std::vector<const char*> words;
    for (const auto& flag : flags) words.push_back(flag.c_str());
    return Exporter::make(command_line(words));
}

}  // namespace pifleet::node::test
