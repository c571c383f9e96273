#include "forwarder/sample_log/cursors.hpp"

#include "forwarder/sample_log/bytes.hpp"
#include "forwarder/sample_log/crc32c.hpp"

#include <array>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view magic = "PIFLTCU1";
constexpr std::array<const char*, 2> names{"cursor.0", "cursor.1"};
constexpr std::size_t most_bytes = 1 << 20;

}  // namespace

// magic, length u32, crc u32 of length and payload, payload: generation, count, then name and number for
// each.
std::string places_bytes(const SavedPlaces& saved) {
    std::string payload;
    put_varint(payload, saved.generation);
    put_varint(payload, saved.places.size());
    for (const auto& [name, place] : saved.places) {
        put_varint(payload, name.size());
        payload += name;
        put_varint(payload, place);
    }
    std::string summed;
    put_fixed(summed, static_cast<std::uint32_t>(payload.size()));
    summed += payload;
    std::string out(magic);
    out.append(summed, 0, 4);
    put_fixed(out, crc32c(summed));
    return out + payload;
}

std::optional<SavedPlaces> read_places(std::string_view bytes) {
    ByteReader head(bytes);
    if (head.take(magic.size()) != magic) return {};
    std::string summed;
    const auto length = head.fixed<std::uint32_t>();
    const auto sum = head.fixed<std::uint32_t>();
    const auto payload = head.take(length);  // behind it may stand what is left of a longer one
    if (!head.good()) return {};
    put_fixed(summed, length);
    summed += payload;
    if (crc32c(summed) != sum) return {};
    ByteReader reader(payload);
    SavedPlaces saved;
    saved.generation = reader.varint();
    const auto count = reader.varint();
    for (std::uint64_t n = 0; n < count && reader.good(); ++n) {
        const auto name = reader.take(reader.varint());
        saved.places[std::string(name)] = reader.varint();
    }
    if (!reader.good()) return {};
    return saved;
}

std::optional<Places> Cursors::load() {
    std::optional<SavedPlaces> best;
    for (int slot = 0; slot < 2; ++slot) {
        const auto file = folder_.open(names[static_cast<std::size_t>(slot)], Folder::Open::read);
        std::string bytes;
        if (!file || !(*file)->read(0, most_bytes, bytes)) continue;
        auto saved = read_places(bytes);
        if (!saved || (best && best->generation >= saved->generation)) continue;
        best = std::move(saved);
        slot_ = 1 - slot;
    }
    if (!best) return {};
    generation_ = best->generation;
    return std::move(best->places);
}

Result<void> Cursors::save(const Places& places) {
    if (!file_) {
        auto file = folder_.open(names[static_cast<std::size_t>(slot_)], Folder::Open::write);
        if (!file) return file.error();
        file_ = std::move(*file);
    }
    dirty_ = true;
    auto written = file_->write(0, places_bytes({++generation_, places}));
    if (!written) file_.reset();  // it may have been removed: the next one opens it anew
    return written;
}

void Cursors::synced(const std::shared_ptr<File>& file) {
    if (!file || file != file_) return;  // a sync may be of segments alone
    named_[static_cast<std::size_t>(slot_)] = true;
    // Whole on the disk, unless something was saved meanwhile: then that waits for the next time.
    if (dirty_) return;
    slot_ = 1 - slot_;
    file_.reset();
}

void Cursors::remove() {
    for (const auto* name : names) static_cast<void>(folder_.remove(name));
    file_.reset();
    dirty_ = false;
    named_ = {};
}

bool Cursors::is_name(std::string_view name) {
    return name == names[0] || name == names[1];
}

}  // namespace pifleet::forwarder
