#include "exporters/k8s_state/resources/tz_rule.hpp"

#include <chrono>

namespace pifleet::k8s {

namespace {

namespace chrono = std::chrono;

// Takes the rule apart from the left; what does not fit is remembered.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool at_end() const { return text_.empty(); }
    bool ok() const { return ok_; }

    bool take(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    void expect(char c) { ok_ = take(c) && ok_; }

    int number(int least, int most) {
        int value = 0;
        std::size_t digits = 0;
        for (; digits < text_.size() && digits < 4 && is_digit(text_[digits]); ++digits)
            value = value * 10 + (text_[digits] - '0');
        text_.remove_prefix(digits);
        ok_ = ok_ && digits > 0 && value >= least && value <= most;
        return value;
    }

    // "CET", "<+03>": three characters at least. It is of no use here.
    void name() {
        const bool quoted = take('<');
        std::size_t length = 0;
        while (length < text_.size() && (quoted ? text_[length] != '>' : is_letter(text_[length]))) ++length;
        text_.remove_prefix(length);
        ok_ = ok_ && length >= 3;
        if (quoted) expect('>');
    }

    // "[+-]hh[:mm[:ss]]" in seconds.
    int time(int most_hours) {
        const bool minus = take('-');
        if (!minus) take('+');
        int seconds = number(0, most_hours) * 3600;
        if (take(':')) {
            seconds += number(0, 59) * 60;
            if (take(':')) seconds += number(0, 59);
        }
        return minus ? -seconds : seconds;
    }

    TzRule::Change change() {
        using By = TzRule::Change::By;
        TzRule::Change out;
        if (take('M')) {
            out.month = number(1, 12);
            expect('.');
            out.week = number(1, 5);
            expect('.');
            out.day = number(0, 6);
        } else {
            out.by = take('J') ? By::day_without_leap : By::day;
            out.day = number(out.by == By::day ? 0 : 1, 365);
        }
        if (take('/')) out.seconds = time(167);
        return out;
    }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    std::string_view text_;
    bool ok_ = true;
};

chrono::sys_days date_of(const TzRule::Change& change, int year) {
    using By = TzRule::Change::By;
    const chrono::year y(year);
    const auto first = chrono::sys_days(y / 1 / 1);
    if (change.by == By::day) return first + chrono::days(change.day);
    if (change.by == By::day_without_leap)  // day 60 is the first of March, always
        return first + chrono::days(change.day - 1 + (y.is_leap() && change.day >= 60 ? 1 : 0));
    const chrono::month month(static_cast<unsigned>(change.month));
    const chrono::weekday weekday(static_cast<unsigned>(change.day));
    if (change.week == 5) return chrono::sys_days(y / month / weekday[chrono::last]);
    return chrono::sys_days(y / month / weekday[static_cast<unsigned>(change.week)]);
}

int year_of(std::int64_t time) {
    const auto day = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(time)));
    return static_cast<int>(chrono::year_month_day(day).year());
}

}  // namespace

std::int64_t TzRule::Change::in(int year) const {
    return date_of(*this, year).time_since_epoch().count() * std::int64_t{86400} + seconds;
}

std::optional<TzRule> TzRule::parse(std::string_view text) {
    Reader reader(text);
    TzRule rule;
    reader.name();
    rule.standard_ = -reader.time(24);  // POSIX counts to the west
    rule.changes_ = !reader.at_end();
    if (rule.changes_) {
        reader.name();
        rule.summer_ = rule.standard_ + 3600;
        if (!reader.at_end() && !reader.take(',')) {
            rule.summer_ = -reader.time(24);
            reader.expect(',');
        }
        rule.begin_ = reader.change();
        reader.expect(',');
        rule.end_ = reader.change();
    }
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return rule;
}

std::int64_t TzRule::offset(std::int64_t time) const {
    if (!changes_) return standard_;
    const int year = year_of(time + standard_);
    const auto begin = begin_.in(year)-standard_, end = end_.in(year)-summer_;
    // South of the equator summer ends in a year before it begins.
    const bool summer = begin < end ? time >= begin && time < end : time >= begin || time < end;
    return summer ? summer_ : standard_;
}

}  // namespace pifleet::k8s
