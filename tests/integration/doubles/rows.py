"""Rows as JSON: Better Stack, Tinybird, ClickHouse over HTTP, CrateDB's _sql.

Where the vendor leaves the form of a row to the user, it is that of .columns ({name: check}, replaceable): timestamp (ms since
1970), name, labels (an object of texts) and value.
"""
import re

from doubles.auth import basic
from doubles.base import Answer, Double, Refuse
from doubles.shapes import integer, number, shape, strict_json, string, texts

ROW = {"timestamp": lambda t: integer(t) and t > 10**11, "name": lambda n: string(n) and n, "labels": texts, "value": number}


def rows_of(body):
    """ndjson: [(number, line), …]; every line ends with a newline (form ours for the last one)."""
    if not body.endswith(b"\n"):
        raise Refuse(400, "the last line does not end with a newline")
    return [(number, line) for number, line in enumerate(body[:-1].split(b"\n"))]


class Rows(Double):
    """ndjson of .columns."""

    columns = ROW

    def row(self, line):
        row = shape(strict_json(line), "row", self.columns)
        return row["name"], row["labels"], row["timestamp"], float(row["value"])


def one(value):
    return isinstance(value, dict)


class BetterStack(Double):
    """betterstack.com/docs "Ingesting metrics": one metric, an array or ndjson; 202, 403, 406, 413 above 20 MiB. a gauge or
    a counter. `dt`, the time, is that of its logs: Unix time in s or ms; without it, the server's."""

    url_path = "/metrics"
    content_types = ("application/json", "application/x-ndjson")
    bad_type = 406
    bad_key = 403
    limit = limit_raw = 20 << 20

    def words(self, code, why):
        texts_of = {403: "Unauthorized", 406: "Couldn't parse JSON content.", 413: "payload reached size limit"}
        return texts_of.get(code, why).encode()

    def take(self, request):
        if request.content_type == "application/x-ndjson":
            rows = [strict_json(line, 406) for _, line in rows_of(request.body)]
        else:
            rows = strict_json(request.body, 406)
            rows = rows if isinstance(rows, list) else [rows]
        if not rows:
            raise Refuse(406, "nothing")
        points = []
        for row in rows:
            shape(row, "metric", {"name": lambda n: string(n) and n},
                  {"gauge": one, "counter": one, "tags": texts, "dt": lambda t: number(t) and t > 10**9}, 406)
            kinds = [kind for kind in ("gauge", "counter") if kind in row]
            if len(kinds) != 1:
                raise Refuse(406, f"{row['name']}: gauge or counter")
            shape(row[kinds[0]], kinds[0], {"value": number}, code=406)
            time_ms = self.server_time() if "dt" not in row else row["dt"] if row["dt"] > 10**11 else row["dt"] * 1000
            points.append((row["name"], row.get("tags", {}), round(time_ms), float(row[kinds[0]]["value"])))
        self.keep(points)
        return Answer(202)


class Tinybird(Rows):
    """tinybird.co/docs "Events API reference": 202, with wait=true 200; rows that do not fit are quarantined, the rest is written;
    10 MB."""

    url_path = "/v0/events?name=samples&wait=true"
    limit = limit_raw = 10_000_000
    bad_key = 403
    source = "samples"

    def take(self, request):
        if set(request.query) - {"name", "wait", "format"} or not request.query.get("name"):
            raise Refuse(400, "The name parameter is required, and no other is known")
        if request.query["name"] != self.source:
            raise Refuse(404, f"Data Source {request.query['name']} not found")
        good, bad = [], 0
        for _, line in rows_of(request.body):
            try:
                good.append(self.row(line))
            except Refuse as no:
                bad += 1
                self.refused.append((200, no.why))
        self.keep(good)
        return Answer(200 if request.query.get("wait") == "true" else 202, {"successful_rows": len(good),
                                                                            "quarantined_rows": bad})


class ClickHouse(Rows):
    """clickhouse.com/docs "HTTP interface": INSERT … FORMAT JSONEachRow, X-ClickHouse-User and -Key; errors as text with a code,
    also in a header. A block is all or nothing. ReplacingMergeTree by (name, labels, timestamp): overwrites."""

    url_path = "/?query=INSERT%20INTO%20samples%20FORMAT%20JSONEachRow"
    once = True
    table, user = "samples", "default"
    CODES = {"unknown field": 117, "not JSON": 27, "is missing": 117}

    def authorized(self, request):
        named = (request.headers["X-ClickHouse-User"], request.headers["X-ClickHouse-Key"]) == (self.user, self.key)
        if not named and request.headers["Authorization"] != basic(self.user, self.key):
            raise self.no(403, 516,
                          f"{self.user}: Authentication failed: password is incorrect, or there is no user with such name.")
        return True

    def no(self, status, code, why):
        return Refuse(status, why, f"Code: {code}. DB::Exception: {why} (version 24.8.4.13)\n".encode(),
                      {"X-ClickHouse-Exception-Code": str(code)})

    def words(self, code, why):
        return f"Code: 0. DB::Exception: {why}\n".encode()

    def take(self, request):
        known = {"query", "database", "async_insert", "wait_for_async_insert", "insert_deduplication_token",
                 "input_format_skip_unknown_fields"}
        if set(request.query) - known:
            raise self.no(404, 115,
                          f"Setting {sorted(set(request.query) - known)} is neither a builtin setting nor started with the prefix")
        found = re.fullmatch(r"INSERT INTO ([\w.`]+)( \([\w, `]+\))? FORMAT JSONEachRow", request.query.get("query", ""),
                             re.IGNORECASE)
        if not found:
            raise self.no(400, 62, "Syntax error")
        if found[1].replace("`", "").rpartition(".")[2] != self.table:
            raise self.no(404, 60, f"Table default.{found[1]} does not exist.")
        points = []
        for _, line in rows_of(request.body) if request.body else []:
            try:
                points.append(self.row(line))
            except Refuse as no:
                code = next((code for word, code in self.CODES.items() if word in no.why), 27)
                raise self.no(400, code,
                              f"{no.why}: (while reading the value of key): While executing ParallelParsingBlockInputFormat") from None
        self.keep(points)
        return Answer(200, b"")


class CrateDb(Double):
    """cratedb.com/docs "HTTP endpoint": bulk_args of [timestamp ms, name, labels, value]; per row a rowcount, 1 written, 0 there
    already, -2 failed."""

    url_path = "/_sql"
    user = "crate"

    def authorized(self, request):
        return request.headers["Authorization"] == basic(self.user, self.key)

    def words(self, code, why):
        return {"error": {"message": why, "code": 4000 if code == 400 else 4011}}

    def take(self, request):
        body = shape(strict_json(request.body), "body", {"stmt": string, "bulk_args": lambda a: isinstance(a, list)})
        if not re.fullmatch(r"(?is)INSERT INTO \S+ \(.*\) VALUES ?\(\?(, ?\?){3}\) ON CONFLICT .*DO NOTHING", body["stmt"]):
            raise Refuse(400, "SQLParseException[line 1:1: mismatched input]")
        results = []
        for row in body["bulk_args"]:
            good = isinstance(row, list) and len(row) == 4 and all(check(v) for check, v in zip(ROW.values(), row))
            there = good and (row[1], tuple(sorted(row[2].items()))) in self.kept and row[0] in [
                t for t, _ in self.kept[row[1], tuple(sorted(row[2].items()))]]
            if good and not there:
                self.keep([(row[1], row[2], row[0], float(row[3]))])
            if not good:
                self.refused.append((200, f"row {row}"))
            results.append({"rowcount": -2 if not good else 0 if there else 1})
        return Answer(200, {"cols": [], "duration": 1.0, "results": results})
