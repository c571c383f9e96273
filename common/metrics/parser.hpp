// Reads a /metrics page as it arrives, in chunks of any size: Prometheus text 0.0.4 and OpenMetrics 1.0.
// No I/O and, for lines that come whole within a chunk, no copy: the handler gets views into the chunk.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/model.hpp"
#include "common/metrics/page.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::metrics {

/// One sample as it stands on the page. Views die when the handler returns.
struct SampleLine {
    std::string_view series;                   // name and labels, the very bytes: node_load1, a{b="c"}
    std::uint64_t value_bits;                  // the double's bits
    std::optional<std::int64_t> timestamp_ms;  // since the epoch, when the line has one
    std::string_view exemplar;                 // what stands behind " # " (OpenMetrics), or empty
};

/// What the parser tells of a page, in the order of the page.
class PageHandler {
  public:
    virtual ~PageHandler() = default;
    /// The series that the next sample line probably has: when the line begins with exactly these bytes it is
    /// not looked at more closely. Empty when there is no guess.
    virtual std::string_view expected() { return {}; }
    /// An error ends the parsing; it is reported with the line's number.
    virtual Result<void> on_sample(const SampleLine& sample) = 0;
    virtual void on_type(std::string_view /*family*/, Type) {}
    virtual void on_help(std::string_view /*family*/, std::string_view /*escaped text*/) {}
    virtual void on_unit(std::string_view /*family*/, std::string_view /*unit*/) {}
};

class PageParser {
  public:
    /// A line over `max_line` bytes is an error, so a page without line ends cannot fill the memory.
    PageParser(Format format, PageHandler& handler, std::size_t max_line = 1 << 20);

    /// Takes the next bytes. After an error every further call returns the same error.
    Result<void> feed(std::string_view chunk);

    /// The page has ended. OpenMetrics: "# EOF" must have come. Text 0.0.4 has no end mark: a last line
    /// without line end is taken, as Prometheus does, when the transport vouches for the end (`framed`: a
    /// Content-Length or chunks); otherwise it is an error, because the page may have been cut.
    Result<void> finish(bool framed = true);

    std::uint64_t lines() const { return line_; }

  private:
    bool line(std::string_view text);
    bool comment(std::string_view text);
    bool sample(std::string_view text);
    bool tail(std::string_view text, std::string_view series);
    bool fail(std::string what);
    Result<void> state() const;

    Format format_;
    PageHandler& handler_;
    std::size_t max_line_;
    std::string carry_;  // the beginning of a line whose end has not come yet
    std::uint64_t line_ = 0;
    bool eof_seen_ = false;
    std::optional<Error> failed_;
};

/// The format a Content-Type header names; nothing when it is neither (HTML, JSON).
/// An empty header counts as text 0.0.4.
std::optional<Format> format_of(std::string_view content_type);

/// A label of a series with its value unescaped.
struct OwnedLabel {
    std::string name;
    std::string value;
    friend bool operator==(const OwnedLabel&, const OwnedLabel&) = default;
};

/// Takes a series as it stands on a page apart: `__name__` first, then the labels in the page's order. Quoted
/// names
/// ({"my.name",a="b"}) are understood. Errors: bad names, bad escapes, a label twice, a name missing.
Result<std::vector<OwnedLabel>> parse_series(std::string_view series);

/// A Prometheus value: decimal or hexadecimal, NaN, [+-]Inf in any case.
std::optional<std::uint64_t> parse_value(std::string_view text);

}  // namespace pifleet::metrics
