// Machines made of files, and what a collector says of them.
#pragma once

#include "common/metrics/page.hpp"
#include "exporters/node/exporter.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node::test {

/// Values by series (labels sorted by name), types by family. Parsing fails the test when the page is not
/// valid, has a series twice or a family's samples apart.
struct PageContent {
    std::map<std::string, double> series;
    std::map<std::string, metrics::Type> types;

    bool has(const std::string& key) const { return series.contains(key); }
    double at(const std::string& key) const;  // NaN when there is none
    std::size_t count(std::string_view prefix) const;
};
PageContent parse(std::string_view page);

/// A folder for proc, sys, root, udev and text files; gone with the object.
class Machine {
  public:
    Machine();
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    void write(const std::string& path, std::string_view text) const;
    void link(const std::string& path, const std::string& target) const;
    std::string path(const std::string& inside) const { return (root_ / inside).string(); }
    Host host() const;

  private:
    std::filesystem::path root_;
};

struct Collected {
    Result<void> result;
    PageContent page;
};

/// A collector with the flags given, kept from scrape to scrape.
class Probe {
  public:
    explicit Probe(std::string_view name, std::vector<const char*> flags = {});
    explicit Probe(std::unique_ptr<Collector> collector) : collector_(std::move(collector)) {}
    Collected operator()(const Host& host);

  private:
    std::unique_ptr<Collector> collector_;
    metrics::Page page_;
};

/// One scrape of a fresh collector.
Collected collect(std::string_view name, const Host& host, std::vector<const char*> flags = {});

/// The exporter's and the collectors' flags as if typed.
process::CommandLine command_line(const std::vector<const char*>& flags);

/// The error of a collector that cannot be made with these flags; empty when it can.
std::string make_error(std::string_view name, std::vector<const char*> flags);

/// An exporter made from a command line.
Result<std::unique_ptr<Exporter>> make_exporter(std::vector<std::string> flags);

}  // namespace pifleet::node::test
