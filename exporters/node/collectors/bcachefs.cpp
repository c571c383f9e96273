// bcachefs file systems: /sys/fs/bcachefs/UUID. Its files say amounts for people ("1.5G", of 1024 bytes), so
// the series are as coarse as that.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <cmath>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Label;
using metrics::Type;

constexpr Family info{"node_bcachefs_info", Type::gauge, "The file system."};
constexpr Family cache_size{
    "node_bcachefs_btree_cache_size_bytes", Type::gauge, "Memory that caches the btree."};
constexpr Family compressed{"node_bcachefs_compression_compressed_bytes",
                            Type::gauge,
                            "Compressed data as it is stored, by algorithm."};
constexpr Family uncompressed{"node_bcachefs_compression_uncompressed_bytes",
                              Type::gauge,
                              "Compressed data as it was before, by algorithm."};
constexpr Family errors{"node_bcachefs_errors_total", Type::counter, "Errors found, by kind."};
constexpr Family writes{
    "node_bcachefs_btree_writes_total", Type::counter, "Writes of the btree, by occasion."};
constexpr Family write_size{"node_bcachefs_btree_write_average_size_bytes",
                            Type::gauge,
                            "Average size of writes of the btree, by occasion."};
constexpr Family device_info{"node_bcachefs_device_info", Type::gauge, "A device, its label and state."};
constexpr Family bucket_size{"node_bcachefs_device_bucket_size_bytes", Type::gauge, "Size of a bucket."};
constexpr Family buckets{"node_bcachefs_device_buckets", Type::gauge, "Buckets of a device."};
constexpr Family durability{
    "node_bcachefs_device_durability", Type::gauge, "For how many copies one on this device counts."};
constexpr Family io_done{
    "node_bcachefs_device_io_done_bytes_total", Type::counter, "Bytes read and written, by what they were."};
constexpr Family io_errors{
    "node_bcachefs_device_io_errors_total", Type::counter, "Reads, writes and checksums that failed."};

// "542k", "1.5G", "405".
Result<double> parse_amount(const std::string& path, std::string_view text) {
    constexpr std::string_view units = "kMGTPE";
    const auto word = trim(text);
    auto digits = word;
    const auto power = word.empty() ? std::string_view::npos : units.find(word.back());
    if (power != std::string_view::npos) digits.remove_suffix(1);
    const auto value = to_double(digits);
    if (!value || !std::isfinite(*value) || *value < 0) return not_a_number(path, word);
    const auto unit = power == std::string_view::npos ? 0 : 10 * (static_cast<int>(power) + 1);
    return std::trunc(std::ldexp(*value, unit));
}

// A file that kernels may lack; nothing then.
Result<std::string> text_if_any(const Host& host, const std::string& path) {
    const auto text = read_kept_line(host, path);
    if (text) return *text;
    if (text.error().kind == Error::Kind::absent) return std::string();
    return text.error();
}

Result<void> add_amount(const Host& host,
                        const std::string& path,
                        const Family& family,
                        metrics::Labels labels,
                        metrics::Page& page) {
    const auto text = text_if_any(host, path);
    if (!text) return text.error();
    if (text->empty()) return {};
    const auto value = parse_amount(path, *text);
    if (!value) return value.error();
    page.add(family, labels, *value);
    return {};
}

std::string_view without_colon(std::string_view word) {
    return word.ends_with(':') ? word.substr(0, word.size() - 1) : word;
}

// Under a line of titles: "lz4:  1.2G  2.5G  64k".
Result<void> add_table(const Host& host,
                       const std::string& path,
                       std::string_view label,
                       const Family& first,
                       const Family& second,
                       const Label& uuid,
                       metrics::Page& page) {
    const auto text = text_if_any(host, path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    lines.next();
    while (lines.next()) {
        const auto name = valid_utf8(without_colon(lines.word()));
        const auto one = parse_amount(path, lines.word());
        if (!one) return one.error();
        const auto two = parse_amount(path, lines.word());
        if (!two) return two.error();
        const Label labels[] = {{label, name}, uuid};
        page.add(first, labels, *one);
        page.add(second, labels, *two);
    }
    return {};
}

// "btree_node_read_err  5  1700000000": how often, and when last.
Result<void> add_errors(const Host& host, const std::string& path, const Label& uuid, metrics::Page& page) {
    const auto text = text_if_any(host, path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    while (lines.next()) {
        const auto kind = valid_utf8(lines.word());
        if (kind.empty()) continue;
        const auto count = lines.number();
        if (!count) return count.error();
        page.add(errors, {{"error_type", kind}, uuid}, static_cast<double>(*count));
    }
    return {};
}

// Blocks "read:" and "write:" of lines "btree : 4411097088".
Result<void> add_io_done(
    const Host& host, const std::string& path, const Label& uuid, const Label& device, metrics::Page& page) {
    const auto text = text_if_any(host, path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    std::string_view operation;
    while (lines.next()) {
        const auto line = trim(lines.line());
        if (line == "read:" || line == "write:") {
            operation = without_colon(line);
            continue;
        }
        const auto colon = line.find(':');
        if (operation.empty() || colon == std::string_view::npos) continue;
        const auto type = valid_utf8(trim(line.substr(0, colon)));
        const auto value = to_unsigned(trim(line.substr(colon + 1)));
        if (!value) return not_a_number(path, line);
        page.add(io_done,
                 {{"data_type", type}, device, {"operation", operation}, uuid},
                 static_cast<double>(*value));
    }
    return {};
}

// "IO errors since filesystem creation" and lines "  read: 197346"; then the same since the last reset.
Result<void> add_io_errors(
    const Host& host, const std::string& path, const Label& uuid, const Label& device, metrics::Page& page) {
    const auto text = text_if_any(host, path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    bool since_creation = false;
    while (lines.next()) {
        const auto line = trim(lines.line());
        if (line.starts_with("IO errors since ")) {
            if (since_creation) break;
            since_creation = line.starts_with("IO errors since filesystem creation");
            continue;
        }
        const auto colon = line.find(':');
        if (!since_creation || colon == std::string_view::npos) continue;
        const auto type = valid_utf8(trim(line.substr(0, colon)));
        const auto value = to_unsigned(trim(line.substr(colon + 1)));
        if (!value) return not_a_number(path, line);
        page.add(io_errors, {device, {"type", type}, uuid}, static_cast<double>(*value));
    }
    return {};
}

Result<void> add_device(const Host& host,
                        const std::string& folder,
                        std::string_view name,
                        const Label& uuid,
                        metrics::Page& page) {
    const Label device{"device", name};
    const Label labels[] = {device, uuid};
    const auto label = valid_utf8(line_if_any(host, folder + "/label"));
    const auto state = valid_utf8(line_if_any(host, folder + "/state"));
    page.add(device_info, {device, {"label", label}, {"state", state}, uuid}, 1);
    auto result = add_amount(host, folder + "/bucket_size", bucket_size, labels, page);
    note(result, add_amount(host, folder + "/nbuckets", buckets, labels, page));
    note(result, add_amount(host, folder + "/durability", durability, labels, page));
    note(result, add_io_done(host, folder + "/io_done", uuid, device, page));
    note(result, add_io_errors(host, folder + "/io_errors", uuid, device, page));
    return result;
}

class Bcachefs final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("fs/bcachefs");
        const auto names = list_folder(root);
        if (!names) return names.error();
        if (names->empty()) return absent(root + " has no file system");
        Result<void> result;
        for (const auto& name : *names)
            note(result, add_file_system(host, root + "/" + name, valid_utf8(name), page));
        return result;
    }

    Result<void> add_file_system(const Host& host,
                                 const std::string& folder,
                                 const std::string& name,
                                 metrics::Page& page) {
        const auto entries = list_folder(folder);
        if (!entries) return entries.error();
        const Label uuid{"uuid", name};
        page.add(info, {&uuid, 1}, 1);
        auto result = add_amount(host, folder + "/btree_cache_size", cache_size, {&uuid, 1}, page);
        note(result,
             add_table(
                 host, folder + "/compression_stats", "algorithm", compressed, uncompressed, uuid, page));
        note(result, add_table(host, folder + "/btree_write_stats", "type", writes, write_size, uuid, page));
        note(result, add_errors(host, folder + "/errors", uuid, page));
        note(result, add_counters(host, folder + "/counters", uuid, page));
        for (const auto& entry : *entries)
            if (entry.starts_with("dev-"))
                note(result, add_device(host, folder + "/" + entry, valid_utf8(entry.substr(4)), uuid, page));
        return result;
    }

    // Each file is a counter of its own: "since mount: 12k" and "since filesystem creation: 67.9k".
    Result<void> add_counters(const Host& host,
                              const std::string& folder,
                              const Label& uuid,
                              metrics::Page& page) {
        constexpr std::string_view creation = "since filesystem creation:";
        const auto names = list_folder(folder);
        if (!names) return names.error().kind == Error::Kind::absent ? Result<void>() : names.error();
        Result<void> result;
        for (const auto& name : *names) {
            const auto path = folder + "/" + name;
            const auto text = text_if_any(host, path);
            if (!text) {
                note(result, text.error());
                continue;
            }
            const auto at = text->find(creation);
            if (at == std::string::npos) {
                note(result, failure(path + " has nothing " + std::string(creation)));
                continue;
            }
            auto rest = std::string_view(*text).substr(at + creation.size());
            const auto value = parse_amount(path, next_line(rest));
            const auto& field = counters_[name + "_total"];
            if (!value)
                note(result, value.error());
            else if (field.valid)
                page.add(field.family, {&uuid, 1}, *value);
        }
        return result;
    }

    FieldMetrics counters_{"node_bcachefs_", Type::counter, "Since the file system was made: "};
};

}  // namespace

extern const CollectorKind bcachefs_kind;
constinit const CollectorKind bcachefs_kind{
    "bcachefs", true, "bcachefs file systems", {}, make_collector<Bcachefs>};

}  // namespace pifleet::node
