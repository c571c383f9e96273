#include "exporters/node/collectors/nfs_mounts.hpp"

#include "common/base/text.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using Numbers = NfsMount::Numbers;

constexpr std::size_t operation_size = 8, bytes_size = 8, events_size = 27;
constexpr std::size_t transport_size = 13, after_bind = 2, only_of_tcp = 3;

Result<Numbers> read_numbers(LineReader& lines, std::size_t fewest) {
    Numbers numbers;
    for (auto word = lines.word(); !word.empty(); word = lines.word()) {
        const auto value = to_unsigned(word);
        if (!value) return lines.error("not a line of numbers");
        numbers.push_back(*value);
    }
    if (numbers.size() < fewest) return lines.error("too few numbers");
    return numbers;
}

// "xprt: tcp 832 0 1 ..."; UDP has no connections and so lacks three numbers, older kernels lack the last
// ones.
Result<void> read_transport(LineReader& lines, NfsMount& mount) {
    const auto protocol = lines.word();
    auto numbers = read_numbers(lines, after_bind);
    if (!numbers) return numbers.error();
    if (protocol == "udp") numbers->insert(numbers->begin() + after_bind, only_of_tcp, 0);
    numbers->resize(transport_size);
    if (mount.transports.empty()) mount.protocol = valid_utf8(protocol);
    mount.transports.push_back(std::move(*numbers));
    return {};
}

Result<void> read_operation(LineReader& lines, std::string_view name, NfsMount& mount) {
    if (!name.ends_with(':')) return lines.error("no operation");
    auto numbers = read_numbers(lines, operation_size);
    if (!numbers) return numbers.error();
    name.remove_suffix(1);
    mount.operations.push_back({valid_utf8(name), std::move(*numbers)});
    return {};
}

Result<void> read_into(LineReader& lines, std::size_t fewest, Numbers& out) {
    auto numbers = read_numbers(lines, fewest);
    if (!numbers) return numbers.error();
    out = std::move(*numbers);
    return {};
}

// A line below "device ... with fstype nfs statvers=1.1".
Result<void> read_detail(LineReader& lines, bool& in_operations, NfsMount& mount) {
    const auto key = lines.word();
    if (in_operations) return read_operation(lines, key, mount);
    in_operations = key == "per-op";
    if (key == "bytes:") return read_into(lines, bytes_size, mount.bytes);
    if (key == "events:") return read_into(lines, events_size, mount.events);
    if (key == "xprt:") return read_transport(lines, mount);
    if (key == "age:") {
        const auto seconds = lines.number();
        if (!seconds) return seconds.error();
        mount.age = *seconds;
    }
    return {};
}

}  // namespace

Result<std::vector<NfsMount>> parse_mountstats(const std::string& path, std::string_view text) {
    std::vector<NfsMount> mounts;
    LineReader lines(path, text);
    bool begun = false, of_nfs = false, in_operations = false;
    while (lines.next()) {
        const auto line = lines.line();
        if (line.starts_with("device ")) {
            begun = true;
            in_operations = false;
            of_nfs = line.find(" statvers=") != std::string_view::npos;
            if (!of_nfs) continue;
            auto& mount = mounts.emplace_back();
            lines.word();
            mount.device = valid_utf8(lines.word());
            if (lines.word() != "mounted" || lines.word() != "on")
                return lines.error("not 'device X mounted on Y'");
            mount.point = lines.word();
        } else if (!begun) {
            return lines.error("no 'device X mounted on Y' before it");
        } else if (of_nfs && !trim(line).empty()) {
            if (auto read = read_detail(lines, in_operations, mounts.back()); !read) return read.error();
        }
    }
    return mounts;
}

void add_addresses(std::string_view mountinfo, std::vector<NfsMount>& mounts) {
    while (!mountinfo.empty()) {
        const auto parts = fields(next_line(mountinfo));
        if (parts.size() < 5) continue;
        for (auto& mount : mounts) {
            if (mount.point != parts[4]) continue;
            for (const auto option : split(parts.back(), ','))
                if (option.starts_with("addr=")) mount.address = valid_utf8(option.substr(5));
        }
    }
}

}  // namespace pifleet::node
