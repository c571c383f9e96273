"""Influx line protocol over HTTP: InfluxDB 2 (/api/v2/write), its Cloud plans, InfluxDB 3 (/api/v3/write_lp) and QuestDB
(/write).

In received() the name is the measurement where the field is `value`, else "measurement.field"; labels are the tags. The same
series and time overwrites (influxdata: "duplicate points"; QuestDB only with DEDUP, so there it does not). What is refused of a
request whose rest is written stands in .refused with the request's status. Sources: docs.influxdata.com line-protocol,
"Troubleshoot issues writing data", account limits; questdb.io ILP.
"""
import math
import re

from doubles.auth import basic
from doubles.base import Answer, Double, Refuse
from doubles.line_protocol import parse_line

SECONDS = {"s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
LONG = {"second": 1, "millisecond": 1e-3, "microsecond": 1e-6, "nanosecond": 1e-9}


class Lines(Double):
    once = True
    precisions = SECONDS
    content_types = ("text/plain", "application/octet-stream", "")
    oldest = None  # seconds back, if the bucket's retention ends somewhere
    max_tables = max_columns = max_series = None

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.types, self.columns = {}, {}  # (table, field) -> type; table -> its columns

    def authorized(self, request):
        return request.headers["Authorization"] == f"Token {self.key}"

    def judge(self, request):
        before = dict(self.types), dict(self.columns)
        answer = super().judge(request)
        if not request.kept:  # nothing was written: no table was made
            self.types, self.columns = before
        return answer

    def lines(self, request):
        """[(number, line, points or the exception)], after the request itself is found good."""
        scale = self.precisions.get(request.query.get("precision", ""))
        if scale is None:
            raise Refuse(400, f"invalid precision {request.query.get('precision')}; valid precision units are {', '.join(self.precisions)}")
        found = []
        for number, line in enumerate(request.body.decode().split("\n"), 1):
            if not line or line.startswith("#"):
                continue
            try:
                found.append((number, line, self.points(line, scale)))
            except ValueError as wrong:
                found.append((number, line, wrong))
        if not found:
            raise Refuse(400, "writing requires points")
        return found

    def points(self, line, scale):
        measurement, tags, fields, stamp = parse_line(line)
        time_ms = round(stamp * scale * 1000)
        if not 1e9 < stamp * scale < self.now() + 365 * 86400:  # a wrong precision: 1970, or far ahead (form ours)
            raise ValueError(f"time {stamp} is no plausible time at this precision")
        if self.oldest is not None and self.now() - stamp * scale > self.oldest:
            raise ValueError("points beyond retention policy")
        self.check_schema(measurement, tags, fields)
        return [(measurement if field == "value" else f"{measurement}.{field}", tags, time_ms, value) for field,
                (_, value) in fields.items()]

    def check_schema(self, table, tags, fields):
        for field, (kind, _) in fields.items():
            known = self.types.get((table, field), kind)
            if known != kind:
                raise ValueError(f'field type conflict: input field "{field}" on measurement "{table}" is type {kind}, already exists as type {known}')
        columns = self.columns.get(table, {"time"}) | set(tags) | set(fields)
        if self.max_tables and table not in self.columns and len(self.columns) >= self.max_tables:
            raise ValueError(f"service limit reached: couldn't create new table; namespace contains {self.max_tables} existing tables")
        if self.max_columns and len(columns) > self.max_columns:
            raise ValueError(f"service limit reached: couldn't create columns in table `{table}`; limit is {self.max_columns}")
        self.columns[table] = columns
        self.types.update({(table, field): kind for field, (kind, _) in fields.items()})

    def good_of(self, lines):
        return [point for _, _, points in lines if not isinstance(points, ValueError) for point in points]

    def bad_of(self, lines):
        return [(number, line, str(why)) for number, line, why in lines if isinstance(why, ValueError)]


class Influx2(Lines):
    """InfluxDB 2, and Cloud on TSM: the first malformed line refuses the batch, a field's type conflict drops its lines (422), the
    rest is written."""

    url_path = "/api/v2/write?org=home&bucket=pi&precision=ms"
    limit = limit_raw = 50_000_000
    codes = {400: "invalid", 401: "unauthorized", 404: "not found", 413: "request too large", 422: "unprocessable entity",
             429: "too many requests"}
    org, bucket, parameters = "home", "pi", {"org", "orgID", "bucket", "precision"}
    partial = False
    window = None  # (bytes, seconds): more decompressed bytes in one fixed window are 429

    def words(self, code, why):
        return {"code": self.codes.get(code, "unavailable"), "message": "unauthorized access" if code == 401 else why}

    def take(self, request):
        if set(request.query) - self.parameters:
            raise Refuse(400, f"unknown parameter {set(request.query) - self.parameters}")  # form ours
        if request.query.get("org", self.org) != self.org or not request.query.get("org"):
            raise Refuse(404, f'organization name "{request.query.get("org")}" not found')
        if request.query.get("bucket") != self.bucket:
            raise Refuse(404, f'bucket "{request.query.get("bucket")}" not found')
        self.meter(request)
        lines = self.lines(request)
        bad = self.bad_of(lines)
        conflict = all("conflict" in why or "retention" in why for _, _, why in bad)
        if bad and not self.partial and not conflict:
            raise Refuse(400, "unable to parse '" + bad[0][1][:100] + "': " + bad[0][2])
        series = {(name, tuple(sorted(tags.items()))) for name, tags, _, _ in self.good_of(lines)} | set(self.kept)
        if self.max_series and len(series) > self.max_series:
            raise Refuse(429, f"{len(series)} series, more than {self.max_series}", headers={"Retry-After": "300"})
        self.keep(self.good_of(lines))
        if bad:
            code = 400 if self.partial else 422
            why = "; ".join(f"line {number}: {why}" for number, _, why in bad[:100])
            text = f"failed to parse line protocol: errors encountered on line(s): {why}" if self.partial else f"partial write: {why} dropped={len(bad)}"
            self.refused += [(code, why) for _, _, why in bad]
            return Answer(code, self.words(code, text))
        return Answer(204)

    def meter(self, request):
        if not self.window:
            return
        size, seconds = self.window
        number = self.now() // seconds
        used = sum(len(r.body) for r in self.requests if r.status == 204 and getattr(r, "window", None) == number)
        request.window = number
        if used + len(request.body) > size:
            raise Refuse(429, "write limit of this period reached",
                         headers={"Retry-After": str(math.ceil((number + 1) * seconds - self.now()))})


class InfluxCloudFree(Influx2):
    """docs.influxdata.com/influxdb/cloud/account-management/limits: 5 MB in 5 minutes, 10,000 series, 30 days."""

    window, max_series, oldest = (5_000_000, 300), 10_000, 30 * 86400


class InfluxServerless(Influx2):
    """Cloud Serverless (engine 3 behind the v2 API): 400 for what is wrong, and the good lines are written; 500 tables, 200
    columns."""

    partial, max_tables, max_columns = True, 500, 200
    oldest = 30 * 86400


class Influx3(Lines):
    """InfluxDB 3 Core: long words of precision, Bearer, 400 with a list of the lines that it did not write."""

    url_path = "/api/v3/write_lp?db=pi&precision=millisecond&accept_partial=true"
    precisions = LONG
    limit = limit_raw = 10_485_760  # max-http-request-size
    max_tables, max_columns = 2000, 500
    parameters = {"db", "precision", "accept_partial", "no_sync"}

    def authorized(self, request):
        return request.headers["Authorization"] == f"Bearer {self.key}"

    def words(self, code, why):
        return {"error": "the request was not authenticated" if code == 401 else why}

    def take(self, request):
        if set(request.query) - self.parameters or any(request.query.get(p, "true") not in ("true", "false")
                                                       for p in ("accept_partial", "no_sync")):
            raise Refuse(400, f"invalid parameters {request.query}")
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_/-]*", request.query.get("db", "")):
            raise Refuse(400, "db name did not start with a number or letter")
        lines = self.lines(request)
        bad = [{"original_line": line, "line_number": number, "error_message": why} for number, line, why in self.bad_of(lines)]
        if bad and request.query.get("accept_partial") == "false":
            raise Refuse(400, bad[0]["error_message"], {"error": "parsing failed for write_lp endpoint", "data": bad[0]})
        self.keep(self.good_of(lines))
        self.refused += [(400, line["error_message"]) for line in bad]
        return Answer(400, {"error": "partial write of line protocol occurred", "data": bad}) if bad else Answer(204)


class QuestDb(Lines):
    """ILP over HTTP: Basic (open source) or Bearer (Enterprise), a request is all or nothing, names without what a file's name
    cannot have."""

    url_path = "/write?precision=ms"
    once = False
    precisions = {"s": 1, "ms": 1e-3, "u": 1e-6, "us": 1e-6, "n": 1e-9, "ns": 1e-9}
    user = "admin"

    def authorized(self, request):
        return request.headers["Authorization"] in (basic(self.user, self.key), f"Bearer {self.key}")

    def words(self, code, why):
        return {"code": "invalid", "message": why, "line": 1, "errorId": "9e8b4e7a51a5-1"} if code == 400 else b"Unauthorized\r\n"

    def take(self, request):
        lines = self.lines(request)
        for number, line, why in self.bad_of(lines):
            raise Refuse(400, f"failed to parse line protocol:errors encountered on line(s):\nerror in line {number}: {why}")
        self.keep(self.good_of(lines))
        return Answer(204)

    def check_schema(self, table, tags, fields):
        for name in (table, *tags, *fields):
            if re.search(r"[?,'\"\\/:)(+*%~\n\r]", name) or len(name.encode()) > 127 or name != table and re.search("[.-]", name):
                raise ValueError(f"invalid {'table' if name == table else 'column'} name: {name}")
        super().check_schema(table, tags, fields)
