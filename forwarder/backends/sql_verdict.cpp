#include "forwarder/backends/sql_verdict.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pifleet::forwarder {

namespace {

using Kind = Verdict::Kind;

struct Row {
    std::string_view begin;  // of the state; the first row that fits says it
    Kind kind;
    std::string_view advice = {};
};

// Classes and states from PostgreSQL's appendix "Error Codes".
constexpr Row rows[] = {
    {"3D000", Kind::denied, "; make it, by CREATE DATABASE"},
    {"28", Kind::denied},
    {"42501", Kind::denied, "; the user may not do this here: GRANT it, or make the tables by hand"},
    {"53100", Kind::retry, "; the server's disk is full"},
    {"08", Kind::retry},     // the connection
    {"57", Kind::retry},     // shut down, starting, cancelled
    {"53", Kind::retry},     // no room, no connection left
    {"40", Kind::retry},     // deadlock, serialization
    {"55", Kind::retry},     // locked
    {"58", Kind::retry},     // the server's own disk
    {"XX", Kind::retry},     // the server's own faults
    {"25006", Kind::retry},  // a standby, read only
    {"42P01", Kind::retry},  // a table was taken away: it is made anew
    {"42", Kind::denied, "; the tables `series` and `samples` are not ours, or the dialect is another"},
    {"3F", Kind::denied},
    {"0A", Kind::denied},
};

}  // namespace

Verdict verdict_of_sqlstate(std::string_view state, std::string reason) {
    if (state.empty()) return {Kind::retry, std::move(reason)};
    const auto* row = std::find_if(
        std::begin(rows), std::end(rows), [state](const Row& one) { return state.starts_with(one.begin); });
    Verdict verdict{row != std::end(rows) ? row->kind : Kind::refused, std::move(reason)};
    if (row != std::end(rows)) verdict.reason += row->advice;
    verdict.reason += " (" + std::string(state) + ")";
    verdict.answered = verdict.kind == Kind::retry;
    return verdict;
}

}  // namespace pifleet::forwarder
