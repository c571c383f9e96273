"""The protocols over HTTP: one page to a double of every system, each of which loses an answer, is busy, asks for less and refuses
a part of what it gets; and to the real servers that speak them, read back."""
import json
import pathlib
import signal
import urllib.parse
import urllib.request

from doubles.base import lose, status
from doubles.elasticsearch import Elasticsearch
from doubles.influx import Influx2, Influx3, InfluxServerless, QuestDb
from doubles.json_series import Datadog, NewRelicMetrics, OpenTsdb, SignalFx
from doubles.otlp import Otlp
from doubles.otlp_vendors import (Axiom, DatadogOtlp, Dynatrace, GoogleManagedPrometheus, Honeycomb, NewRelicOtlp, SolarWinds)
from doubles.remote_write import NewRelicRemoteWrite, RemoteWrite
from doubles.rows import BetterStack, ClickHouse, Tinybird
from doubles.splunk import SplunkHec
from harness import Case, Process, Target, free_port, get, main, options, page, peer, until

BEARER = "authorization: {credentials: SECRET}"
GOOGLE = "resource_attributes: gcp.project_id=pi, names: prometheus"
# name: double, protocol, what else the entry needs, whether counters go as their increase
SYSTEMS = {
    "influx2": (Influx2, "influx", "authorization: {type: Token, credentials: SECRET}", False),
    "influx2-job": (Influx2, "influx", "authorization: {type: Token, credentials: SECRET}, layout: job", False),
    "influx2-single": (Influx2, "influx", "authorization: {type: Token, credentials: SECRET}, layout: single", False),
    "serverless": (InfluxServerless, "influx", "authorization: {type: Token, credentials: SECRET}", False),
    "influx3": (Influx3, "influx", BEARER, False),
    "questdb": (QuestDb, "influx", "basic_auth: {username: admin, password: SECRET}, names: underscored", False),
    "otlp": (Otlp, "otlp", BEARER, False),
    "otlp-delta": (Otlp, "otlp", BEARER + ", temporality: delta", True),
    "datadog-otlp": (DatadogOtlp, "otlp", "headers: {dd-api-key: SECRET}, temporality: delta", True),
    "honeycomb": (Honeycomb, "otlp", "headers: {x-honeycomb-team: SECRET, x-honeycomb-dataset: pi}", False),
    "axiom": (Axiom, "otlp", BEARER + ", headers: {x-axiom-metrics-dataset: pi}", False),
    "google": (GoogleManagedPrometheus, "otlp", BEARER + ", " + GOOGLE, False),
    "solarwinds": (SolarWinds, "otlp", BEARER, False),
    "dynatrace": (Dynatrace, "otlp", "authorization: {type: Api-Token, credentials: SECRET}, temporality: delta", True),
    "newrelic-otlp": (NewRelicOtlp, "otlp", "headers: {api-key: SECRET}, temporality: delta", True),
    "opentsdb": (OpenTsdb, "opentsdb", "", False),
    "datadog": (Datadog, "datadog", "headers: {DD-API-KEY: SECRET}", True),
    "signalfx": (SignalFx, "signalfx", "headers: {X-SF-Token: SECRET}", False),
    "splunk": (SplunkHec, "splunk_hec", "authorization: {type: Splunk, credentials: SECRET}", False),
    "elasticsearch": (Elasticsearch, "elasticsearch", "authorization: {type: ApiKey, credentials: SECRET}", False),
    "newrelic": (NewRelicMetrics, "newrelic_metrics", "headers: {Api-Key: SECRET}", True),
    "clickhouse": (ClickHouse, "clickhouse", "headers: {X-ClickHouse-User: default, X-ClickHouse-Key: SECRET}", False),
    "betterstack": (BetterStack, "betterstack", BEARER, False),
    "tinybird": (Tinybird, "tinybird", BEARER, False),
}


class Page:
    """A gauge that counts the scrapes, a counter that grows by two a scrape, a histogram, and what not every format can tell."""

    def __init__(self):
        self.scrapes = 0

    def __call__(self):
        self.scrapes += 1
        n = self.scrapes
        return f"""# TYPE pi_scrapes gauge
pi_scrapes{{text="a b,c=d\\\\e"}} {n}
# HELP pi_turns_total Turns.
# TYPE pi_turns_total counter
pi_turns_total {2 * n}
# TYPE pi_seconds histogram
pi_seconds_bucket{{le="0.5"}} {n}
pi_seconds_bucket{{le="1"}} {2 * n}
pi_seconds_bucket{{le="+Inf"}} {3 * n}
pi_seconds_sum {1.5 * n}
pi_seconds_count {3 * n}
# TYPE pi_nothing gauge
pi_nothing NaN
pi_endless +Inf
# TYPE pi_odd counter
pi_odd {n}
# TYPE pi_users_count gauge
pi_users_count {n}
"""


def entry(name, protocol, url, more, key=""):
    return f'  - {{name: {name}, protocol: {protocol}, url: "{url}"{", " + more.replace("SECRET", key) if more else ""}, QUEUE}}\n'


def address(double):
    if isinstance(double, Elasticsearch):  # the index is in the address
        return f"{double.base}/{double.stream}/_bulk"
    return double.url


QUEUE = "queue_config: {batch_send_deadline: 100ms, min_backoff: 20ms, max_backoff: 200ms}"


class Scene(Case):
    def start(self, entries):
        self.page = Page()
        target = Target(self, page(self.page))
        text = (f"global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nclock: {{check: false}}\n"
                f"scrape_configs:\n  - job_name: pi\n    static_configs: [{{targets: ['{target.address}']}}]\n"
                "backends:\n" + "".join(entries).replace("QUEUE", QUEUE))
        self.program, self.port = self.forwarder(text)

    def backend(self, name):
        return next(row for row in self.status(self.port)["backends"] if row["name"] == name)


def one_each(samples):
    """By time; what came twice came as the same number."""
    found = {}
    for time_ms, value in samples:
        assert found.setdefault(time_ms, value) == value, (time_ms, value, found[time_ms])
    return sorted(found.items())


def gauges(name, double):
    if name == "influx2-single":
        return double.samples("prom", metric="pi_scrapes")
    if name == "influx2-job":
        return double.samples("pi.pi_scrapes")
    return double.samples("pi_scrapes")


def turns(name, double):
    if name == "influx2-single":
        return double.samples("prom", metric="pi_turns_total")
    if name == "influx2-job":
        return double.samples("pi.pi_turns_total")
    return double.samples("pi_turns_total")


class Doubles(Scene):
    def setUp(self):
        super().setUp()
        self.doubles = {name: kind(self) for name, (kind, *_) in SYSTEMS.items()}

    def run_all(self):
        self.start([entry(name, SYSTEMS[name][1], address(double), SYSTEMS[name][2], double.key) for name, double in
                    self.doubles.items()])

    def check(self, name, double):
        samples = one_each(gauges(name, double))
        values = [value for _, value in samples]
        counted = [value for _, value in one_each(turns(name, double))]
        if name == "datadog":  # knows seconds: of two scrapes within one it has the later
            self.assertEqual(values, sorted(set(values)))
            self.assertLessEqual(set(counted), {2.0, 4.0})
            return len(values)
        first = int(values[0])
        self.assertEqual(values, [float(n) for n in range(first, first + len(values))])
        if SYSTEMS[name][3]:
            self.assertEqual(set(counted), {2.0})
        else:
            self.assertEqual(counted, [2 * value for value in values][:len(counted)])
        return len(values)

    def test_each_takes_all_of_it_whatever_it_answers(self):
        for double in self.doubles.values():
            double.fail(None, lose(), status(429, after=1), status(503), status(413))
        self.run_all()
        for name, double in self.doubles.items():
            until(lambda n=name, d=double: len(one_each(gauges(n, d))) >= 6, 40, f"six samples at {name}")
        self.program.end(signal.SIGTERM)
        for name, double in self.doubles.items():
            with self.subTest(system=name):
                self.assertEqual(double.refused, [])
                self.assertEqual(double.undated, 0)
                self.assertGreaterEqual(self.check(name, double), 6)
        histogram = next(p for p in self.doubles["otlp"].points if p["name"] == "pi_seconds")
        n = histogram["count"] // 3
        self.assertEqual((histogram["kind"], histogram["buckets"], histogram["bounds"], histogram["sum"]),
                         ("histogram", [n, n, n], [0.5, 1.0], 1.5 * n))
        self.assertEqual(histogram["resource"]["service.name"], "pi")

    def test_what_is_refused_of_a_request_costs_no_more_than_that(self):
        doubles = self.doubles
        for name in ("influx2", "serverless", "influx3"):
            doubles[name].types["pi_turns_total", "value"] = "integer"
        for name in ("otlp", "otlp-delta"):
            doubles[name].reject = lambda point: "no turns" if point["name"] == "pi_turns_total" else None
        doubles["opentsdb"].max_tags = 2  # pi_scrapes has three
        doubles["elasticsearch"].item_faults = {0: 400}
        text = doubles["tinybird"].columns["name"]
        doubles["tinybird"].columns = {**doubles["tinybird"].columns, "name": lambda n: text(n) and n != "pi_turns_total"}
        self.run_all()
        for name in ("influx2", "serverless", "influx3", "otlp", "otlp-delta", "tinybird", "elasticsearch"):
            until(lambda n=name: len(gauges(n, doubles[n])) >= 3, 30, f"samples at {name}")
            row = until(lambda n=name: (r := self.backend(n))["dropped"]["other_status"] > 0 and r, 10, f"{name} loses some")
            self.assertEqual(row["dropped"]["refused"], 0, name)
            self.assertGreater(row["sent"], 3 * row["dropped"]["other_status"], name)
            if name != "elasticsearch":
                self.assertEqual(turns(name, doubles[name]), [], name)
        until(lambda: doubles["opentsdb"].samples("pi_turns_total"), 10, "OpenTSDB keeps the others")
        self.assertEqual(doubles["opentsdb"].samples("pi_scrapes"), [])

    def test_a_wrong_key_is_said_and_costs_nothing(self):
        chosen = ("influx3", "otlp", "datadog", "splunk", "elasticsearch", "clickhouse")
        keys = {name: self.doubles[name].key for name in chosen}
        self.run_all()
        for name in chosen:
            until(lambda n=name: gauges(n, self.doubles[n]), 20, f"samples at {name}")
            self.doubles[name].key = "another"
        for name in chosen:
            until(lambda n=name: self.backend(n)["state"] == "denied", 20, f"{name} denies the key")
            self.assertEqual(sum(self.backend(name)["dropped"].values()), 0)
        for name in chosen:
            self.doubles[name].key = keys[name]


class Real(Scene):
    """Read back: the gauge's values are those of the page, one after the other."""

    def victoria(self):
        self.server, self.opentsdb = free_port(), free_port()
        program = Process(self, [peer("PEER_VICTORIA"), f"-httpListenAddr=127.0.0.1:{self.server}",
                                 f"-opentsdbHTTPListenAddr=127.0.0.1:{self.opentsdb}", "-search.latencyOffset=0s",
                                 f"-storageDataPath={self.folder}/victoria", "-dedup.minScrapeInterval=1ms"])
        program.wait_ready(self.server, "/health")
        return f"http://127.0.0.1:{self.server}"

    def exported(self, match):
        get(self.server, "/internal/force_flush")
        text = get(self.server, "/api/v1/export?match[]=" + urllib.parse.quote(match))[2].decode()
        return [json.loads(line) for line in text.splitlines()]

    def check_values(self, values):
        self.assertEqual(values, [float(n) for n in range(int(values[0]), int(values[0]) + len(values))])

    def test_victoria_metrics(self):
        base = self.victoria()
        name = {"v1": "pi_scrapes_value", "v2": "prom_value", "otlp": "pi_scrapes", "tsdb": "pi_scrapes", "dd": "pi_scrapes",
                "rw": "pi_scrapes"}
        labelled = "write_relabel_configs: [{{target_label: system, replacement: {0}}}]"
        self.start([
            entry("v1", "influx", base + "/write?db=pi", labelled.format("v1")),
            entry("v2", "influx", base + "/api/v2/write?org=a&bucket=b", labelled.format("v2") + ", layout: single"),
            entry("otlp", "otlp", base + "/opentelemetry/v1/metrics", labelled.format("otlp")),
            entry("tsdb", "opentsdb", f"http://127.0.0.1:{self.opentsdb}/api/put", labelled.format("tsdb")),
            entry("dd", "datadog", base + "/datadog/api/v2/series", labelled.format("dd")),
            entry("rw", "remote_write", base + "/api/v1/write", labelled.format("rw") + ", compression: zstd"),
        ])
        for system in name:
            match = f'{name[system]}{{system="{system}"' + (',metric="pi_scrapes"}' if system == "v2" else "}")
            series = until(lambda m=match: [s for s in self.exported(m) if len(s["values"]) >= 4], 30, f"samples by {system}")
            self.assertEqual(len(series), 1, system)
            values = series[0]["values"]
            if system == "dd":  # knows seconds
                self.assertEqual(values, sorted(values))
            else:
                self.check_values(values)
            self.assertEqual(sum(self.backend(system)["dropped"].values()), 0, system)
        self.assertEqual(self.backend("rw")["failures"], 0)  # it took zstd
        buckets = self.exported('pi_seconds_bucket{system="otlp"}')
        self.assertTrue(buckets)
        turns = self.exported('pi_turns_total{system="dd"}')
        self.assertLessEqual(set(turns[0]["values"]), {2, 4})

    def test_influxdb_1(self):
        port, tsdb, rpc = free_port(), free_port(), free_port()
        config = self.file("influxdb.conf", f"""reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{self.folder}/meta"
[data]
dir = "{self.folder}/data"
wal-dir = "{self.folder}/wal"
[http]
bind-address = "127.0.0.1:{port}"
[[opentsdb]]
enabled = true
bind-address = "127.0.0.1:{tsdb}"
database = "tsdb"
""")
        Process(self, [peer("PEER_INFLUXDB"), "-config", config]).wait_ready(port, "/query?q=SHOW+DATABASES")

        def ask(query, database="pi"):
            path = "/query?" + urllib.parse.urlencode({"db": database, "epoch": "ms", "q": query})
            answer = json.loads(get(port, path, method="POST" if query.startswith("CREATE") else "GET")[2])
            rows = answer["results"][0].get("series", [])
            return rows[0]["values"] if rows else []

        base = f"http://127.0.0.1:{port}/write?db=pi"
        # A probe of what is denied comes once a minute: after this one the others begin anew.
        self.start([entry("missing", "influx", base, "")])
        until(lambda: self.backend("missing")["state"] == "denied", 20, "the database is missing")
        self.assertIn("database not found", self.backend("missing")["error"])
        self.program.end()
        for database in ("pi", "tsdb"):
            ask(f"CREATE DATABASE {database}")
        self.start([entry("metric", "influx", base, ""), entry("job", "influx", base, "layout: job"),
                    entry("tsdb", "opentsdb", f"http://127.0.0.1:{tsdb}/api/put?details", "")])
        for query, database in (("SELECT value FROM pi_scrapes", "pi"), ("SELECT pi_scrapes FROM pi WHERE text != ''", "pi"),
                                ("SELECT value FROM pi_scrapes", "tsdb")):
            rows = until(lambda q=query, d=database: len(r := ask(q, d)) >= 3 and r, 30, query)
            self.check_values([value for _, value in rows])

    def test_clickhouse(self):
        port, tcp = free_port(), free_port()
        for name in ("clickhouse", "tmp"):
            (pathlib.Path(self.folder) / name).mkdir()
        config = self.file("config.xml", f"""<yandex><logger><level>warning</level><console>1</console></logger>
<http_port>{port}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>{self.folder}/clickhouse/</path><tmp_path>{self.folder}/tmp/</tmp_path><users_config>{self.folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>5368709120</mark_cache_size>
</yandex>""")
        self.file("users.xml", """<yandex><profiles><default/></profiles><users><default><password></password>
<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default/></quotas></yandex>""")
        Process(self, [peer("PEER_CLICKHOUSE"), f"--config-file={config}"]).wait_ready(port, "/ping")

        def ask(query):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/", query.encode())
            return urllib.request.urlopen(request, timeout=10).read().decode()

        ask("CREATE TABLE samples (timestamp Int64, name String, labels String, value Float64) "
            "ENGINE = ReplacingMergeTree ORDER BY (name, labels, timestamp)")
        insert = urllib.parse.quote("INSERT INTO samples FORMAT JSONEachRow")
        self.start([entry("rows", "clickhouse_text", f"http://127.0.0.1:{port}/?query={insert}", "")])
        rows = until(lambda: len(r := ask("SELECT value, labels FROM samples FINAL WHERE name = 'pi_scrapes' "
                                          "ORDER BY timestamp FORMAT JSONEachRow").splitlines()) >= 3 and r, 30, "rows")
        rows = [json.loads(row) for row in rows]
        self.check_values([row["value"] for row in rows])
        self.assertEqual(json.loads(rows[0]["labels"])["text"], "a b,c=d\\e")


class Extras(Scene):
    """What receivers of remote_write ask for beyond it."""

    def test_types_folded_labels_and_who_takes_no_zstd(self):
        told, folded = NewRelicRemoteWrite(self), RemoteWrite(self)
        self.start([entry("told", "remote_write", told.url, BEARER + ", type_hints: newrelic, compression: zstd", told.key),
                    entry("folded", "remote_write", folded.url, BEARER + ", fold_labels: name", folded.key)])
        until(lambda: len(told.samples("pi_scrapes")) >= 3, 20, "samples")
        until(lambda: len(folded.samples("pi_scrapes.text.a b,c=d\\e")) >= 3, 20, "samples")
        self.assertEqual({name: told.kinds[name] for name in ("pi_odd", "pi_users_count", "pi_turns_total", "pi_seconds_sum")},
                         {"pi_odd": "counter", "pi_users_count": "gauge", "pi_turns_total": "counter", "pi_seconds_sum": "summary"})
        self.assertTrue(folded.samples("pi_seconds_bucket.le.0.5", job="pi"))
        self.assertEqual({tuple(label for label, _ in labels) for _, labels in folded.received()}, {("instance", "job")})
        self.assertEqual([status for status, _ in told.refused], [415])
        self.assertEqual(sum(self.backend("told")["dropped"].values()), 0)


class Stops(Scene):
    def test_a_clean_stop_costs_no_increase_a_crash_one(self):
        double = NewRelicMetrics(self)
        target = Target(self, page(Page()))
        text = (f"global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nclock: {{check: false}}\n"
                f"scrape_configs:\n  - job_name: pi\n    static_configs: [{{targets: ['{target.address}']}}]\n"
                "backends:\n" + entry("nr", "newrelic_metrics", double.url, "headers: {Api-Key: SECRET}", double.key)).replace("QUEUE", QUEUE)
        config, storage = self.file("forwarder.yml", text), f"{self.folder}/storage"

        def increases():
            """By how much the counter grew in all, as it was sent and as the page said."""
            found, seen = one_each(double.samples("pi_turns_total")), [value for _, value in gauges("nr", double)]
            return sum(value for _, value in found), 2 * (max(seen) - min(seen))

        def run(how):
            before = len(double.samples("pi_turns_total"))
            port = free_port()
            program = Process(self, [options.bin / "pifleet-forwarder", f"--config.file={config}",
                                     f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={storage}"])
            program.wait_ready(port, "/-/ready")
            until(lambda: len(double.samples("pi_turns_total")) >= before + 2, 30, "increases")
            left = json.loads(get(port, "/api/status")[2])["backends"][0]["left_out"]["delta_start"]
            program.end(how)
            return left

        counters = 7  # pi_turns_total, pi_odd, three buckets, sum and count
        self.assertGreaterEqual(run(signal.SIGTERM), counters)
        self.assertEqual(*increases())
        self.assertEqual(run(signal.SIGKILL), 0)
        self.assertEqual(*increases())
        self.assertGreaterEqual(run(signal.SIGTERM), counters)


if __name__ == "__main__":
    main()
