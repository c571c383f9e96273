// Scalars of a configuration: text, numbers, switches, durations, sizes, secrets. Each says what it expected.
#pragma once

#include "common/base/result.hpp"
#include "common/config/tree.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::config {

using Duration = std::chrono::milliseconds;

/// Prometheus's durations: "1h30m", "15s", "500ms", "0"; units y w d h m s ms, each once, largest first.
Result<Duration> parse_duration(std::string_view text);
/// The same back: 90000 ms is "1m30s".
std::string duration_text(Duration duration);

/// Prometheus's sizes: "512KB", "10MB", "1GiB", "0"; powers of 1024 as there. Without unit: bytes.
struct Bytes {
    std::uint64_t count = 0;
    friend bool operator==(Bytes, Bytes) = default;
};
Result<Bytes> parse_bytes(std::string_view text);

/// A secret: given in the file itself or as the name of a file that holds it. Never logged or shown: it has
/// no stream operator and its text is only given by reveal().
class Secret {
  public:
    Secret() = default;
    static Secret of_text(std::string text);
    static Secret of_file(std::string path);
    bool given() const { return !text_.empty() || !file_.empty(); }
    const std::string& file() const { return file_; }
    /// Reads the file each time, so that a changed key is used without a restart; blanks around it are cut.
    Result<std::string> reveal() const;
    friend bool operator==(const Secret&, const Secret&) = default;

  private:
    std::string text_;
    std::string file_;
};

void decode(const Node& node, std::string& into, Faults& faults);
void decode(const Node& node, bool& into, Faults& faults);
void decode(const Node& node, std::int64_t& into, Faults& faults);
void decode(const Node& node, double& into, Faults& faults);
void decode(const Node& node, Duration& into, Faults& faults);
void decode(const Node& node, Bytes& into, Faults& faults);
void decode(const Node& node, Secret& into, Faults& faults);  // the text itself; *_file keys use of_file
/// Name and text pairs in the file's order: labels, headers.
void decode(const Node& node, std::vector<std::pair<std::string, std::string>>& into, Faults& faults);

}  // namespace pifleet::config
