"""The right bodies are the examples of the vendors' pages, with the clock put to their time; where the row's form is the
user's, a row of ours."""
from double_cases import Vendor, altered, dumps
from doubles.auth import basic
from doubles.elasticsearch import Elasticsearch
from doubles.graphite import GraphiteSink
from doubles.rows import BetterStack, ClickHouse, CrateDb, Tinybird
from doubles.splunk import SplunkHec

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
BEARER = {"Authorization": "Bearer s3cret"}
ROW = {"timestamp": 1700000000000, "name": "up", "labels": {"job": "node"}, "value": 1}
KEPT = [("up", {"job": "node"}, 1700000000000, 1.0)]

# Telegraf's splunkmetric serializer, "Using Multimetric output"
CPU = {"time": 1572469920, "event": "metric", "host": "mono.local",
       "fields": {"class": "osx", "cpu": "cpu0", "metric_name:telegraf.cpu.usage_idle": 65.1,
                  "metric_name:telegraf.cpu.usage_user": 24.7}}
HEC = {"body": dumps(CPU), "headers": {**JSON, "Authorization": f"Splunk {SplunkHec.key}"}}


def hec(path, new):
    return {"body": altered(CPU, path, new)}


# elastic.co, "Bulk API": action line, document line; the document is ours
ACTION = {"create": {"_index": "metrics-prom-default", "_id": "1"}}
DOCUMENT = {"@timestamp": 1763812800123, "name": "up", "labels": {"job": "node"}, "value": 1}


def bulk(action=ACTION, document=DOCUMENT, end=b"\n"):
    return {"body": dumps(action).replace(b'"1"', b'"2"') + b"\n" + (document if isinstance(document, bytes)
                                                                     else dumps(document)) + end}


def row(path, new, end=b"\n"):
    return {"body": altered(ROW, path, new) + end}


ROWS = {"no newline at the end": row(["value"], 2, b""), "an unknown field": row(["host"], "pi"),
        "a value as text": row(["value"], "1"),
        "NaN": {"body": dumps(ROW).replace(b"1}", b"NaN}") + b"\n"}, "no time": row(["timestamp"], ...),
        "seconds": row(["timestamp"], 1700000000),
        "no name": row(["name"], ""), "labels as text": row(["labels"], "a=b")}
# betterstack.com, "Ingesting metrics": "Multiple metrics"
STACK = [{"name": "metric_a", "gauge": {"value": 3.14}}, {"name": "metric_b", "counter": {"value": 42}}]


def stack(path, new):
    return 406, {"body": altered(STACK, [0, *path], new)}


INSERT = "INSERT INTO samples (ts, name, labels, value) VALUES (?, ?, ?, ?) ON CONFLICT (ts, name, labels) DO NOTHING"
CRATE = {"stmt": INSERT, "bulk_args": [list(ROW.values())]}


def crate(path, new, status=400):
    return status, {"body": altered(CRATE, path, new)}


CASES = {
    "SplunkHec": Vendor(SplunkHec, HEC, [(f"telegraf.cpu.usage_{what}", {"class": "osx", "cpu": "cpu0", "host": "mono.local"},
                                          1572469920000, value)
                                        for what, value in (("idle", 65.1), ("user", 24.7))], 200, wrong={
        "another token": (403, {"headers": {"Authorization": "Splunk other"}}), "bearer": (401,
        {"headers": {"Authorization": f"Bearer {SplunkHec.key}"}}),
        "nothing": (400, {"body": b""}), "no event": (400, hec(["event"], ...)), "a blank event": (400, hec(["event"], "")),
                                            "no metric": (400, hec(["fields"], {"a": "b"})),
        "a metric as text": (400, hec(["fields", "metric_name:m"], "1")), "NaN": (400, {"body": dumps(CPU).replace(b"65.1",
                                                                                                                   b"NaN")}),
        "a dimension as a number": (400, hec(["fields", "cpu"], 0)), "a dimension that is internal": (400, hec(["fields", "_a"],
                                                                                                               "b")),
        "milliseconds": (400, hec(["time"], 1572469920000)), "an unknown field": (400, hec(["labels"], {})), "no time": (400,
        hec(["time"], ...)),
        "an array": (400, {"body": dumps([CPU])}), "the second one is wrong": (400, {"body": dumps(CPU) + dumps({}),
                                                                                     "kept": True})}),
    "Elasticsearch": Vendor(Elasticsearch, {"body": dumps(ACTION) + b"\n" + dumps(DOCUMENT) + b"\n", "headers": {**NDJSON,
        "Authorization": "ApiKey s3cret"}},
                            [("up", {"job": "node"}, 1763812800123, 1.0)], 200, wrong={
        "text": (406, {"headers": {"Content-Type": "text/plain"}}), "no newline at the end": (400, bulk(end=b"")), "basic": (401,
        {"headers": {"Authorization": basic("a", "b")}}),
        "an action without a document": (400, {"body": dumps(ACTION) + b"\n"}), "an unknown verb": (400, bulk({"put": {}})),
        "index": (200, bulk({"index": {"_index": "metrics-prom-default"}})), "another index": (200,
        bulk({"create": {"_index": "other", "_id": "1"}})),
        "no @timestamp": (200, bulk(document={**ROW})), "NaN": (200, bulk(document=dumps(DOCUMENT).replace(b"1}", b"NaN}"))),
        "a value as text": (200, bulk(document={**DOCUMENT, "value": "1"})), "an unknown field": (200,
        bulk(document={**DOCUMENT, "host": "pi"})),
        "an unknown key of the action": (400, bulk({"create": {"_index": "metrics-prom-default", "_type": "x"}}))}),
    "BetterStack": Vendor(BetterStack, {"body": dumps(STACK), "headers": {**JSON, **BEARER}},
                          [("metric_a", {}, 1700000000000, 3.14), ("metric_b", {}, 1700000000000, 42.0)], 202, now=1700000000,
                          codes={"no key": 403, "not a body": 406}, wrong={
        "text": (406, {"headers": {"Content-Type": "text/plain"}}), "another token": (403,
        {"headers": {"Authorization": "Bearer other"}}),
        "NaN": (406, {"body": dumps(STACK).replace(b"3.14", b"NaN")}), "nothing": (406, {"body": b"[]"}),
                              "no name": stack(["name"], ...), "a bare value": stack(["gauge"], 1),
        "a value as text": stack(["gauge"], {"value": "1"}), "an unknown field": stack(["host"], "pi"),
                              "gauge and counter": stack(["counter"], {"value": 1}),
        "a tag as a number": stack(["tags"], {"a": 1}), "ndjson cut": (406, {"body": dumps(STACK[0])[:-4] + b"\n",
                                                                             "headers": NDJSON})}),
    "Tinybird": Vendor(Tinybird, {"body": dumps(ROW) + b"\n", "headers": {**NDJSON, **BEARER}}, KEPT, 200, codes={"no key": 403,
        "not a body": 400}, wrong={
        "no name": (400, {"path": "/v0/events?wait=true"}), "no such source": (404, {"path": "/v0/events?name=other"}),
        "an unknown parameter": (400, {"path": "/v0/events?name=samples&token=s3cret"}),
        **{what: (200 if what != "no newline at the end" else 400, change) for what, change in ROWS.items()}}),
    "ClickHouse": Vendor(ClickHouse, {"body": dumps(ROW) + b"\n", "headers": {"X-ClickHouse-User": "default",
                                                                              "X-ClickHouse-Key": "s3cret"}}, KEPT, 200,
                         codes={"no key": 403, "not a body": 400}, wrong={
        "another password": (403, {"headers": {"X-ClickHouse-Key": "other"}}), "no such table": (404,
        {"path": "/?query=INSERT%20INTO%20other%20FORMAT%20JSONEachRow"}),
        "another format": (400, {"path": "/?query=INSERT%20INTO%20samples%20FORMAT%20CSV"}), "a select": (400,
        {"path": "/?query=SELECT%201"}),
        "an unknown setting": (404, {"path": ClickHouse.url_path + "&fast=1"}), **{what: (400, change) for what,
                                                                                   change in ROWS.items()}}),
    "CrateDb": Vendor(CrateDb, {"body": dumps(CRATE), "headers": {**JSON, "Authorization": basic("crate", "s3cret")}}, KEPT, 200,
                      wrong={
        "no conflict clause": crate(["stmt"], INSERT.partition(" ON")[0]), "a select": crate(["stmt"], "SELECT 1"),
                          "no rows": crate(["bulk_args"], ...),
        "an unknown field": crate(["rows"], []), "a row too short": crate(["bulk_args", 0], [1700000000001, "up", {}], 200),
        "a text as a value": crate(["bulk_args", 0, 3], "1", 200), "labels as text": crate(["bulk_args", 0, 2], "a", 200),
        "NaN": (400, {"body": dumps(CRATE).replace(b", 1]", b", NaN]")})}),
    # docs.metricfire.com, "Supported protocols": printf "foo 1.2\n" to the sink, with a time
    "GraphiteSink": Vendor(GraphiteSink, {"body": b"foo 1.2 1700000000\n", "headers": {"Authorization": basic("s3cret", "")}},
                           [("foo", {}, 1700000000000, 1.2)], 200,
                           now=1700000001, wrong={
        "the key as the password": (401, {"headers": {"Authorization": basic("", "s3cret")}}), "bearer": (401,
                                                                                                          {"headers": BEARER}),
        "no time": (400, {"body": b"foo 1.2\n"}), "milliseconds": (400, {"body": b"foo 1.2 1700000000000\n"}),
                               "NaN": (400, {"body": b"foo nan 1700000000\n"}),
        "no newline at the end": (400, {"body": b"foo 1.2 1700000000"}), "a space in the path": (400,
        {"body": b"foo bar 1.2 1700000000\n"}),
        "an empty tag": (400, {"body": b"foo;a= 1.2 1700000000\n"})}),
}
