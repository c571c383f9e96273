"""The right message is opentelemetry-proto's examples/metrics.json, as protobuf; delta, as it stands there."""
import copy

from double_cases import Vendor
from doubles import otlp_vendors as vendors
from doubles.otlp import CUMULATIVE, DELTA, REQUEST, Otlp
from doubles.protobuf import encode

TIMES = {"start": 1544712660300000000, "time": 1544712660300000000}
NOW = 1544712661
TYPE = {"Content-Type": "application/x-protobuf"}


def attribute(key, value):
    return {"key": key, "value": {"string": value}}


def metric(name, kind, point, **more):
    return {"name": name, "unit": "1", kind: {"points": [{"attributes": [attribute(f"{name}.attr", "some value")], **TIMES,
                                                          **point}], **more}}


COUNTER = metric("my.counter", "sum", {"as_double": 5.0}, temporality=DELTA, monotonic=True)
GAUGE = metric("my.gauge", "gauge", {"as_double": 10.0})
HISTOGRAM = metric("my.histogram", "histogram", {"count": 2, "sum": 2.0, "buckets": [1, 1], "bounds": [1.0], "min": 0.0,
                                                 "max": 2.0}, temporality=DELTA)
SCOPE = {"name": "my.library", "version": "1.0.0", "attributes": [attribute("my.scope.attribute", "some scope attribute")]}


def message(*metrics, resource=(attribute("service.name", "my.service"),), extra=b""):
    return encode(REQUEST, {"resources": [{"resource": {"attributes": list(resource)},
                                           "scopes": [{"scope": SCOPE, "metrics": list(metrics)}]}]}) + extra


def one(base, kind, point=None, remove=(), **more):
    """The message of one metric, its point or its kind's fields changed."""
    changed = copy.deepcopy(base)
    changed[kind]["points"][0].update(point or {})
    for name in remove:
        changed[kind]["points"][0].pop(name, None)
        changed[kind].pop(name, None)
    changed[kind].update(more)
    return {"body": message(changed)}


def label(name):
    return {"service.name": "my.service", f"{name}.attr": "some value"}


MS = 1544712660300
KEEPS = [("my.counter", label("my.counter"), MS, 5.0), ("my.gauge", label("my.gauge"), MS, 10.0), ("my.histogram_count",
        label("my.histogram"), MS, 2.0),
         ("my.histogram_sum", label("my.histogram"), MS, 2.0), ("my.histogram_bucket", {**label("my.histogram"), "le": "1"}, MS,
                                                                1.0),
         ("my.histogram_bucket", {**label("my.histogram"), "le": "+Inf"}, MS, 2.0)]
WRONG = {
    "JSON": (415, {"headers": {"Content-Type": "application/json"}}), "an unknown field": (400,
        {"body": message(GAUGE, extra=b"\x28\x01")}),
    "truncated": (400, {"body": message(GAUGE)[:-3]}), "no metrics": (400, {"body": message()}),
    "a sum without a start": (400, one(COUNTER, "sum", remove=["start"])), "a sum without temporality": (400, one(COUNTER, "sum",
        remove=["temporality"])),
    "NaN in a sum": (400, one(COUNTER, "sum", {"as_double": float("nan")})), "a negative counter": (400, one(COUNTER, "sum",
        {"as_double": -1.0})),
    "two values": (400, one(GAUGE, "gauge", {"as_int": 1})), "no value": (400, one(GAUGE, "gauge", remove=["as_double"])),
    "no time": (400, one(GAUGE, "gauge", remove=["time"])), "stale with a value": (400, one(GAUGE, "gauge", {"flags": 1})),
    "counts that do not add up": (400, one(HISTOGRAM, "histogram", {"count": 3})), "a bucket missing": (400, one(HISTOGRAM,
        "histogram", {"buckets": [2]})),
    "bounds not in order": (400, one(HISTOGRAM, "histogram", {"buckets": [1, 0, 1], "bounds": [2.0, 1.0]})),
    "an infinite bound": (400, one(HISTOGRAM, "histogram", {"bounds": [float("inf")]})),
    "an attribute twice": (400, one(GAUGE, "gauge", {"attributes": [attribute("a", "1"), attribute("a", "2")]})),
    "starts after its time": (400, one(COUNTER, "sum", {"start": TIMES["time"] + 1})),
}
TOTAL = one(COUNTER, "sum", temporality=CUMULATIVE)
LONG = one(GAUGE, "gauge", {"attributes": [attribute("a" * 257, "1")]})
VALUE = one(GAUGE, "gauge", {"attributes": [attribute("a", "v" * 5000)]})
RIGHT = message(COUNTER, GAUGE, HISTOGRAM)
PROJECT = (attribute("service.name", "my.service"), attribute("gcp.project_id", "home"))


def vendor(make, headers, wrong, keeps=KEEPS, body=RIGHT, **more):
    return Vendor(make, {"body": body, "headers": {**TYPE, **headers}}, keeps, 200, {**WRONG, **wrong}, now=NOW, **more)


BEARER = {"Authorization": "Bearer s3cret"}
GOOGLE = [(name, {**labels, "gcp.project_id": "home"}, ms, value) for name, labels, ms, value in KEEPS]
CASES = {
    "Otlp": vendor(Otlp, BEARER, {"another key": (401, {"headers": {"Authorization": "Bearer other"}})}),
    "DatadogOtlp": vendor(vendors.DatadogOtlp, {"dd-api-key": "s3cret", "dd-protocol": "otlp"}, {"cumulative": (200, TOTAL)},
                          codes={"no key": 403}),
    "Honeycomb": vendor(vendors.Honeycomb, {"x-honeycomb-team": "s3cret", "x-honeycomb-dataset": "pi"},
                        {"no dataset": (400, {"headers": {"x-honeycomb-dataset": None}})}),
    "Axiom": vendor(vendors.Axiom, {**BEARER, "x-axiom-metrics-dataset": "pi"}, {
        "no dataset": (400, {"headers": {"x-axiom-metrics-dataset": None}}), "a long name": (200, LONG), "a long value": (200,
        VALUE)}),
    "GoogleManagedPrometheus": vendor(vendors.GoogleManagedPrometheus, BEARER, {
        "no project": (400, {"body": RIGHT}), "a name that starts with _": (200, {"body": message({**GAUGE, "name": "_my"},
                                                                                                  resource=PROJECT)}),
        "a dash in a label": (200, {"body": message(metric("a-b", "gauge", {"as_double": 1.0}), resource=PROJECT)})}, GOOGLE,
        message(COUNTER, GAUGE, HISTOGRAM, resource=PROJECT)),
    "CloudWatchOtlp": vendor(vendors.CloudWatchOtlp, {}, {
        "151 labels": (200, one(GAUGE, "gauge", {"attributes": [attribute(f"a{n}", "v") for n in range(151)]})),
        "a bearer": (403, {"headers": BEARER})}, codes={"no key": None}),
    "SolarWinds": vendor(vendors.SolarWinds, BEARER, {}),
    "Dynatrace": vendor(vendors.Dynatrace, {"Authorization": "Api-Token s3cret"}, {
        "a bearer": (401, {"headers": BEARER}), "a cumulative counter": (200, TOTAL), "a cumulative histogram": (200,
        one(HISTOGRAM, "histogram", temporality=CUMULATIVE)),
        "a summary": (200, {"body": message(metric("my.summary", "summary", {"count": 1, "sum": 1.0}))}), "a name of one": (200,
        {"body": message({**GAUGE, "name": "m"})})}),
    "NewRelicOtlp": vendor(vendors.NewRelicOtlp, {"api-key": "s3cret"}, {
        "a long name": (200, LONG), "a long value": (200, VALUE), "3 days ago": (200, one(GAUGE, "gauge",
        {"time": (NOW - 3 * 86400) * 10**9, "start": 1}))}, codes={"no key": 403}),
}
