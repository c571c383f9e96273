"""The right request has the series of the remote_write specification's prose: labels sorted, one sample; made by a small
encoder of the tests' own."""
import struct

from double_cases import Vendor
from doubles import remote_write as edges
from doubles.auth import basic
from doubles.protobuf import encode, write_varint

LABEL = {1: ("name", "string"), 2: ("value", "string")}
SAMPLE = {1: ("value", "fixed64"), 2: ("time", "int")}
SERIES = {1: ("labels", [LABEL]), 2: ("samples", [SAMPLE])}
WRITE = {1: ("series", [SERIES])}
NOW = 1700000000
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0",
           "User-Agent": "test/1"}


def snappy(data):
    """The block format, all literal."""
    out = write_varint(len(data))
    for at in range(0, len(data), 60):
        piece = data[at:at + 60]
        out += bytes([len(piece) - 1 << 2]) + piece
    return out


def body(*series):
    """series: (labels in this order, [(time in ms, float or bits), …])"""
    bits = lambda v: v if isinstance(v, int) else struct.unpack("<Q", struct.pack("<d", v))[0]  # noqa: E731
    return snappy(encode(WRITE, {"series": [{"labels": [{"name": n, "value": v} for n, v in labels],
                                             "samples": [{"value": bits(v), "time": t} for t, v in samples]} for labels,
                                            samples in series]}))


UP = [("__name__", "up"), ("instance", "pi:9100"), ("job", "node")]


def one(labels=UP, time=NOW * 1000, value=1.0):
    return {"body": body((labels, [(time, value)]))}


def more(**labels):
    return one(sorted([*UP, *labels.items()]))


WRONG = {
    "JSON": (415, {"headers": {"Content-Type": "application/json"}}), "another version": (400,
        {"headers": {"X-Prometheus-Remote-Write-Version": "2.0.0"}}),
    "not compressed": (400, {"headers": {"Content-Encoding": None}}), "no user agent": (400, {"headers": {"User-Agent": ""}}),
    "labels not sorted": (400, one(UP[::-1])), "a label twice": (400, one([*UP, UP[-1]])), "an empty value": (400, more(z="")),
    "no name": (400, one(UP[1:])),
    "no samples": (400, {"body": body((UP, []))}), "cut snappy": (400, {"body": one()["body"][:-4]}),
    "an unknown field": (400, {"body": snappy(b"\x22\x00")}),
}
CODES = {"cut gzip": 415, "unknown encoding": 415}
LATE = {"body": body((UP, [(NOW * 1000 - 60_000, 1.0)]))}
MIMIR = {
    "another value at this time": (400, one(value=2.0)), "out of order": (400, LATE), "11 min ahead": (400,
        one(time=NOW * 1000 + 660_000)),
    "41 labels": (400, more(**{f"l{n}": "v" for n in range(38)})), "a value of 2049": (400, more(l="v" * 2049)),
}
KEEPS = [("up", {"instance": "pi:9100", "job": "node"}, NOW * 1000, 1.0)]


def vendor(make, headers, status, wrong, **codes):
    return Vendor(make, {**one(), "headers": {**HEADERS, **headers}}, KEEPS, status, {**WRONG, **wrong}, {**CODES, **codes}, NOW)


BEARER = {"Authorization": "Bearer s3cret"}
WRITE_URL = "/prometheus/v1/write"
CASES = {
    "NewRelicRemoteWrite": vendor(edges.NewRelicRemoteWrite, BEARER, 202, {
        "another key": (403, {"headers": {"Authorization": "Bearer other"}}), "no server's name": (400, {"path": WRITE_URL}),
        "an unknown parameter": (400, {"path": WRITE_URL + "?prometheus_server=home&key=s3cret"}), "3 days ago": (202,
        one(time=(NOW - 3 * 86400) * 1000)),
        "25 h ahead": (202, one(time=(NOW + 25 * 3600) * 1000)), "151 labels": (202, more(**{f"l{n}": "v" for n in range(148)})),
        "a value of 4097": (202, more(l="v" * 4097)), "a type that is none": (202, more(newrelic_metric_type="histogram"))},
                                  **{"no key": 403}),
    "Mimir": vendor(edges.Mimir, BEARER, 200, MIMIR),
    "GrafanaCloud": vendor(edges.GrafanaCloud, {"Authorization": basic("123456", "s3cret")}, 200, {
        **MIMIR, "bearer": (401, {"headers": BEARER}), "another token": (401, {"headers": {"Authorization": basic("123456",
                                                                                                                  "other")}}),
        "another instance": (401, {"headers": {"Authorization": basic("654321", "s3cret")}})}),
    "AmazonPrometheus": vendor(edges.AmazonPrometheus, {}, 200, {**MIMIR, "a bearer": (403, {"headers": BEARER})},
                               **{"no key": None}),
    "AzureMonitor": vendor(edges.AzureMonitor, BEARER, 204, {
        **MIMIR, "no api-version": (400, {"path": edges.AzureMonitor.url_path.partition("?")[0]}), "another token": (401,
        {"headers": {"Authorization": "Bearer other"}})}),
    "Gnocchi": vendor(edges.Gnocchi, {"Authorization": basic("admin", "s3cret")}, 202, {
        "another label": (400, more(zone="attic")), "a slash": (400, one([("__name__", "a/b"), *UP[1:]])), "a name of 256": (400,
        one([("__name__", "n" * 256), *UP[1:]])), "an instance of 513": (400, one([UP[0], ("instance", "i" * 513), UP[2]])),
        "one name twice": (400, {"body": body((UP, [(NOW * 1000, 1.0)]), (UP, [(NOW * 1000, 1.0)]))}),
        "another password": (401, {"headers": {"Authorization": basic("admin", "other")}})}),
}
