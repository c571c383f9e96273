#include "forwarder/backends/write_request_v2.hpp"

#include "common/base/index_table.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

using wire::Tail;

namespace {

constexpr unsigned symbols_field = 4, series_field = 5, refs_field = 1, metadata_field = 5;

// The texts of a request, each once, by number. The views must outlive it.
class Symbols {
  public:
    Symbols() { ref({}); }  // number 0 is the empty text: what a reference that is left out means

    std::uint32_t ref(std::string_view text) {
        const auto hash = hash_bytes(text);
        auto number = index_.find(hash, [&](std::uint32_t n) { return texts_[n] == text; });
        if (number == IndexTable::none) {
            number = static_cast<std::uint32_t>(texts_.size());
            texts_.push_back(text);
            index_.insert(hash, number, [this](std::uint32_t n) { return hash_bytes(texts_[n]); });
        }
        return number;
    }

    void append(std::string& out) const {
        Tail tail(out);
        char* at = out.data() + tail.used();
        for (const auto text : texts_)
            at = wire::put_text(tail.room(at, text.size() + wire::most_head), symbols_field, text);
        tail.use(at);
    }

  private:
    std::vector<std::string_view> texts_;
    IndexTable index_;
};

class Writer {
  public:
    Writer(const MetadataTable& metadata, std::string& out) : metadata_(metadata), tail_(out) {}

    void add(LabelReader labels, const OwnedLabels& external, std::span<const Sample* const> samples) {
        count_ = 0;
        std::string_view name;
        for_each_label(labels, external, [&](const metrics::Label& label) {
            if (label.name == "__name__") name = label.value;
            add_text(label.name);
            add_text(label.value);
        });
        char* at = put_refs(tail_.open());
        at = tail_.room(at, samples.size() * most_sample + most_metadata);
        for (const auto* sample : samples) at = put_sample(at, *sample);
        tail_.close(series_field, put_metadata(at, name));
    }

    const Symbols& symbols() const { return symbols_; }

  private:
    static constexpr std::size_t most_metadata = 2 + 3 * wire::most_head;

    struct Text {
        std::string_view text;
        std::uint32_t ref;
    };
    std::span<const Text> texts() const { return std::span(row_).first(count_); }

    // Neighbours on a page have most of their labels in common, at the same places: no need to look those up.
    void add_text(std::string_view text) {
        if (count_ == row_.size()) row_.push_back({{}, 0});
        auto& at = row_[count_++];
        if (at.text != text) at = {text, symbols_.ref(text)};
    }

    char* put_refs(char* at) {
        std::size_t size = 0;
        for (const auto& text : texts()) size += wire::varint_size(text.ref);
        at = tail_.room(at, size + wire::most_head);
        *at++ = wire::length_key(refs_field);
        at = wire::put_varint(at, size);
        for (const auto& text : texts()) at = wire::put_varint(at, text.ref);
        return at;
    }

    char* put_metadata(char* at, std::string_view name) {
        if (name != name_) look_up(name);  // the series of a family mostly stand together
        const auto size = wire::number_size(type_) + wire::number_size(help_) + wire::number_size(unit_);
        if (size == 0) return at;
        *at++ = wire::length_key(metadata_field);
        *at++ = static_cast<char>(size);
        at = wire::put_number(at, 1, type_);
        at = wire::put_number(at, 3, help_);
        return wire::put_number(at, 4, unit_);
    }

    void look_up(std::string_view name) {
        name_ = name;
        const auto* family = metadata_.of_series(name);
        type_ = family == nullptr ? 0 : metadata_type(family->type);
        help_ = family == nullptr ? 0 : symbols_.ref(family->help);
        unit_ = family == nullptr ? 0 : symbols_.ref(family->unit);
    }

    const MetadataTable& metadata_;
    Tail tail_;
    Symbols symbols_;
    std::vector<Text> row_;  // of the last series, or a longer one before it
    std::size_t count_ = 0;  // how many of them are the last one's
    std::string_view name_;  // whose metadata these are
    std::uint32_t type_ = 0, help_ = 0, unit_ = 0;
};

}  // namespace

void append_write_request_v2(std::span<const Sample> samples,
                             const SeriesTable& series,
                             const MetadataTable& metadata,
                             const OwnedLabels& external,
                             std::string& out,
                             const WriteRelabeling* relabeling) {
    // The symbols are known behind the series and stand before them, so that a receiver may read in one pass.
    std::string body;
    {
        Writer writer(metadata, body);
        for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> own) {
            if (const auto* changed = relabeling != nullptr ? relabeling->changed(id) : nullptr)
                writer.add(LabelReader(*changed), {}, own);
            else
                writer.add(series.labels(id), external, own);
        });
        writer.symbols().append(out);
    }
    out += body;
}

}  // namespace pifleet::forwarder
