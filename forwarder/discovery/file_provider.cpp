// file_sd_configs: lists of targets in files. A change is noticed by inotify on the folders: files are
// replaced by renaming, Kubernetes swaps a link (..data) that the files are reached through.
#include "common/base/files.hpp"
#include "common/base/glob.hpp"
#include "common/base/text.hpp"
#include "forwarder/discovery/folder_watch.hpp"
#include "forwarder/discovery/provider.hpp"
#include "forwarder/discovery/target_list.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <set>

namespace pifleet::forwarder {

namespace {

// Where a change of the files that a pattern names can show: its folder, and where links lead from there.
void add_folders(const std::string& folder,
                 const std::vector<std::string>& files,
                 std::set<std::string>& into) {
    into.insert(folder);
    char target[PATH_MAX];
    if (::readlink(folder.c_str(), target, sizeof target) > 0) into.insert(folder_of(folder));
    for (const auto& file : files)
        if (::realpath(file.c_str(), target) != nullptr) into.insert(folder_of(target));
}

Result<std::vector<Pairs>> read_targets(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode))
        return failure(path + " is no regular file");  // a pipe would hold up everything
    const auto text = read_file(path, most_list_bytes);
    if (!text) return text.error();
    // A writer that empties a file before it fills it, or finds the disk full, does not mean "no targets".
    if (text->empty()) return failure(path + " is empty; a list without targets is written []");
    const bool json = lower(path).ends_with(".json");
    const auto groups = read_target_list(*text, json ? ListFormat::json : ListFormat::yaml, path);
    if (!groups) return groups.error();
    auto sets = label_sets(*groups, {{"__meta_filepath", path}});
    if (!sets) return failure(path + ": " + sets.error().message);
    return sets;
}

class FileProvider final : public Provider {
  public:
    FileProvider(const FileDiscovery& config, const ProviderSurroundings& around)
        : config_(config), watch_(std::make_shared<FolderWatch>(around.executor, around.changed)) {}

    std::string_view mechanism() const override { return "file"; }
    Duration interval() const override { return config_.refresh_interval; }
    void stop() override { watch_->stop(); }

    void refresh(Done done) override {
        std::set<std::string> files, folders;
        for (const auto& pattern : config_.files) {
            const auto matching = matching_files(pattern);
            files.insert(matching.begin(), matching.end());
            add_folders(folder_of(pattern), matching, folders);
        }
        watch_->watch(folders);  // before the reading: what changes meanwhile is seen again
        std::vector<Finding> found;
        for (const auto& file : files) {
            auto targets = read_targets(file);
            const bool gone = !targets && targets.error().kind == Error::Kind::absent;
            if (!gone) found.push_back({file, std::move(targets)});
        }
        done(std::move(found));
    }

  private:
    FileDiscovery config_;
    std::shared_ptr<FolderWatch> watch_;
};

}  // namespace

std::shared_ptr<Provider> make_provider(const FileDiscovery& config, const ProviderSurroundings& around) {
    return std::make_shared<FileProvider>(config, around);
}

}  // namespace pifleet::forwarder
