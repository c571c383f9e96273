// The exporter as a whole, without its sockets: from the options to the kinds that are watched, anew whenever
// the configuration or the shard changes.
#pragma once

#include "exporters/k8s_state/api.hpp"
#include "exporters/k8s_state/custom_watching.hpp"
#include "exporters/k8s_state/options.hpp"
#include "exporters/k8s_state/own_shard.hpp"
#include "exporters/k8s_state/telemetry.hpp"
#include "exporters/k8s_state/watching.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pifleet::k8s {

class Exporter {
  public:
    /// `flags` are what the command line said: the file of --config stands above them.
    Exporter(boost::asio::any_io_executor executor, Options flags, Connect connect);
    ~Exporter();

    /// Reads the files, connects, begins to watch. The error is for the user.
    Result<void> begin();

    /// Looks after the files, the shard and the watches; once a second. What has become unusable changes
    /// nothing and is logged.
    void look();
    /// Reads the files again as if they had changed.
    void reload();

    const Options& options() const { return options_; }
    std::shared_ptr<Api> api() const { return api_; }
    Shard shard() const { return shard_.value_or(Shard{}); }
    const std::vector<FileState>& files() const { return files_; }
    /// Whether the shard is known, without which nothing is watched.
    bool begun() const { return watching_ != nullptr; }
    /// All kinds in the page's order, as they are now.
    std::vector<std::shared_ptr<const Feed>> feeds();
    std::vector<KindStatus> status() const;
    bool ready() const;

  private:
    struct Texts {
        std::optional<std::string> config, custom;
        bool operator==(const Texts&) const = default;
    };
    Result<Texts> read() const;
    Result<void> apply(const Texts& texts);
    Result<void> rebuild(Options options, const Texts& texts);
    Result<void> connect(const Options& options);
    void note_files(const Texts& texts, bool good);
    void begin_watching();

    boost::asio::any_io_executor executor_;
    const Options flags_;
    const Connect connect_;
    Options options_;
    Texts texts_;
    std::vector<FileState> files_;
    std::string read_error_;  // the last one that was logged
    std::shared_ptr<Api> api_;
    std::unique_ptr<OwnShard> own_shard_;
    std::optional<Shard> shard_;
    Plan plan_;
    std::vector<CustomResourceConfig> custom_;
    std::unique_ptr<Watching> watching_;
    std::unique_ptr<CustomWatching> custom_watching_;  // null: no custom resources are asked for
};

}  // namespace pifleet::k8s
