// Amounts of resources as the API writes them ("100m", "1.5Gi", "1e3"): decimal numbers without error,
// rounded away from zero at a billionth and capped at 2^63 - 1, as k8s.io/apimachinery holds them.
#include "exporters/k8s_state/resources/common.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace pifleet::k8s {

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::uint32_t billion = 1'000'000'000;

// Nine digits a limb, the highest first: 45 before the point, 63 behind it.
struct Decimal {
    static constexpr std::size_t whole_limbs = 5, limbs = 12;
    std::array<std::uint32_t, limbs> limb{};
    bool over = false;  // more than it can hold
    bool more = false;  // something is left behind its last digit

    void add_digit(std::uint32_t digit, std::int64_t position) {
        constexpr std::array<std::uint32_t, 9> powers{
            1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
        if (digit == 0) return;
        const auto from_top = static_cast<std::int64_t>(whole_limbs * 9) - 1 - position;
        if (from_top < 0)
            over = true;
        else if (from_top >= static_cast<std::int64_t>(limbs * 9))
            more = true;
        else
            limb[static_cast<std::size_t>(from_top / 9)] +=
                digit * powers[static_cast<std::size_t>(8 - from_top % 9)];
    }

    void times_1024() {
        std::uint64_t carry = 0;
        for (std::size_t i = limbs; i-- > 0;) {
            const auto value = std::uint64_t{limb[i]} * 1024 + carry;
            limb[i] = static_cast<std::uint32_t>(value % billion);
            carry = value / billion;
        }
        over = over || carry != 0;
    }
};

struct Amount {
    bool negative = false;
    std::uint64_t whole = 0;
    std::uint32_t billionths = 0;

    double signed_value(double value) const { return negative ? -value : value; }
};

Amount rounded(const Decimal& decimal, bool negative) {
    const auto& limb = decimal.limb;
    const bool over = decimal.over || limb[0] != 0 || limb[1] != 0 || limb[2] >= 10;
    // Below 10^19 from here on: it fits.
    auto whole = over ? most : (std::uint64_t{limb[2]} * billion + limb[3]) * billion + limb[4];
    auto billionths = limb[5];
    bool more = decimal.more;
    for (std::size_t i = 6; i < Decimal::limbs; ++i) more = more || limb[i] != 0;
    if (more && ++billionths == billion) billionths = 0, ++whole;
    if (whole >= most) return {negative, most, 0};
    return {negative, whole, billionths};
}

struct Scale {
    std::int64_t exponent = 0;  // of ten
    int kibis = 0;              // times 1024, so often
};

// "e3", "E-3": an exponent of any size; beyond what a Decimal holds it makes no difference.
std::optional<Scale> exponent(std::string_view digits) {
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.empty()) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        value = std::min<std::int64_t>(value * 10 + (c - '0'), 1'000'000'000);
    }
    return Scale{negative ? -value : value, 0};
}

std::optional<Scale> scale(std::string_view suffix) {
    constexpr std::string_view letters = "numkMGTPE", bits = "KMGTPE";
    constexpr std::array<std::int64_t, letters.size()> exponents{-9, -6, -3, 3, 6, 9, 12, 15, 18};
    if (suffix.empty()) return Scale{};
    if (suffix.size() == 1) {
        const auto at = letters.find(suffix[0]);
        return at == std::string_view::npos ? std::nullopt : std::optional(Scale{exponents[at], 0});
    }
    if (suffix.size() == 2 && suffix[1] == 'i') {
        const auto at = bits.find(suffix[0]);
        return at == std::string_view::npos ? std::nullopt
                                            : std::optional(Scale{0, static_cast<int>(at) + 1});
    }
    return suffix[0] == 'e' || suffix[0] == 'E' ? exponent(suffix.substr(1)) : std::nullopt;
}

std::optional<Amount> parse(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    constexpr std::string_view digits = "0123456789";
    const auto length = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = text.substr(0, length);
    const auto point = std::min(number.find('.'), number.size());
    const auto factor = scale(text.substr(length));
    if (!factor || number.find_first_of(digits) == std::string_view::npos ||
        (point < number.size() && number.find('.', point + 1) != std::string_view::npos))
        return std::nullopt;
    Decimal decimal;
    auto position = static_cast<std::int64_t>(point) - 1 + factor->exponent;
    for (const char c : number)
        if (c != '.') decimal.add_digit(static_cast<std::uint32_t>(c - '0'), position--);
    for (int i = 0; i < factor->kibis; ++i) decimal.times_1024();
    return rounded(decimal, negative);
}

// A bare number of JSON is taken as its text would be.
std::optional<Amount> amount(Json value) {
    if (value.is_text()) return parse(value.text());
    const auto number = value.number();
    if (!number || !std::isfinite(*number)) return std::nullopt;
    const double size = std::fabs(*number), whole = std::floor(size);
    if (whole >= static_cast<double>(most)) return Amount{*number < 0, most, 0};
    const auto billionths = std::round((size - whole) * billion);
    if (billionths >= billion) return Amount{*number < 0, static_cast<std::uint64_t>(whole) + 1, 0};
    return Amount{*number < 0, static_cast<std::uint64_t>(whole), static_cast<std::uint32_t>(billionths)};
}

double whole_units(const Amount& amount) {
    return amount.signed_value(static_cast<double>(amount.whole + (amount.billionths == 0 ? 0 : 1)));
}

}  // namespace

std::optional<double> quantity(Json value) {
    const auto parsed = amount(value);
    if (!parsed) return std::nullopt;
    // Where both fit into one integer, the quotient is the nearest double there is: 3.8 and not 3 + 0.8.
    constexpr std::uint64_t exact = (std::uint64_t{1} << 53) / billion;
    if (parsed->whole < exact)
        return parsed->signed_value(static_cast<double>(parsed->whole * billion + parsed->billionths) /
                                    billion);
    return parsed->signed_value(static_cast<double>(parsed->whole) +
                                static_cast<double>(parsed->billionths) / billion);
}

std::optional<double> whole_quantity(Json value) {
    const auto parsed = amount(value);
    return parsed ? std::optional(whole_units(*parsed)) : std::nullopt;
}

std::optional<double> milli_quantity(Json value) {
    const auto parsed = amount(value);
    if (!parsed) return std::nullopt;
    // Thousandths of more than this would not fit into 64 bits.
    if (parsed->whole >= most / 1000) return whole_units(*parsed);
    const auto milli = parsed->whole * 1000 + (parsed->billionths + 999'999) / 1'000'000;
    return parsed->signed_value(static_cast<double>(milli) / 1000);
}

}  // namespace pifleet::k8s
