// The encoder of all systems of json_systems.cpp.
#pragma once

#include "forwarder/backends/encoder.hpp"
#include "forwarder/backends/json_system.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

class JsonEncoder final : public Encoder {
  public:
    /// `system` must outlive it. A $word that nobody knows is a bug of the row: std::logic_error.
    explicit JsonEncoder(const JsonSystem& system);

    std::string_view content_type() const override { return system_.content_type; }
    const NameRules* names() const override { return system_.names; }
    std::optional<Deltas> counters() const override;
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SentSeries& series) const override;
    void encode(std::span<const Sample> samples, const SentSeries& series, std::string& out) const override;
    Verdict judge(const http::Response& answer,
                  std::size_t samples,
                  std::chrono::system_clock::time_point now) const override;

  private:
    enum class Word {
        none,
        name,
        key,
        value,
        ms,
        seconds,
        decimal,
        since,
        interval_ms,
        interval_s,
        labels,
        more,
        tags,
        labels_text,
        id
    };
    struct Piece {
        std::string_view before;  // as it is
        Word word;
    };
    struct SeriesTexts {
        std::string name, labels, more, tags, labels_text;
        std::uint64_t hash = 0;
    };
    using Pieces = std::vector<Piece>;
    static Pieces pieces_of(std::string_view text);
    static bool has(const Pieces& pieces, Word word);
    void read(SeriesId id, const SentSeries& series, const Pieces& pieces, SeriesTexts& texts) const;
    static void write(const Pieces& pieces,
                      const SeriesTexts& texts,
                      const Sample& sample,
                      std::int64_t since_ms,
                      std::string& out);

    const JsonSystem& system_;
    Pieces sample_, counter_;
};

}  // namespace pifleet::forwarder
