// A /metrics page in the making: samples are added family by family and rendered to text as they come; the
// page is then written out in either format. Kept between scrapes, it allocates nothing once it has seen each
// family.
#pragma once

#include "common/metrics/model.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pifleet::metrics {

enum class Format { text_0_0_4, openmetrics_1_0 };

/// The Content-Type header of a page in this format.
std::string_view content_type(Format format);

/// The format that an Accept header prefers; text 0.0.4 when it names neither or is empty.
Format negotiate(std::string_view accept);

/// Appends the lines HELP (if there is help) and TYPE of a family.
void append_head(Format format, const Family& family, std::string& out);

/// What an OpenMetrics page ends by.
inline constexpr std::string_view openmetrics_end = "# EOF\n";

/// Not thread-safe: one page, one writer.
class Page {
  public:
    Page();
    ~Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    /// Adds a sample. Labels stand in the order given; an empty value is written, as client_golang does.
    void add(const Family& family, Labels labels, double value);
    void add(const Family& family, std::initializer_list<Label> labels, double value) {
        add(family, Labels{labels.begin(), labels.size()}, value);
    }
    void add(const Family& family, double value) { add(family, Labels{}, value); }

    /// Adds a sample of a histogram or summary under the family's name plus `suffix` ("_bucket", "_sum", …).
    void add_part(const Family& family, std::string_view suffix, Labels labels, double value);

    /// Whether the family has samples since clear().
    bool has(std::string_view family) const;

    /// Appends the whole page to `out`: families by name, each with HELP and TYPE, samples as they were
    /// added.
    void write(Format format, std::string& out) const;

    /// Forgets the samples and keeps the room they took, but for families that have not been used for long.
    void clear();

    std::size_t samples() const { return samples_; }
    /// Families that room is kept for, used or not.
    std::size_t families() const { return blocks_.size(); }

  private:
    struct Block;
    Block& block_of(const Family& family);
    std::vector<std::unique_ptr<Block>> blocks_;  // sorted by name
    std::unordered_map<std::string_view, Block*> by_name_;
    Block* last_ = nullptr;
    std::size_t samples_ = 0;
};

}  // namespace pifleet::metrics
