"""Series as JSON: Datadog v2, SignalFx (Splunk Observability Cloud), OpenTSDB, New Relic's metric API."""
import re
import uuid

from doubles.base import Answer, Double, Refuse
from doubles.shapes import integer, matches, number, shape, strict_json, string, texts


def listed(value):
    return isinstance(value, list) and bool(value)


class Datadog(Double):
    """docs.datadoghq.com/api/latest/metrics, "Submit metrics" v2. A point outside of 1 h past and 10 min future is dropped without
    a word (the text does not say how). Labels: tags, split at the first colon, and the resource `host`."""

    url_path = "/api/v2/series"
    content_types = ("application/json",)
    encodings = ("gzip", "deflate")
    limit, limit_raw = 512_000, 5_242_880
    bad_key = 403
    once = True  # the same series and second overwrites

    def authorized(self, request):
        return request.headers["DD-API-KEY"] == self.key

    def words(self, code, why):
        return {"errors": ["Forbidden" if code == 403 else why]}

    def take(self, request):
        body = shape(strict_json(request.body), "body", {"series": listed})
        points = [point for series in body["series"] for point in self.of_series(series)]
        early = [p for p in points if not -600 <= self.now() - p[2] / 1000 <= 3600]
        self.refused += [(202, f"{name}: {time_ms} is more than 1 h past or 10 min ahead") for name, _, time_ms, _ in early]
        self.keep(p for p in points if p not in early)
        return Answer(202, {"errors": []})

    def of_series(self, series):
        metric = matches(r"[a-zA-Z][a-zA-Z0-9_.]{0,199}")  # "Custom metric naming": other characters would be replaced
        shape(series, "series", {"metric": metric, "points": listed},
              {"type": lambda t: t in (0, 1, 2, 3), "interval": lambda i: integer(i) and i > 0, "unit": string,
               "source_type_name": string,
               "tags": lambda tags: isinstance(tags, list) and all(matches("[a-zA-Z][^,]{0,199}")(t) for t in tags),
               "resources": lambda r: isinstance(r, list)})
        if series.get("type") in (1, 2) and "interval" not in series:
            raise Refuse(400, f"{series['metric']}: a count or a rate without interval")
        labels = dict(tag.partition(":")[::2] for tag in series.get("tags", []))
        for resource in series.get("resources", []):
            shape(resource, "resource", {"type": string, "name": string})
            labels[resource["type"]] = resource["name"]
        for point in series["points"]:
            shape(point, "point", {"timestamp": lambda t: integer(t) and t < 10**11, "value": number})
            yield series["metric"], labels, point["timestamp"] * 1000, float(point["value"])


class SignalFx(Double):
    """help.splunk.com "Send metrics … using REST APIs", dev.splunk.com "Send data points": 36 dimensions, their rules for names,
    128 and 256 characters. .kinds: metric -> the array it came in."""

    url_path = "/v2/datapoint"
    content_types = ("application/json",)
    KINDS = ("gauge", "counter", "cumulative_counter")

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.kinds = {}

    def authorized(self, request):
        return request.headers["X-SF-Token"] == self.key

    def words(self, code, why):
        return {"message": why, "code": code}

    def take(self, request):
        body = strict_json(request.body)
        shape(body, "body", {}, {kind: listed for kind in self.KINDS})
        if not body:
            raise Refuse(400, "no data points")
        points = []
        for kind, data in body.items():
            for point in data:
                shape(point, "data point", {"metric": matches("(?s).{1,256}"), "value": number},
                      {"timestamp": lambda t: integer(t) and t > 10**11, "dimensions": texts})
                if self.kinds.setdefault(point["metric"], kind) != kind:  # "more than one of the metric type arrays"
                    raise Refuse(400, f"{point['metric']} is {kind} and {self.kinds[point['metric']]}")
                points.append((point["metric"], self.dimensions(point), point.get("timestamp") or self.server_time(),
                               float(point["value"])))
        self.keep(points)
        return Answer(200, b'"OK"', {"Content-Type": "application/json"})

    def dimensions(self, point):
        found = point.get("dimensions", {})
        for name, value in found.items():
            if not re.fullmatch("(?!sf_(?!hires$)|aws_|gcp_|azure_)[A-Za-z][A-Za-z0-9_-]{0,127}", name):
                raise Refuse(400, f"{point['metric']}: dimension name {name[:40]}")
            if not 1 <= len(value) <= 256:
                raise Refuse(400, f"{point['metric']}: the value of {name} is empty or longer than 256")
        if len(found) > 36:
            raise Refuse(400, f"{point['metric']}: {len(found)} dimensions")
        return found


class OpenTsdb(Double):
    """opentsdb.net/docs/build/html/api_http/put.html and "Writing data": single points fail, the others are written; 204, or with
    ?details or ?summary 200 and 400 with counts. No authentication of its own."""

    url_path = "/api/put?details"
    once = True
    max_tags = 8  # tsd.storage.max_tags

    def authorized(self, request):
        return True

    def words(self, code, why):
        return {"error": {"code": code, "message": why, "details": why}}

    def take(self, request):
        if set(request.query) - {"details", "summary", "sync", "sync_timeout"}:
            raise Refuse(400, f"unknown parameters {request.query}")
        body = strict_json(request.body)
        good, errors = [], []
        for point in body if isinstance(body, list) else [body]:
            try:
                good.append(self.point(point))
            except Refuse as no:
                errors.append({"datapoint": point, "error": no.why})
        if not good and not errors:
            raise Refuse(400, "No datapoints found in content")
        self.keep(good)
        self.refused += [(400, error["error"]) for error in errors]
        counts = {"success": len(good), "failed": len(errors)}
        if "details" in request.query:
            return Answer(400 if errors else 200, {**counts, "errors": errors})
        if "summary" in request.query:
            return Answer(400 if errors else 200, counts)
        if errors:
            raise Refuse(400, "One or more data points had errors",
                         {"error": {"code": 400, "message": "One or more data points had errors",
                                                                              "details": "Please see the TSD logs or append \"details\""}})
        return Answer(204)

    def point(self, point):
        legal = matches(r"[\w./-]+")  # letters of any script, digits, - _ . /
        shape(point, "data point", {"metric": legal, "timestamp": lambda t: integer(t) and 10**9 <= t < 10**13,
                                    "value": number, "tags": texts})
        tags = point["tags"]
        if not 1 <= len(tags) <= self.max_tags:
            raise Refuse(400, "Missing tags" if not tags else f"Too many tags: {len(tags)} maximum allowed: {self.max_tags}")
        for name, value in tags.items():
            if not legal(name) or not legal(value):
                raise Refuse(400, f"Invalid tag name or value: {name}={value}")
        time_ms = point["timestamp"] if point["timestamp"] >= 10**11 else point["timestamp"] * 1000
        return point["metric"], tags, time_ms, float(point["value"])


class NewRelicMetrics(Double):
    """docs.newrelic.com, "Report metrics via the Metric API" and its limits: what is wrong with the request is 400, what is wrong
    with a metric is found after 202 and stands in .errors (NrIntegrationError). .kinds: metric -> type; a count's `interval.ms`
    in .intervals."""

    url_path = "/metric/v1"
    content_types = ("application/json",)
    limit = 1_000_000
    bad_key = 403

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.errors, self.kinds, self.intervals = [], {}, {}

    def authorized(self, request):
        return request.headers["Api-Key"] == self.key

    def words(self, code, why):
        return {"error": {"message": why}}

    def take(self, request):
        body = strict_json(request.body)
        if not listed(body):
            raise Refuse(400, "the payload is an array of maps")
        request_id, points = str(uuid.uuid4()), []
        for block in body:
            shape(block, "block", {"metrics": listed}, {"common": lambda c: isinstance(c, dict)})
            common = shape(block.get("common", {}), "common", {}, {"timestamp": integer, "interval.ms": integer,
                                                                   "attributes": self.attributes})
            for metric in block["metrics"]:
                why = self.metric(metric, common, points)
                if why:
                    self.refused.append((202, why))
                    self.errors.append({"category": "BadRequest", "message": why, "requestId": request_id,
                                        "newRelicFeature": "Metrics"})
        self.keep(points)
        return Answer(202, {"requestId": request_id})

    @staticmethod
    def attributes(value):
        return isinstance(value, dict) and all(string(v) or number(v) or isinstance(v, bool) for v in value.values())

    def metric(self, metric, common, points):
        try:
            shape(metric, "metric", {"name": matches("(?s).{1,254}"), "value": lambda v: number(v) or isinstance(v, dict)},
                  {"type": lambda t: t in ("gauge", "count", "summary"), "timestamp": integer,
                   "interval.ms": lambda i: integer(i) and i > 0,
                   "attributes": self.attributes})
        except Refuse as no:
            return no.why
        name, kind = metric["name"], metric.get("type", "gauge")
        labels = {key: str(v) for key, v in {**common.get("attributes", {}), **metric.get("attributes", {})}.items()}
        time_ms, interval = (metric.get(key, common.get(key)) for key in ("timestamp", "interval.ms"))
        if time_ms is None:  # the text: required; missing, it would be the server's time
            return f"{name}: no timestamp"
        if kind != "gauge" and not interval:
            return f"{name}: {kind} without interval.ms"
        if (kind == "summary") != isinstance(metric["value"], dict):
            return f"{name}: the value does not fit {kind}"
        if not -86400 <= self.now() - time_ms / 1000 <= 172800:
            return f"{name}: timestamp {time_ms} is older than 48 h or more than 24 h ahead"
        if len(labels) > 150 or any(not re.fullmatch("[A-Za-z0-9:._-]{1,254}", k) or len(v) > 4096 for k, v in labels.items()):
            return f"{name}: too many attributes, or one with a name or a value that is not allowed"
        self.kinds[name], self.intervals[name] = kind, interval
        values = metric["value"] if kind == "summary" else {"": metric["value"]}
        points += [(f"{name}.{part}" if part else name, labels, time_ms, float(value)) for part, value in values.items()]
        return None
