// Where each reader is, by name, kept beside the segments: in two files of which one is always whole. The one
// that was synced last is left alone until the other has been synced, so neither a crash nor a power cut
// takes both.
#pragma once

#include "forwarder/sample_log/folder.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// By the reader's name: the number of the next sample that it is owed.
using Places = std::map<std::string, std::uint64_t>;

struct SavedPlaces {
    std::uint64_t generation = 0;
    Places places;
};
std::string places_bytes(const SavedPlaces& saved);
std::optional<SavedPlaces> read_places(std::string_view bytes);

class Cursors {
  public:
    explicit Cursors(Folder& folder) : folder_(folder) {}

    /// What was saved last; nothing when there is no sound file.
    std::optional<Places> load();
    Result<void> save(const Places& places);
    /// The file to be synced, if something was saved since the last time; then synced(it).
    std::shared_ptr<File> unsynced() const { return dirty_ ? file_ : nullptr; }
    /// That file's name may be new: the folder must be synced as well.
    bool unsynced_name() const { return dirty_ && !named_[static_cast<std::size_t>(slot_)]; }
    void begin_sync() { dirty_ = false; }
    void synced(const std::shared_ptr<File>& file);
    void remove();

    static bool is_name(std::string_view name);

  private:
    Folder& folder_;
    int slot_ = 0;                 // that the next save goes to
    std::array<bool, 2> named_{};  // by slot: its name is on the disk for good
    std::shared_ptr<File> file_;
    std::uint64_t generation_ = 0;
    bool dirty_ = false;
};

}  // namespace pifleet::forwarder
