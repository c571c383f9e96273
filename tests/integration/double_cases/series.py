"""The right bodies are the examples of the vendors' pages, with the clock put to their time."""
from double_cases import Vendor, altered, dumps
from doubles.json_series import Datadog, NewRelicMetrics, OpenTsdb, SignalFx

JSON = {"Content-Type": "application/json"}
# docs.datadoghq.com/api/latest/metrics: the example of "Submit metrics"
LOAD = {"series": [{"metric": "system.load.1", "type": 0, "points": [{"timestamp": 1636629071, "value": 0.7}],
                    "resources": [{"name": "dummyhost", "type": "host"}]}]}
POINT = ["series", 0, "points", 0]


def datadog(path, new):
    return {"body": altered(LOAD, path, new)}


# help.splunk.com, "Send metrics, traces, and events using … REST APIs"
MEMORY = {"gauge": [{"metric": "memory.free", "dimensions": {"host": "server1"}, "value": 42}]}


def signalfx(path, new):
    return {"body": altered(MEMORY, path, new)}


# opentsdb.net, /api/put, "Example Multiple Data Point Put"
NICE = [{"metric": "sys.cpu.nice", "timestamp": 1346846400, "value": 18, "tags": {"host": "web01", "dc": "lga"}},
        {"metric": "sys.cpu.nice", "timestamp": 1346846400, "value": 9, "tags": {"host": "web02", "dc": "lga"}}]


def opentsdb(path, new):
    return {"body": altered(NICE, [0, *path], new), "kept": True}


# docs.newrelic.com, "Report metrics via the Metric API", the example of `common`
ERRORS = [{"common": {"timestamp": 1531414060739, "interval.ms": 10000, "attributes": {"app.name": "foo",
                                                                                       "host.name": "dev.server.com"}},
           "metrics": [{"name": "service.errors.all", "type": "count", "value": 9,
                        "attributes": {"service.response.statuscode": "400"}},
                       {"name": "service.errors.all", "type": "count", "value": 4,
                        "attributes": {"service.response.statuscode": "500"}},
                       {"name": "service.response.duration", "type": "summary", "value": {"count": 5, "sum": 0.004382655,
                                                                                          "min": 0.0005093, "max": 0.001708826},
                        "attributes": {"service.response.statuscode": "200"}}]}]
FOO = {"app.name": "foo", "host.name": "dev.server.com"}


def newrelic(path, new, status=202):
    return status, {"body": altered(ERRORS, [0, *path], new), "kept": status == 202}


METRIC = ["metrics", 0]
CASES = {
    "Datadog": Vendor(Datadog, {"body": dumps(LOAD), "headers": {**JSON, "DD-API-KEY": "s3cret"}},
                      [("system.load.1", {"host": "dummyhost"}, 1636629071000, 0.7)], 202, now=1636629100, codes={"no key": 403},
                      wrong={
        "text": (415, {"headers": {"Content-Type": "text/plain"}}), "NaN": (400, {"body": dumps(LOAD).replace(b"0.7", b"NaN")}),
        "an unknown field": (400, datadog(["series", 0, "host"], "pi")), "a value as text": (400, datadog([*POINT, "value"],
                                                                                                          "0.7")),
        "milliseconds": (400, datadog([*POINT, "timestamp"], 1636629071000)), "2 h ago": (202, datadog([*POINT, "timestamp"],
                                                                                                       1636629100 - 7200)),
        "11 min ahead": (202, datadog([*POINT, "timestamp"], 1636629100 + 660)), "no points": (400,
        datadog(["series", 0, "points"], [])),
        "a count without interval": (400, datadog(["series", 0, "type"], 1)), "a type that is none": (400,
        datadog(["series", 0, "type"], 4)),
        "a name with a colon": (400, datadog(["series", 0, "metric"], "node:load")), "a name too long": (400,
        datadog(["series", 0, "metric"], "m" * 201)),
        "v1's pair": (400, datadog([*POINT], [1636629071, 0.7])), "another key": (403, {"headers": {"DD-API-KEY": "other"}})}),
    "SignalFx": Vendor(SignalFx, {"body": dumps(MEMORY), "headers": {**JSON, "X-SF-TOKEN": "s3cret"}},
                       [("memory.free", {"host": "server1"}, 1700000000000, 42.0)], 200, now=1700000000, wrong={
        "text": (415, {"headers": {"Content-Type": "text/plain"}}), "infinity": (400, {"body": dumps(MEMORY).replace(b"42",
        b"Infinity")}),
        "an array that is none": (400, {"body": dumps({"summary": MEMORY["gauge"]})}), "no metric": (400,
        signalfx(["gauge", 0, "metric"], ...)),
        "two kinds": (400, {"body": dumps({"counter": MEMORY["gauge"]})}), "seconds": (400, signalfx(["gauge", 0, "timestamp"],
                                                                                                     1700000000)),
        "a dot in a dimension": (400, signalfx(["gauge", 0, "dimensions"], {"a.b": "c"})),
                           "sf_": (400, signalfx(["gauge", 0, "dimensions"], {"sf_x": "c"})),
        "37 dimensions": (400, signalfx(["gauge", 0, "dimensions"], {f"d{n}": "v" for n in range(37)})),
        "a value too long": (400, signalfx(["gauge", 0, "dimensions"], {"d": "v" * 257})), "a number as a dimension": (400,
        signalfx(["gauge", 0, "dimensions"], {"d": 1}))}),
    "OpenTsdb": Vendor(OpenTsdb, {"body": dumps(NICE), "headers": JSON},
                       [("sys.cpu.nice", {"host": f"web0{n}", "dc": "lga"}, 1346846400000, value) for n, value in ((1, 18.0),
        (2, 9.0))], 200,
                       codes={"no key": None}, wrong={
        "no tags": (400, opentsdb(["tags"], {})), "nine tags": (400, opentsdb(["tags"], {f"t{n}": "v" for n in range(9)})),
        "a space in a tag": (400, opentsdb(["tags"], {"a": "b c"})), "a colon in a name": (400, opentsdb(["metric"],
                                                                                                         "node:load")),
        "an empty value": (400, opentsdb(["tags"], {"a": ""})), "a text": (400, opentsdb(["value"], "x")), "nothing": (400,
        {"body": b"[]"}),
        "no timestamp": (400, opentsdb(["timestamp"], ...)), "an unknown field": (400, opentsdb(["host"], "pi")),
                           "nanoseconds": (400, opentsdb(["timestamp"], 1346846400 * 10**9)),
        "NaN": (400, {"body": dumps(NICE).replace(b"18", b"NaN")}), "without details": (400, {**opentsdb(["tags"], {}),
                                                                                              "path": "/api/put"})}),
    "NewRelicMetrics": Vendor(NewRelicMetrics, {"body": dumps(ERRORS), "headers": {**JSON, "Api-Key": "s3cret"}},
                              [("service.errors.all", {**FOO, "service.response.statuscode": code}, 1531414060739, value)
                               for code, value in (("400", 9.0), ("500", 4.0))]
                              + [(f"service.response.duration.{part}", {**FOO, "service.response.statuscode": "200"},
                                  1531414060739, value)
                                 for part, value in (("count", 5.0), ("sum", 0.004382655), ("min", 0.0005093),
                                                     ("max", 0.001708826))],
                              202, now=1531414070, codes={"no key": 403}, wrong={
        "text": (415, {"headers": {"Content-Type": "text/plain"}}), "no array": (400, {"body": dumps(ERRORS[0])}),
        "NaN": (400, {"body": dumps(ERRORS).replace(b"9", b"NaN")}), "no metrics": newrelic(["metrics"], ..., 400),
                                  "an unknown block": newrelic(["series"], [], 400),
        "no interval": newrelic(["common", "interval.ms"], ...), "no timestamp": newrelic(["common", "timestamp"], ...),
        "no name": newrelic([*METRIC, "name"], ...), "a name of 255": newrelic([*METRIC, "name"], "m" * 255),
                                  "a type that is none": newrelic([*METRIC, "type"], "counter"),
        "49 h ago": newrelic([*METRIC, "timestamp"], 1531414070000 - 49 * 3600_000), "25 h ahead": newrelic([*METRIC,
        "timestamp"], 1531414070000 + 25 * 3600_000),
        "151 attributes": newrelic([*METRIC, "attributes"], {f"a{n}": "v" for n in range(151)}),
                                  "a value of 4097": newrelic([*METRIC, "attributes"], {"a": "v" * 4097}),
        "an unknown field": newrelic([*METRIC, "tags"], {}), "another key": (403, {"headers": {"Api-Key": "other"}})}),
}
