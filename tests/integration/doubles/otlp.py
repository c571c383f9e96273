"""OTLP/HTTP metrics, protobuf only, as the OpenTelemetry protocol specification 1.x has it. otlp_vendors.py has those who ask for more.

    double.points       every data point taken, as a dict: name, kind ("gauge", "sum", "histogram", "summary"), temporality, monotonic,
                        resource, scope, labels, time_ms, start_ms, and value or count/sum/buckets/bounds/quantiles
    double.reject       None, or a function (point) -> reason or None: what it names is refused as partial_success (the rest is taken)

In received() a histogram is name_bucket{le}, name_sum and name_count again, `le` counting up and written as in 0.5, 1 and +Inf; a summary has
`quantile`. Labels are those of the resource and the data point together. "stale" stands for the flag no-recorded-value.
"""
import math

from doubles.base import Answer, Double, Refuse
from doubles.protobuf import decode, encode

VALUE = {1: ("string", "string"), 2: ("bool", "bool"), 3: ("int", "int"), 4: ("double", "double")}  # arrays are no label's value
KEY_VALUE = {1: ("key", "string"), 2: ("value", VALUE)}
NUMBER = {7: ("attributes", [KEY_VALUE]), 2: ("start", "fixed64"), 3: ("time", "fixed64"), 4: ("as_double", "double"),
          6: ("as_int", "sfixed64"), 8: ("flags", "uint")}
HISTOGRAM = {9: ("attributes", [KEY_VALUE]), 2: ("start", "fixed64"), 3: ("time", "fixed64"), 4: ("count", "fixed64"),
             5: ("sum", "double"),
             6: ("buckets", ["fixed64"]), 7: ("bounds", ["double"]), 10: ("flags", "uint"), 11: ("min", "double"),
             12: ("max", "double")}
SUMMARY = {7: ("attributes", [KEY_VALUE]), 2: ("start", "fixed64"), 3: ("time", "fixed64"), 4: ("count", "fixed64"),
           5: ("sum", "double"),
           6: ("quantiles", [{1: ("quantile", "double"), 2: ("value", "double")}]), 8: ("flags", "uint")}
METRIC = {1: ("name", "string"), 2: ("description", "string"), 3: ("unit", "string"), 5: ("gauge", {1: ("points", [NUMBER])}),
          7: ("sum", {1: ("points", [NUMBER]), 2: ("temporality", "uint"), 3: ("monotonic", "bool")}),
          9: ("histogram", {1: ("points", [HISTOGRAM]), 2: ("temporality", "uint")}), 11: ("summary", {1: ("points", [SUMMARY])})}
SCOPE = {1: ("name", "string"), 2: ("version", "string"), 3: ("attributes", [KEY_VALUE])}
SCOPE_METRICS = {1: ("scope", SCOPE), 2: ("metrics", [METRIC]), 3: ("schema_url", "string")}
RESOURCE_METRICS = {1: ("resource", {1: ("attributes", [KEY_VALUE])}), 2: ("scopes", [SCOPE_METRICS]),
                    3: ("schema_url", "string")}
REQUEST = {1: ("resources", [RESOURCE_METRICS])}
RESPONSE = {1: ("partial_success", {1: ("rejected", "int"), 2: ("message", "string")})}
STATUS = {1: ("code", "uint"), 2: ("message", "string")}  # google.rpc.Status, the body of every error
DELTA, CUMULATIVE, NO_VALUE = 1, 2, 1
GRPC = {400: 3, 401: 16, 403: 7, 404: 5, 413: 8, 429: 8, 503: 14}


def le(bound):
    return "+Inf" if bound == math.inf else repr(bound).removesuffix(".0")


def attributes(pairs, where):
    found = {}
    for pair in pairs:
        value = list(pair.get("value", {}).values())
        if not pair.get("key") or len(value) != 1:
            raise Refuse(400, f"{where}: an attribute without a key or a value")
        if pair["key"] in found:  # keys are unique: common.proto
            raise Refuse(400, f"{where}: attribute {pair['key']} twice")
        found[pair["key"]] = str(value[0])
    return found


class Otlp(Double):
    url_path = "/v1/metrics"
    content_types = ("application/x-protobuf",)
    temporalities = (DELTA, CUMULATIVE)
    header = "Authorization"
    summaries = True

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.points, self.reject = [], None

    def authorized(self, request):
        given = request.headers[self.header]
        return given == (f"Bearer {self.key}" if self.header == "Authorization" else self.key)

    def words(self, code, why):
        return encode(STATUS, {"code": GRPC.get(code, 13), "message": why})

    def complain(self, point):
        """Why this vendor does not take this point, which is then partial_success; or None."""
        return self.reject(point) if self.reject else None

    def drop(self, point):
        """Whether this vendor answers with success and loses the point."""
        return False

    def take(self, request):
        points = [point for resource in decode(REQUEST, request.body)["resources"] for point in self.of_resource(resource)]
        if not points:
            raise Refuse(400, "no data point")
        taken, reasons = [], []
        for point in points:
            why = self.complain(point)
            (reasons if why else taken).append(why or point)
        taken = [point for point in taken if not self.drop(point)]
        self.refused += [(200, why) for why in reasons]
        self.points += taken
        self.keep(sample for point in taken for sample in samples_of(point))
        partial = {"partial_success": {"rejected": len(reasons), "message": "; ".join(reasons)}} if reasons else {}
        return Answer(200, encode(RESPONSE, partial), {"Content-Type": "application/x-protobuf"})

    def of_resource(self, message):
        resource = attributes(message.get("resource", {}).get("attributes", []), "resource")
        for scope in message["scopes"]:
            for metric in scope["metrics"]:
                kinds = [kind for kind in ("gauge", "sum", "histogram", "summary") if kind in metric]
                if not metric.get("name") or len(kinds) != 1:
                    raise Refuse(400, f"metric {metric.get('name')!r} has {kinds or 'no data'}")
                for point in metric[kinds[0]]["points"]:
                    yield self.of_point(metric, kinds[0], point, resource, scope.get("scope", {}).get("name", ""))

    def of_point(self, metric, kind, point, resource, scope):
        name, data = metric["name"], metric[kind]
        own = attributes(point["attributes"], name)
        if any(resource.get(key, value) != value for key, value in own.items()):
            raise Refuse(400, f"{name}: an attribute of the resource and of the point differ")
        found = {"name": name, "kind": kind, "resource": resource, "scope": scope, "labels": {**resource, **own},
                 "temporality": data.get("temporality", 0), "monotonic": data.get("monotonic", False),
                 "description": metric.get("description", ""), "unit": metric.get("unit", "")}
        if kind in ("sum", "histogram") and found["temporality"] not in (DELTA, CUMULATIVE):  # UNSPECIFIED is not to be used
            raise Refuse(400, f"{name}: no aggregation temporality")
        if not point.get("time"):  # "it is required"
            raise Refuse(400, f"{name}: no time_unix_nano")
        if kind != "gauge" and not point.get("start"):
            raise Refuse(400, f"{name}: a {kind} without start_time_unix_nano")
        if point.get("start", 0) > point["time"]:
            raise Refuse(400, f"{name}: starts after its time")
        found["time_ms"], found["start_ms"] = point["time"] // 1_000_000, point.get("start", 0) // 1_000_000
        found["stale"] = bool(point.get("flags", 0) & NO_VALUE)
        if point.get("flags", 0) & ~NO_VALUE:
            raise Refuse(400, f"{name}: flags {point['flags']}")
        CHECKS[kind](name, point, found)
        return found


def number_point(name, point, found):
    values = [point[key] for key in ("as_double", "as_int") if key in point]
    if len(values) != (0 if found["stale"] else 1):
        raise Refuse(400, f"{name}: {len(values)} values")
    found["value"] = float(values[0]) if values else None
    if found["kind"] == "sum" and values:  # a sum of what is no number is none
        if math.isnan(values[0]) or math.isinf(values[0]):
            raise Refuse(400, f"{name}: {values[0]} in a sum")
        if found["monotonic"] and values[0] < 0:
            raise Refuse(400, f"{name}: a monotonic sum below zero")


def histogram_point(name, point, found):
    buckets, bounds, count = point["buckets"], point["bounds"], point.get("count", 0)
    found.update(buckets=buckets, bounds=bounds, count=count, sum=point.get("sum"))
    if found["stale"]:
        if buckets or bounds or count or "sum" in point:
            raise Refuse(400, f"{name}: no recorded value, and one")
        return
    if (buckets or bounds) and len(buckets) != len(bounds) + 1:
        raise Refuse(400, f"{name}: {len(buckets)} bucket_counts for {len(bounds)} explicit_bounds")
    if buckets and sum(buckets) != count:
        raise Refuse(400, f"{name}: bucket_counts sum up to {sum(buckets)}, count is {count}")
    if any(not math.isfinite(bound) for bound in bounds) or any(a >= b for a, b in zip(bounds, bounds[1:])):
        raise Refuse(400, f"{name}: explicit_bounds are not strictly increasing numbers")
    if math.isnan(point.get("sum", 0)) or math.isinf(point.get("sum", 0)):
        raise Refuse(400, f"{name}: sum {point['sum']}")


def summary_point(name, point, found):
    found.update(count=point.get("count", 0), sum=point.get("sum", 0.0))
    found["quantiles"] = [(q.get("quantile", 0.0), q.get("value", 0.0)) for q in point["quantiles"]]
    if found["stale"] and (found["count"] or found["sum"] or found["quantiles"]):
        raise Refuse(400, f"{name}: no recorded value, and one")
    if any(not 0 <= quantile <= 1 for quantile, _ in found["quantiles"]):
        raise Refuse(400, f"{name}: quantile outside of 0 to 1")


CHECKS = {"gauge": number_point, "sum": number_point, "histogram": histogram_point, "summary": summary_point}


def samples_of(point):
    name, labels, time = point["name"], point["labels"], point["time_ms"]
    if point["kind"] in ("gauge", "sum"):
        return [(name, labels, time, "stale" if point["stale"] else point["value"])]
    if point["stale"]:
        return [(f"{name}_count", labels, time, "stale")]
    found = [(f"{name}_count", labels, time, float(point["count"]))]
    if point["sum"] is not None:
        found.append((f"{name}_sum", labels, time, point["sum"]))
    if point["kind"] == "summary":
        return found + [(name, {**labels, "quantile": le(quantile)}, time, value) for quantile, value in point["quantiles"]]
    seen = 0
    for bound, count in zip([*point["bounds"], math.inf], point["buckets"]):
        seen += count
        found.append((f"{name}_bucket", {**labels, "le": le(bound)}, time, float(seen)))
    return found
