#include "forwarder/sample_log/segment.hpp"

#include "forwarder/sample_log/crc32c.hpp"

#include <charconv>
#include <cstdio>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view magic = "PIFLTLOG";
constexpr std::string_view marker = "\xf1Pf\x8e";
constexpr std::size_t frame_head_bytes = 12, most_frame_bytes = 32 << 20;
constexpr int most_attempts = 64;  // at false markers in one stretch: what is so broken is not worth the time
constexpr std::uint64_t most_number = std::uint64_t{1} << 62;  // of a sample: no sum overflows
constexpr std::uint32_t most_series = 1 << 22;                 // named in one segment

}  // namespace

std::string segment_header() {
    std::string out(magic);
    put_fixed(out, segment_version);
    put_fixed(out, crc32c(out));  // of its own, so that any later version can be told from a broken file
    return out;
}

SegmentHeader read_segment_header(std::string_view bytes) {
    ByteReader reader(bytes);
    SegmentHeader header;
    if (reader.take(magic.size()) != magic) return header;
    header.version = reader.fixed<std::uint32_t>();
    if (reader.fixed<std::uint32_t>() != crc32c(bytes.substr(0, 12)) || !reader.good()) return header;
    header.state =
        header.version == segment_version ? SegmentHeader::State::good : SegmentHeader::State::newer;
    return header;
}

std::string segment_name(std::uint64_t first) {
    char name[32];
    std::snprintf(name, sizeof name, "%016llx.seg", static_cast<unsigned long long>(first));
    return name;
}

std::optional<std::uint64_t> segment_first(std::string_view name) {
    if (name.size() != 20 || !name.ends_with(".seg")) return {};
    std::uint64_t first = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + 16, first, 16);
    if (wrong != std::errc() || end != name.data() + 16 || first >= most_number ||
        segment_name(first) != name)
        return {};
    return first;
}

void append_frame(std::string& out, const Frame& frame) {
    std::string payload;
    put_varint(payload, frame.first);
    put_varint(payload, frame.count);
    put_varint(payload, zigzag(frame.time_ms));
    put_varint(payload, frame.definitions);
    put_varint(payload, frame.body_bytes);
    payload += frame.body;
    std::string summed;
    put_fixed(summed, static_cast<std::uint32_t>(payload.size()));
    summed += payload;
    out += marker;
    out.append(summed, 0, 4);
    put_fixed(out, crc32c(summed));
    out += payload;
}

std::optional<Frame> FrameScan::frame_at(std::uint64_t offset, std::uint64_t& end) {
    if (size_ - offset < frame_head_bytes || !file_.read(offset, frame_head_bytes, buffer_)) return {};
    ByteReader head(buffer_);
    if (head.take(marker.size()) != marker) return {};
    const auto length_bytes = buffer_.substr(4, 4);
    const auto length = head.fixed<std::uint32_t>();
    const auto sum = head.fixed<std::uint32_t>();
    if (!head.good() || length > most_frame_bytes || length > size_ - offset - frame_head_bytes) return {};
    if (!file_.read(offset + frame_head_bytes, length, buffer_) || buffer_.size() != length) return {};
    buffer_.insert(0, length_bytes);
    if (crc32c(buffer_) != sum) return {};
    ByteReader payload(std::string_view(buffer_).substr(4));
    Frame frame;
    frame.first = payload.varint();
    frame.count = payload.varint();
    frame.time_ms = unzigzag(payload.varint());
    frame.definitions = payload.varint();
    frame.body_bytes = payload.varint();
    frame.body = payload.rest();
    if (!payload.good() || frame.first >= most_number || frame.count == 0 ||
        frame.count > most_packed_samples || frame.body_bytes > most_packed_bytes)
        return {};
    end = offset + frame_head_bytes + length;
    return frame;
}

std::optional<std::uint64_t> FrameScan::next_marker(std::uint64_t from) {
    constexpr std::size_t window = 64 * 1024;
    while (from < size_ && size_ - from >= marker.size()) {
        if (!file_.read(from, window, buffer_) || buffer_.size() < marker.size()) return {};
        const auto found = buffer_.find(marker);
        if (found != std::string::npos) return from + found;
        from += buffer_.size() - (marker.size() - 1);
    }
    return {};
}

std::optional<Frame> FrameScan::next() {
    std::optional<std::uint64_t> offset = position_;
    for (int attempt = 0; offset && *offset < size_ && attempt < most_attempts; ++attempt) {
        std::uint64_t end = 0;
        if (auto frame = frame_at(*offset, end)) {
            skipped_ += *offset - position_;
            position_ = end;
            return frame;
        }
        offset = next_marker(*offset + 1);
    }
    return {};
}

bool read_contents(const Frame& frame, Compressor& compressor, bool samples, Contents& into) {
    into.definitions.clear();
    into.samples.clear();
    if (!compressor.decompress(frame.body, static_cast<std::size_t>(frame.body_bytes), into.bytes))
        return false;
    ByteReader reader(into.bytes);
    for (std::uint64_t n = 0; n < frame.definitions; ++n) {
        const auto number = reader.varint();
        const auto labels = reader.take(reader.varint());
        if (!reader.good() || number >= most_series || !LabelReader::well_formed(labels)) return false;
        into.definitions.push_back({static_cast<std::uint32_t>(number), labels});
    }
    return !samples || (read_columns(reader, static_cast<std::size_t>(frame.count), into.samples) &&
                        reader.rest().empty());
}

}  // namespace pifleet::forwarder
