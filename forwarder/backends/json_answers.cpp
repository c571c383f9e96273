#include "forwarder/backends/json_answers.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

namespace {

using Json = nlohmann::json;
using Kind = Verdict::Kind;

Json read(std::string_view body) {
    return Json::parse(body, nullptr, false);  // discarded when it is none
}

std::optional<std::uint64_t> number(const Json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer() || *found < 0) return {};
    return found->get<std::uint64_t>();
}

void lose(Verdict& verdict, std::uint64_t lost, std::size_t samples, std::string why) {
    verdict.kind = Kind::dropped;
    verdict.reason = std::to_string(lost) + " samples refused" + (why.empty() ? "" : ": ") + std::move(why);
    verdict.written = samples - std::min<std::uint64_t>(lost, samples);
}

// The key that may be missing anywhere on the way.
std::string text_at(const Json& json, std::initializer_list<const char*> path) {
    const auto* at = &json;
    for (const auto* key : path) {
        if (!at->is_object() || !at->contains(key)) return {};
        at = &(*at)[key];
    }
    return at->is_string() ? printable(at->get_ref<const std::string&>(), 300) : std::string();
}

// The number behind "Code: ", with which each of ClickHouse's errors begins.
unsigned clickhouse_code(std::string_view body) {
    constexpr std::string_view word = "Code: ";
    const auto at = body.find(word);
    unsigned code = 0;
    if (at != std::string_view::npos)
        std::from_chars(body.data() + at + word.size(), body.data() + body.size(), code);
    return code;
}

template <std::size_t N>
bool among(unsigned code, const unsigned (&codes)[N]) {
    return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

}  // namespace

// With ?details the answer counts what it took. InfluxDB's own receiver says 500 where its database is
// missing.
void judge_opentsdb(const http::Response& answer, std::size_t samples, Verdict& verdict) {
    if (verdict.kind == Kind::retry && answer.body.find("database not found") != std::string::npos)
        verdict.kind = Kind::denied;
    if (answer.status != 400) return;
    const auto said = read(answer.body);
    const auto failed = number(said, "failed"), success = number(said, "success");
    if (!failed || !success || *failed == 0) return;
    std::string why;
    if (said.contains("errors") && said["errors"].is_array() && !said["errors"].empty())
        why = text_at(said["errors"][0], {"error"});
    lose(verdict, *failed, samples, std::move(why));
}

// A status for each: 409 says that it is there already, which it is when an answer was lost. What the system
// had no room for comes again with all the others, of which it then says that they are there.
void judge_bulk(const http::Response& answer, std::size_t samples, Verdict& verdict) {
    if (verdict.kind != Kind::delivered || answer.body.find("\"errors\":false") != std::string::npos) return;
    const auto said = read(answer.body);
    std::uint64_t lost = 0, busy = 0, missing = 0;
    std::string why;
    const auto items = said.is_object() && said.contains("items") ? said["items"] : Json::array();
    for (const auto& item : items) {
        if (!item.is_object() || item.empty()) continue;
        const auto status = number(item.front(), "status").value_or(0);
        if ((status >= 200 && status < 300) || status == 409) continue;
        const bool again = status == 429 || status >= 500;
        const bool later = status == 401 || status == 403 || status == 404;
        ++(again ? busy : later ? missing : lost);
        if (why.empty()) why = text_at(item.front(), {"error", "reason"});
    }
    if (busy + missing > 0) {
        verdict.kind = busy > 0 ? Kind::retry : Kind::denied;
        verdict.answered = true;
        verdict.reason = std::to_string(busy + missing) + " samples not taken: " + why;
    } else if (lost > 0) {
        lose(verdict, lost, samples, std::move(why));
    }
}

// The index is not the token's: nothing is wrong with the samples.
void judge_splunk(const http::Response& answer, std::size_t /*samples*/, Verdict& verdict) {
    if (answer.status == 400 && number(read(answer.body), "code") == 7u) verdict.kind = Kind::denied;
}

// Its codes tell more than its statuses: a row that it cannot read was a 500 for years.
void judge_clickhouse(const http::Response& answer, std::size_t /*samples*/, Verdict& verdict) {
    constexpr unsigned rows[] = {6, 26, 27, 38, 41, 53, 69, 72, 117, 130, 131, 321};
    // Tables, columns, users: what the owner can mend.
    constexpr unsigned setup[] = {16, 60, 62, 81, 115, 192, 193, 194, 497, 516};
    if (verdict.kind == Kind::delivered) return;
    const auto code = clickhouse_code(answer.body);
    if (among(code, rows)) verdict.kind = Kind::refused;
    if (among(code, setup)) verdict.kind = Kind::denied;
}

void judge_tinybird(const http::Response& answer, std::size_t samples, Verdict& verdict) {
    if (answer.status == 404) verdict.kind = Kind::denied;  // the data source: it can be made
    if (verdict.kind != Kind::delivered) return;
    const auto quarantined = number(read(answer.body), "quarantined_rows").value_or(0);
    if (quarantined > 0) lose(verdict, quarantined, samples, "rows in quarantine");
}

void judge_betterstack(const http::Response& answer, std::size_t /*samples*/, Verdict& verdict) {
    if (answer.status == 406) verdict.kind = Kind::refused;
}

}  // namespace pifleet::forwarder
