#include "exporters/node/exporter.hpp"

#include "common/process/log.hpp"
#include "common/process/run.hpp"
#include "exporters/node/registry.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr process::Flag flags[] = {
    {"path.procfs", FlagKind::text, "/proc", "Where the kernel's proc file system is.", true},
    {"path.sysfs", FlagKind::text, "/sys", "Where the kernel's sys file system is.", true},
    {"path.rootfs", FlagKind::text, "/", "Where the host's root is seen (in a container: /host).", true},
    {"path.udev.data", FlagKind::text, "/run/udev/data", "Where udev keeps what it knows of disks."},
    {"collector.disable-defaults",
     FlagKind::on_off,
     "false",
     "Only the collectors named by --collector.NAME.",
     true},
    {"web.disable-exporter-metrics",
     FlagKind::on_off,
     "false",
     "Leave out the exporter's own process_* metrics."},
};

constexpr Family duration{
    "node_scrape_collector_duration_seconds", Type::gauge, "How long the collector took."};
constexpr Family success{
    "node_scrape_collector_success", Type::gauge, "Whether the collector got what it looked for."};
constexpr Family build{"node_exporter_build_info", Type::gauge, "What this exporter was built from."};

// As Go spells architectures, because dashboards know them so.
#if defined(__x86_64__)
constexpr std::string_view architecture = "amd64";
#elif defined(__aarch64__)
constexpr std::string_view architecture = "arm64";
#elif defined(__arm__)
constexpr std::string_view architecture = "arm";
#elif defined(__i386__)
constexpr std::string_view architecture = "386";
#elif defined(__riscv)
constexpr std::string_view architecture = "riscv64";
#else
constexpr std::string_view architecture = "unknown";
#endif

void add_build_info(metrics::Page& page) {
    const auto& info = process::build_info();
    page.add(build,
             {{"branch", ""},
              {"goarch", architecture},
              {"goos", "linux"},
              {"goversion", info.compiler},
              {"revision", info.revision},
              {"tags", ""},
              {"version", info.version}},
             1);
}

// A folder without slashes at its end, unless it is the root.
std::string folder(const process::CommandLine& given, std::string_view flag) {
    std::string path = given.text(flag);
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

bool is_on(const process::CommandLine& given, const CollectorKind& kind) {
    const auto name = switch_name(kind);
    if (given.on("collector.disable-defaults") && !given.given(name)) return false;
    return given.on(name);
}

bool contains(std::span<const std::string> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::span<const process::Flag> exporter_flags() {
    return flags;
}

Result<std::unique_ptr<Exporter>> Exporter::make(const process::CommandLine& given) {
    std::unique_ptr<Exporter> exporter(new Exporter);
    exporter->host_ = {folder(given, "path.procfs"),
                       folder(given, "path.sysfs"),
                       folder(given, "path.rootfs"),
                       folder(given, "path.udev.data"),
                       &exporter->kept_};
    exporter->own_metrics_ = !given.on("web.disable-exporter-metrics");
    for (const auto* kind : registry()) {
        if (!is_on(given, *kind)) continue;
        auto collector = kind->make(given);
        if (!collector) return collector.error();
        exporter->collectors_.push_back({kind->name, std::move(*collector)});
    }
    return exporter;
}

std::vector<std::string_view> Exporter::names() const {
    std::vector<std::string_view> all;
    for (const auto& enabled : collectors_) all.push_back(enabled.name);
    return all;
}

Result<Selection> Exporter::select(std::span<const std::string> collect,
                                   std::span<const std::string> exclude) const {
    if (!collect.empty() && !exclude.empty())
        return failure("collect[] and exclude[] cannot be used together");
    for (const auto& wanted : collect) {
        const auto named = [&wanted](const auto& thing) { return thing.name == wanted; };
        if (std::any_of(collectors_.begin(), collectors_.end(), named)) continue;
        const auto all = registry();
        const bool exists =
            std::any_of(all.begin(), all.end(), [&](const auto* kind) { return named(*kind); });
        return failure((exists ? "disabled collector: " : "missing collector: ") + wanted);
    }
    Selection selection;
    for (const auto& enabled : collectors_)
        selection.push_back(collect.empty() ? !contains(exclude, enabled.name)
                                            : contains(collect, enabled.name));
    return selection;
}

void Exporter::run(Enabled& enabled) {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = enabled.collector->collect(host_, page_);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    page_.add(duration, {{"collector", enabled.name}}, took.count());
    page_.add(success, {{"collector", enabled.name}}, result ? 1 : 0);
    const bool failing = !result && result.error().kind == Error::Kind::failure;
    if (failing && !enabled.failing)
        log::error("collector failed", {{"collector", enabled.name}, {"err", result.error()}});
    if (!failing && enabled.failing) log::info("collector works again", {{"collector", enabled.name}});
    if (!result && !failing)
        log::debug("collector found nothing", {{"collector", enabled.name}, {"err", result.error()}});
    enabled.failing = failing;
}

std::string Exporter::scrape(const Selection& selection, metrics::Format format) {
    page_.clear();
    kept_.next_scrape();
    add_build_info(page_);
    if (own_metrics_) process::add_process_metrics(page_);
    for (std::size_t i = 0; i < collectors_.size(); ++i)
        if (selection[i]) run(collectors_[i]);
    std::string text;
    page_.write(format, text);
    return text;
}

std::vector<Exporter::Outcome> Exporter::try_each() {
    std::vector<Outcome> all;
    page_.clear();
    kept_.next_scrape();
    for (const auto& enabled : collectors_) {
        const auto before = page_.samples();
        auto result = enabled.collector->collect(host_, page_);
        all.push_back({enabled.name, std::move(result), page_.samples() - before});
    }
    return all;
}

}  // namespace pifleet::node
