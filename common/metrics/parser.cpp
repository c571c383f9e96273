#include "common/metrics/parser.hpp"

#include "common/base/text.hpp"

#include <bit>
#include <charconv>
#include <cmath>

namespace pifleet::metrics {

namespace {

// What Go's NaN is, so that a relayed NaN has the bits that Prometheus would have stored (value.NormalNaN).
constexpr std::uint64_t normal_nan_bits = 0x7ff8000000000001;

constexpr bool blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view skip_blanks(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && blank(text[i])) ++i;
    return text.substr(i);
}

// The next word, cut off `text` together with the blanks before it.
std::string_view take_word(std::string_view& text) {
    text = skip_blanks(text);
    std::size_t i = 0;
    while (i < text.size() && !blank(text[i])) ++i;
    const auto word = text.substr(0, i);
    text.remove_prefix(i);
    return word;
}

// Where a quoted text that begins at `at` ends (behind its closing quote); npos when it does not.
std::size_t quoted_end(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at + 1;
    }
    return std::string_view::npos;
}

// How many bytes of the line are the series; 0 when the line has none.
std::size_t series_length(std::string_view line) {
    std::size_t i = 0;
    while (i < line.size() && line[i] != '{' && !blank(line[i])) ++i;
    const auto name_end = i;
    while (i < line.size() && blank(line[i])) ++i;
    if (i == line.size() || line[i] != '{') return name_end;
    for (++i; i < line.size();) {
        if (line[i] == '}') return i + 1;
        if (line[i] == '"') {
            i = quoted_end(line, i);
            if (i == std::string_view::npos) return 0;
        } else {
            ++i;
        }
    }
    return 0;
}

std::string excerpt(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string out;
    for (const char c : text.substr(0, most))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text.size() > most ? out + "…" : out;
}

std::optional<Type> parse_type(std::string_view word, Format format) {
    if (word == "counter") return Type::counter;
    if (word == "gauge") return Type::gauge;
    if (word == "histogram") return Type::histogram;
    if (word == "summary") return Type::summary;
    if (word == "unknown") return Type::unknown;
    if (word == "untyped" && format == Format::text_0_0_4) return Type::unknown;
    if (word == "gaugehistogram") return Type::gauge_histogram;
    if (word == "info") return Type::info;
    if (word == "stateset") return Type::state_set;
    return std::nullopt;
}

// OpenMetrics counts seconds with a fraction, text 0.0.4 whole milliseconds.
std::optional<std::int64_t> parse_timestamp(std::string_view word, Format format) {
    if (format == Format::text_0_0_4) return to_int(word);
    const auto seconds = to_double(word);
    if (!seconds || !std::isfinite(*seconds) || std::abs(*seconds) > 9e15) return std::nullopt;
    return std::llround(*seconds * 1000);
}

}  // namespace

std::optional<std::uint64_t> parse_value(std::string_view text) {
    std::string_view rest = text;
    if (rest.starts_with('+') && rest.size() > 1 && rest[1] != '-' && rest[1] != '+') rest.remove_prefix(1);
    double value = 0;
    const char* const end = rest.data() + rest.size();
    auto [stop, error] = std::from_chars(rest.data(), end, value);
    if (error == std::errc::result_out_of_range) {  // Go gives ±Inf or 0 with an error; the line is refused
        return std::nullopt;
    }
    if (stop != end || error != std::errc{}) {
        // Hexadecimal floats are legal in Go's ParseFloat and thus on a page.
        const bool negative = rest.starts_with('-');
        const auto digits = rest.substr(negative ? 1 : 0);
        if (!digits.starts_with("0x") && !digits.starts_with("0X")) return std::nullopt;
        const auto hex = std::from_chars(digits.data() + 2, end, value, std::chars_format::hex);
        if (hex.ptr != end || hex.ec != std::errc{} || digits.size() < 3) return std::nullopt;
        if (negative) value = -value;
    }
    if (std::isnan(value)) {
        if (text.ends_with(')') || text.starts_with('-') || text.starts_with('+'))
            return std::nullopt;  // "nan(…)" and a nan with a sign are C's alone
        return normal_nan_bits;
    }
    return std::bit_cast<std::uint64_t>(value);
}

PageParser::PageParser(Format format, PageHandler& handler, std::size_t max_line)
    : format_(format), handler_(handler), max_line_(max_line) {}

bool PageParser::fail(std::string what) {
    failed_ = failure("line " + std::to_string(line_) + ": " + std::move(what));
    return false;
}

Result<void> PageParser::state() const {
    if (failed_) return *failed_;
    return {};
}

Result<void> PageParser::feed(std::string_view chunk) {
    while (!failed_ && !chunk.empty()) {
        const auto end = chunk.find('\n');
        const auto piece = chunk.substr(0, end);
        if (carry_.size() + piece.size() > max_line_) {
            ++line_;
            fail("longer than " + std::to_string(max_line_) + " bytes");
            break;
        }
        if (end == std::string_view::npos) {
            carry_ += piece;
            break;
        }
        if (carry_.empty()) {
            line(piece);
        } else {
            carry_ += piece;
            line(carry_);
            carry_.clear();
        }
        chunk.remove_prefix(end + 1);
    }
    return state();
}

Result<void> PageParser::finish(bool framed) {
    if (!failed_ && !carry_.empty()) {
        if (framed || carry_ == "# EOF") {
            line(carry_);
        } else {
            ++line_;
            fail("the page ends within a line");
        }
        carry_.clear();
    }
    if (!failed_ && format_ == Format::openmetrics_1_0 && !eof_seen_)
        fail("the page ends without '# EOF': it was cut short");
    return state();
}

bool PageParser::line(std::string_view text) {
    ++line_;
    if (eof_seen_) return fail("something follows '# EOF'");
    if (text.ends_with('\r')) text.remove_suffix(1);
    const auto expected = handler_.expected();
    if (!expected.empty() && text.size() > expected.size() && blank(text[expected.size()]) &&
        text.starts_with(expected))
        return tail(text.substr(expected.size()), text.substr(0, expected.size()));
    text = skip_blanks(text);
    if (text.empty()) return true;
    return text.front() == '#' ? comment(text) : sample(text);
}

bool PageParser::comment(std::string_view text) {
    if (format_ == Format::openmetrics_1_0 && text == "# EOF") return eof_seen_ = true;
    text.remove_prefix(1);
    const auto keyword = take_word(text);
    if (keyword != "HELP" && keyword != "TYPE" && keyword != "UNIT") return true;
    text = skip_blanks(text);
    std::string_view family;
    if (text.starts_with('"')) {
        const auto end = quoted_end(text, 0);
        if (end == std::string_view::npos) return fail("a quoted name has no end: " + excerpt(text));
        family = text.substr(1, end - 2);
        text.remove_prefix(end);
    } else {
        family = take_word(text);
    }
    if (family.empty()) return fail("no metric name behind # " + std::string(keyword));
    text = skip_blanks(text);
    if (keyword == "HELP") {
        handler_.on_help(family, text);
    } else if (keyword == "UNIT") {
        handler_.on_unit(family, text);
    } else {
        const auto type = parse_type(take_word(text), format_);
        if (!type || !skip_blanks(text).empty())
            return fail("'" + excerpt(family) + "' has a type that does not exist");
        handler_.on_type(family, *type);
    }
    return true;
}

bool PageParser::sample(std::string_view text) {
    const auto length = series_length(text);
    if (length == 0) return fail("this is no sample: " + excerpt(text));
    return tail(text.substr(length), text.substr(0, length));
}

// What stands behind the series: value, maybe a timestamp, maybe an exemplar.
bool PageParser::tail(std::string_view text, std::string_view series) {
    SampleLine found{series, 0, std::nullopt, {}};
    if (format_ == Format::openmetrics_1_0) {
        if (const auto mark = text.find(" # "); mark != std::string_view::npos) {
            found.exemplar = text.substr(mark + 3);
            text = text.substr(0, mark);
        }
    }
    const auto value_word = take_word(text);
    const auto value = parse_value(value_word);
    if (!value)
        return fail(value_word.empty() ? "'" + excerpt(series) + "' has no value"
                                       : "'" + excerpt(series) + "' has the value '" + excerpt(value_word) +
                                             "', which is no number");
    found.value_bits = *value;
    if (const auto word = take_word(text); !word.empty()) {
        found.timestamp_ms = parse_timestamp(word, format_);
        if (!found.timestamp_ms)
            return fail("'" + excerpt(series) + "' has the timestamp '" + excerpt(word) + "', which is none");
        text = skip_blanks(text);
        if (!text.empty()) return fail("'" + excerpt(series) + "' is followed by '" + excerpt(text) + "'");
    }
    if (auto taken = handler_.on_sample(found); !taken) return fail(taken.error().message);
    return true;
}

}  // namespace pifleet::metrics
