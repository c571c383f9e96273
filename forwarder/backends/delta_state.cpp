#include "forwarder/backends/delta_state.hpp"

#include "common/base/files.hpp"
#include "common/process/log.hpp"
#include "forwarder/sample_log/bytes.hpp"
#include "forwarder/sample_log/crc32c.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view magic = "PFDELTA1";
constexpr std::size_t entry_bytes = 32, most_bytes = 64 * 1024 * 1024;

Error failed(const std::string& what, const std::string& file) {
    return failure("cannot " + what + " " + file + ": " + std::generic_category().message(errno));
}

Result<void> write_whole(const std::string& file, std::string_view bytes) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return failed("open", file);
    Result<void> done;
    while (!bytes.empty() && done) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) done = failed("write", file);
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (done && ::fsync(fd) != 0) done = failed("write", file);
    ::close(fd);
    return done;
}

}  // namespace

std::uint64_t stable_hash(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

std::uint64_t labels_hash(const SeriesTable& series, SeriesId id) {
    std::string stored;
    series.append_stored(stored, id);
    return stable_hash(stored);
}

std::string delta_state_bytes(Cursor place, std::span<const DeltaEntry> entries) {
    std::string out(magic);
    put_fixed(out, place.sample);
    put_fixed(out, std::uint64_t{entries.size()});
    for (const auto& entry : entries) {
        put_fixed(out, entry.labels_hash);
        put_fixed(out, std::bit_cast<std::uint64_t>(entry.value));
        put_fixed(out, static_cast<std::uint64_t>(entry.time_ms));
        put_fixed(out, static_cast<std::uint64_t>(entry.start_ms));
    }
    put_fixed(out, crc32c(out));
    return out;
}

std::vector<DeltaEntry> read_delta_state(std::string_view bytes, Cursor place) {
    ByteReader reader(bytes);
    if (reader.take(magic.size()) != magic) return {};
    const auto at = reader.fixed<std::uint64_t>();
    const auto count = reader.fixed<std::uint64_t>();
    if (!reader.good() || at != place.sample) return {};
    if (reader.rest().size() < 4 || count != (reader.rest().size() - 4) / entry_bytes) return {};
    std::vector<DeltaEntry> entries;
    for (std::uint64_t n = 0; n < count; ++n) {
        DeltaEntry entry;
        entry.labels_hash = reader.fixed<std::uint64_t>();
        entry.value = std::bit_cast<double>(reader.fixed<std::uint64_t>());
        entry.time_ms = static_cast<std::int64_t>(reader.fixed<std::uint64_t>());
        entry.start_ms = static_cast<std::int64_t>(reader.fixed<std::uint64_t>());
        entries.push_back(entry);
    }
    const auto summed = bytes.substr(0, bytes.size() - reader.rest().size());
    const bool whole = reader.fixed<std::uint32_t>() == crc32c(summed) && reader.rest().empty();
    return whole && reader.good() ? entries : std::vector<DeltaEntry>{};
}

Result<void> save_delta_state(const std::string& file, Cursor place, std::span<const DeltaEntry> entries) {
    const auto fresh = file + ".new";
    auto written = write_whole(fresh, delta_state_bytes(place, entries));
    if (!written) return written;
    if (std::rename(fresh.c_str(), file.c_str()) != 0) return failed("rename", fresh);
    return {};
}

std::vector<DeltaEntry> take_delta_state(const std::string& file, Cursor place) {
    const auto bytes = read_file(file, most_bytes);
    if (!bytes) {
        if (bytes.error().kind != Error::Kind::absent)
            log::warn("what counters stood at cannot be read", {{"error", bytes.error().message}});
        return {};
    }
    ::unlink(file.c_str());
    return read_delta_state(*bytes, place);
}

}  // namespace pifleet::forwarder
