#include "forwarder/backends/write_request.hpp"

#include <algorithm>
#include <cstring>

namespace pifleet::forwarder {

namespace {

// Wire format: a key is (field number << 3) | type; type 0 varint, 1 eight bytes, 2 length and bytes.
constexpr char label_key = 0x0a, sample_key = 0x12, series_key = 0x0a;
constexpr char name_key = 0x0a, text_key = 0x12;
constexpr char value_key = 0x09, time_key = 0x10;

std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
}

char* put_varint(char* at, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    return at;
}

std::size_t text_size(std::string_view text) {
    return 1 + varint_size(text.size()) + text.size();
}

// memcpy of a few bytes is mostly the call; names and values are short, so two overlapping words do for most.
char* put_bytes(char* at, std::string_view bytes) {
    const auto size = bytes.size();
    const auto two_words = [&]<class Word>(Word) {
        Word head, tail;
        std::memcpy(&head, bytes.data(), sizeof head);
        std::memcpy(&tail, bytes.data() + size - sizeof tail, sizeof tail);
        std::memcpy(at, &head, sizeof head);
        std::memcpy(at + size - sizeof tail, &tail, sizeof tail);
    };
    if (size > 16) {
        std::memcpy(at, bytes.data(), size);
    } else if (size >= 8) {
        two_words(std::uint64_t{});
    } else if (size >= 4) {
        two_words(std::uint32_t{});
    } else {
        for (std::size_t i = 0; i < size; ++i) at[i] = bytes[i];
    }
    return at + size;
}

char* put_text(char* at, char key, std::string_view text) {
    *at++ = key;
    return put_bytes(put_varint(at, text.size()), text);
}

char* put_label(char* at, const metrics::Label& label) {
    *at++ = label_key;
    at = put_varint(at, text_size(label.name) + text_size(label.value));
    at = put_text(at, name_key, label.name);
    return put_text(at, text_key, label.value);
}

// As in every proto3 writer a value of +0 and a time of 0 are left out: many metrics stand at 0 all their
// life.
char* put_sample(char* at, const Sample& sample) {
    const auto time = static_cast<std::uint64_t>(sample.time_ms);
    *at++ = sample_key;
    *at++ = static_cast<char>((sample.value_bits == 0 ? 0 : 9) + (time == 0 ? 0 : 1 + varint_size(time)));
    if (sample.value_bits != 0) {
        *at++ = value_key;
        for (unsigned shift = 0; shift < 64; shift += 8)
            *at++ = static_cast<char>(sample.value_bits >> shift);
    }
    if (time != 0) {
        *at++ = time_key;
        at = put_varint(at, time);
    }
    return at;
}

// No label takes more than its texts and three keys with their lengths, no sample more than this.
constexpr std::size_t most_label_overhead = 3 * (1 + 10), most_sample = 2 + 9 + 1 + 10;
// The length of a series stands before it and is known behind it; nearly all take two bytes.
constexpr std::size_t guessed_length_size = 2;

// The end of a text that grows: room is asked for before it is written to, and cut to size once, at the end.
class Tail {
  public:
    explicit Tail(std::string& out) : out_(out), used_(out.size()) {}
    ~Tail() { out_.resize(used_); }
    Tail(const Tail&) = delete;
    Tail& operator=(const Tail&) = delete;

    char* room(char* at, std::size_t size) {
        const auto used = at == nullptr ? used_ : static_cast<std::size_t>(at - out_.data());
        if (out_.size() - used < size) out_.resize(std::max(2 * out_.size(), used + size));
        return out_.data() + used;
    }
    std::size_t used() const { return used_; }
    void use(const char* end) { used_ = static_cast<std::size_t>(end - out_.data()); }
    char* at(std::size_t offset) { return out_.data() + offset; }

  private:
    std::string& out_;
    std::size_t used_;
};

char* add_label(Tail& tail, char* at, const metrics::Label& label) {
    return put_label(tail.room(at, label.name.size() + label.value.size() + most_label_overhead), label);
}

// The series' labels and the external ones in one sorted row; of two with one name the series' own stands.
char* add_labels(Tail& tail, char* at, LabelReader own, const OwnedLabels& external) {
    metrics::Label label;
    auto extra = external.begin();
    while (own.next(label)) {
        for (; extra != external.end() && extra->first <= label.name; ++extra)
            if (extra->first != label.name) at = add_label(tail, at, {extra->first, extra->second});
        at = add_label(tail, at, label);
    }
    for (; extra != external.end(); ++extra) at = add_label(tail, at, {extra->first, extra->second});
    return at;
}

void add_series(Tail& tail,
                LabelReader labels,
                const OwnedLabels& external,
                std::span<const Sample* const> samples) {
    const auto start = tail.used();
    char* at = tail.room(nullptr, 1 + guessed_length_size);
    at = add_labels(tail, at + 1 + guessed_length_size, labels, external);
    at = tail.room(at, samples.size() * most_sample + 10);
    for (const auto* sample : samples) at = put_sample(at, *sample);

    char* const body = tail.at(start + 1 + guessed_length_size);
    const auto size = static_cast<std::size_t>(at - body);
    const auto length_size = varint_size(size);
    if (length_size != guessed_length_size) std::memmove(tail.at(start + 1 + length_size), body, size);
    *tail.at(start) = series_key;
    put_varint(tail.at(start + 1), size);
    tail.use(tail.at(start + 1 + length_size + size));
}

}  // namespace

void append_write_request(std::span<const Sample> samples,
                          const SeriesTable& series,
                          const OwnedLabels& external,
                          std::string& out) {
    // The samples by series; series in the order of their numbers, which for one target is that of its page.
    std::vector<const Sample*> order(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) order[i] = &samples[i];
    const auto by_series = [](const Sample* a, const Sample* b) { return a->series < b->series; };
    if (!std::is_sorted(order.begin(), order.end(), by_series))
        std::stable_sort(order.begin(), order.end(), by_series);

    Tail tail(out);
    for (std::size_t from = 0; from < order.size();) {
        auto to = from + 1;
        while (to < order.size() && order[to]->series == order[from]->series) ++to;
        add_series(
            tail, series.labels(order[from]->series), external, std::span(order).subspan(from, to - from));
        from = to;
    }
}

}  // namespace pifleet::forwarder
