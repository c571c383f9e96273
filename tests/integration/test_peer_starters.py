"""Each real peer starts, takes a sample that Python sends, and gives it back; and what doubles take of a protocol, a real
server takes as well."""
import copy
import gzip
import socket
import time

from double_cases import dumps, influx, otlp, remote_write, series
from doubles.auth import basic
from doubles.otlp import Otlp
from harness import Case, main, until
from http_doubles import Certificates
from peers import good, nginx, request
from peers.carbon import Carbon
from peers.clickhouse import ClickHouse
from peers.influxdb import Influxdb
from peers.nginx import Nginx
from peers.postgres import Postgres
from peers.prometheus import Prometheus
from peers.victoria import Victoria


def send_line(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode())


class Starters(Case):
    def until_received(self, server, wanted):
        last = {}

        def there():
            last.update(server.received())
            return wanted.items() <= last.items()

        try:
            until(there, 20, "the samples")
        except AssertionError:
            self.assertEqual(last, wanted)

    def setUp(self):
        super().setUp()
        self.now = int(time.time()) - 10

    def test_victoria_metrics_takes_every_protocol(self):
        server = Victoria(self)
        ms = self.now * 1000
        labels = (("job", "node"),)
        body = remote_write.body(([("__name__", "written"), ("job", "node")], [(ms, 1.5)]))
        good(request(server.port, "POST", "/api/v1/write", body, remote_write.HEADERS))
        good(request(server.port, "POST", "/write?db=pi&precision=ms", f"v1,job=node value=2.5 {ms}\n".encode()))
        good(request(server.port, "POST", "/api/v2/write?org=home&bucket=pi&precision=ms",
                     f"v2,job=node value=2.5 {ms}\n".encode()))
        send_line(server.graphite_port, f"graphite.a;job=node 3.5 {self.now}\n")
        point = [{"metric": "tsdb", "timestamp": ms, "value": 4.5, "tags": {"job": "node"}}]
        good(request(server.opentsdb_port, "POST", "/api/put", dumps(point)))
        load = {"series": [{"metric": "dog", "type": 3, "points": [{"timestamp": self.now, "value": 5.5}], "tags": ["job:node"]}]}
        good(request(server.port, "POST", "/datadog/api/v2/series", dumps(load), {"Content-Type": "application/json",
                                                                                  "DD-API-KEY": "x"}))
        wanted = {("written", labels): [(ms, 1.5)], ("v1_value", (("db", "pi"), *labels)): [(ms, 2.5)],
                  ("v2_value", labels): [(ms, 2.5)],
                  ("graphite.a", labels): [(ms, 3.5)], ("tsdb", labels): [(ms, 4.5)], ("dog", labels): [(ms, 5.5)]}
        self.until_received(server, wanted)

    def test_victoria_metrics_takes_what_the_double_of_otlp_takes(self):
        server = Victoria(self, "-opentelemetry.usePrometheusNaming=false")
        start = {"start": (self.now - 60) * 10**9, "time": self.now * 10**9}
        metrics = [copy.deepcopy(metric) for metric in (otlp.COUNTER, otlp.GAUGE, otlp.HISTOGRAM)]
        for metric in metrics:
            kind = next(kind for kind in ("sum", "gauge", "histogram") if kind in metric)
            metric[kind]["points"][0].update(start)
            if kind != "gauge":
                metric[kind]["temporality"] = otlp.CUMULATIVE
        sent = otlp.message(*metrics)
        double = Otlp(self)
        head = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip", "Authorization": "Bearer s3cret"}
        for port, path in ((double.port, double.url_path), (server.port, "/opentelemetry/v1/metrics")):
            good(request(port, "POST", path, gzip.compress(sent), head))
        values = lambda found: sorted((time_ms, value) for samples in found.values() for time_ms, value in samples)  # noqa: E731
        wanted = values(double.received())
        self.assertEqual(len(wanted), 6)
        until(lambda: values(server.received()) == wanted, 20, f"the values {wanted}")

    def test_prometheus(self):
        server = Prometheus(self)
        body = remote_write.body((remote_write.UP, [(self.now * 1000, 1.0)]))
        good(request(server.port, "POST", "/api/v1/write", body, remote_write.HEADERS))
        self.until_received(server, {("up", (("instance", "pi:9100"), ("job", "node"))): [(self.now * 1000, 1.0)]})

    def test_influxdb(self):
        server = Influxdb(self)
        self.assertEqual(request(server.port, "POST", "/write?db=other&precision=ms", influx.HOME)[0], 404)
        good(request(server.port, "POST", "/write?db=pi&precision=ms", influx.HOME))
        wanted = {}
        for name, labels, time_ms, value in influx.KEEPS:
            wanted[name, tuple(sorted(labels.items()))] = [(time_ms, value)]
        self.until_received(server, wanted)
        send_line(server.graphite_port, f"load 3.5 {self.now}\n")
        good(request(server.opentsdb_port, "POST", "/api/put", dumps(series.NICE)))
        wanted["load", ()] = [(self.now * 1000, 3.5)]
        wanted["sys.cpu.nice", (("dc", "lga"), ("host", "web01"))] = [(1346846400000, 18.0)]
        self.until_received(server, wanted)

    def test_influxdb_with_a_password(self):
        server = Influxdb(self, user="me", password="s3cret")
        line = f"up,job=node value=1 {self.now}000\n".encode()
        statuses = [request(server.port, "POST", "/write?db=pi&precision=ms", line, {"Authorization": basic("me", word)})[0]
                    for word in ("other", "s3cret")]
        self.assertEqual(statuses, [401, 204])
        self.assertEqual(server.samples("up", job="node"), [(self.now * 1000, 1.0)])

    def test_what_influxdb_refuses_the_double_refuses(self):
        server = Influxdb(self)
        for what in ("NaN", "infinity", "an empty tag value", "no field", "an unescaped comma", "an integer too large"):
            with self.subTest(what):
                self.assertEqual(request(server.port, "POST", "/write?db=pi&precision=ms", influx.BAD_LINES[what]["body"])[0],
                                 400)

    def test_postgresql(self):
        certificates = Certificates(self.folder)
        server = Postgres(self, tls=(certificates.path("server.pem"), certificates.path("server.key")))
        server.sql("CREATE TABLE samples (series bigint, ts timestamptz, value float8, PRIMARY KEY (series, ts))")
        arrays = "'{1,1}'::bigint[], '{2024-01-01Z,2024-01-02Z}'::timestamptz[], '{NaN,1.5}'::float8[]"
        for _ in range(2):
            server.sql(f"INSERT INTO samples SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING")
        rows = server.sql("SELECT series, extract(epoch FROM ts)::bigint, value FROM samples ORDER BY ts")
        self.assertEqual(rows, [["1", "1704067200", "NaN"], ["1", "1704153600", "1.5"]])
        self.assertEqual(server.sql("SHOW ssl"), [["on"]])
        with self.assertRaisesRegex(AssertionError, "does not exist"):
            server.sql("SELECT 1", database="other")

    def test_carbon(self):
        server = Carbon(self)
        send_line(server.port, f"node.load1 1.5 {self.now}\nnode.load1 2.5 {self.now + 1}\nup;job=node;room=attic 1 {self.now}\n")
        self.until_received(server, {("node.load1", ()): [(self.now * 1000, 1.5), ((self.now + 1) * 1000, 2.5)],
                                     ("up", (("job", "node"), ("room", "attic"))): [(self.now * 1000, 1.0)]})

    def test_clickhouse(self):
        server = ClickHouse(self)
        server.sql("CREATE TABLE samples (ts UInt64, name String, labels String, value Float64) "
                   "ENGINE = ReplacingMergeTree ORDER BY (name, labels, ts)")
        row = dumps({"ts": self.now * 1000, "name": "up", "labels": "job=node", "value": 1.5}) + b"\n"
        for _ in range(2):
            server.sql("INSERT INTO samples FORMAT JSONEachRow", row)
        self.assertEqual(server.sql("SELECT * FROM samples FINAL"), f"{self.now}000\tup\tjob=node\t1.5\n")
        self.assertEqual(request(server.port, "POST", "/?query=SELECT%201", b"", {"X-ClickHouse-User": "pi",
                                                                                  "X-ClickHouse-Key": "other"})[0] // 100, 4)

    def test_nginx(self):
        store = Influxdb(self)
        certificates = Certificates(self.folder)
        front = Nginx(self, store.port, tls=(certificates.path("server.pem"), certificates.path("server.key")))
        self.assertEqual(request(front.port, "GET", "/ping")[0], 400)  # plain HTTP to a port of TLS
        limited = Nginx(self, store.port, http="limit_req_zone $server_port zone=z:1m rate=1r/m;",
                        server="client_max_body_size 1k;",
                        location="limit_req zone=z; limit_req_status 429; " + nginx.basic(self, "me", "s3cret"))
        head = {"Authorization": basic("me", "s3cret")}
        line = f"up,job=node value=1 {self.now}000\n".encode()
        path = "/write?db=pi&precision=ms"
        self.assertEqual(request(limited.port, "POST", path, b"x" * 2000, head)[0], 413)
        statuses = [request(limited.port, "POST", path, line, headers)[0] for headers in (head, head)]
        self.assertEqual(statuses, [204, 429])
        self.assertEqual(store.samples("up"), [(self.now * 1000, 1.0)])
        self.assertEqual(request(Nginx(self, store.port, location=nginx.basic(self, "me", "s3cret")).port, "GET", "/ping")[0],
                         401)


if __name__ == "__main__":
    main()
