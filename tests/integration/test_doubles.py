"""The doubles keep to their vendors' texts: each takes an example of the documentation, refuses wrong requests as the vendor
does, and fails on demand."""
import http.client
import json
import socket
import ssl
import time
import urllib.parse

from double_cases import events, influx, otlp, remote_write, send, series, wrongs
from doubles import base, sigv4
from doubles.graphite import GraphiteTcp
from doubles.influx import Influx2, InfluxCloudFree, InfluxServerless
from doubles.otlp import Otlp
from harness import Case, main, until
from http_doubles import Certificates

VENDORS = {**influx.CASES, **series.CASES, **events.CASES, **otlp.CASES, **remote_write.CASES}


def keyed(points):
    found = {}
    for name, labels, time_ms, value in points:
        found.setdefault((name, tuple(sorted(labels.items()))), []).append((time_ms, value))
    return found


class Vendors(Case):
    def make(self, vendor):
        double = vendor.make(self)
        if vendor.now:
            double.now = lambda: vendor.now
        return double

    def ask(self, double, vendor, change):
        headers = {name: value for name, value in {**vendor.right["headers"], **change.get("headers", {})}.items()
                   if value is not None}
        body = change.get("body", vendor.right["body"])
        if hasattr(double, "credentials") and "Authorization" not in change.get("headers", {}):
            headers = signed(double, headers, body, change.get("path"), change.get("method", "POST"))
        before = double.limit
        double.limit = change.get("limit", before)
        try:
            return send(double, body, headers, change.get("path"), change.get("method", "POST"))
        finally:
            double.limit = before

    def test_right_ones_are_taken_and_wrong_ones_refused(self):
        for name, vendor in VENDORS.items():
            double = self.make(vendor)
            status, _, answer = self.ask(double, vendor, {})
            with self.subTest(vendor=name, request="right"):
                self.assertEqual((status, double.received(), double.refused), (vendor.status, keyed(vendor.keeps), []), answer)
            count = 0
            for what, wanted, change in wrongs(vendor):
                with self.subTest(vendor=name, request=what):
                    before, refused = double.received(), len(double.refused)
                    status, _, answer = self.ask(double, vendor, change)
                    self.assertEqual(status, wanted, answer)
                    self.assertGreater(len(double.refused), refused)
                    self.assertTrue(change.get("kept") or double.received() == before, "something of it was kept")
                    count += 1
            self.assertGreaterEqual(count, 10, name)

    def test_every_vendor_says_429_in_its_words_and_recovers(self):
        for name, vendor in VENDORS.items():
            with self.subTest(vendor=name):
                double = self.make(vendor)
                double.fail(base.status(429, after=7), base.status(503), None)
                status, headers, _ = self.ask(double, vendor, {})
                self.assertEqual((status, headers["Retry-After"]), (429, "7"))
                self.assertEqual(self.ask(double, vendor, {})[0], 503)
                self.assertEqual(double.received(), {})
                self.assertEqual(self.ask(double, vendor, {})[0], vendor.status)
                self.assertEqual(double.received(), keyed(vendor.keeps))
                self.assertEqual([request.status for request in double.requests], [429, 503, vendor.status])

    def test_what_repetition_does(self):
        twice = {name: 2 for name in VENDORS}
        twice.update({name: 1 for name, vendor in VENDORS.items() if vendor.make.once})
        twice.update({name: 1 for name in ("Mimir", "GrafanaCloud", "AmazonPrometheus", "AzureMonitor", "Elasticsearch",
                                           "CrateDb")})
        for name, vendor in VENDORS.items():
            with self.subTest(vendor=name):
                double = self.make(vendor)
                answers = [self.ask(double, vendor, {})[0] for _ in range(2)]
                self.assertEqual(answers, [vendor.status] * 2)
                self.assertEqual({len(samples) for samples in double.received().values()}, {twice[name]})


def signed(double, headers, body, path=None, method="POST"):
    parts = urllib.parse.urlsplit(path or double.url_path)
    host = {"Host": f"127.0.0.1:{double.port}"}
    added = sigv4.sign(method, parts.path, parts.query, host, body if method != "GET" else b"", double.credentials, double.region,
                       double.service, double.now())
    return {**headers, **host, **added}


class Faults(Case):
    def setUp(self):
        super().setUp()
        self.vendor = influx.CASES["Influx2"]
        self.double = Influx2(self)
        self.double.now = lambda: influx.NOW

    def send(self, **change):
        return send(self.double, change.get("body", self.vendor.right["body"]), self.vendor.right["headers"])

    def test_an_answer_is_lost_after_the_body_was_taken(self):
        self.double.fail(base.lose())
        self.assertEqual(self.send()[0], 0)
        self.assertEqual(self.double.received(), keyed(self.vendor.keeps))
        self.assertEqual(self.double.requests[0].kept, 6)

    def test_closed_early_nothing_is_taken(self):
        self.double.fail(base.close_early())
        self.assertEqual(self.send()[0], 0)
        self.assertEqual(self.double.received(), {})

    def test_a_slow_answer_comes_whole(self):
        double = Otlp(self)
        right = otlp.CASES["Otlp"].right
        double.fail(base.slow(0.3))
        start = time.monotonic()
        self.assertEqual(send(double, right["body"], right["headers"])[0], 200)
        self.double.fail(base.slow(0.2))
        self.assertEqual(self.send()[0], 204)
        self.assertGreater(time.monotonic() - start, 0.45)

    def test_retry_after_as_a_date(self):
        self.double.fail(base.status(429, date=3))
        self.assertRegex(self.send()[1]["Retry-After"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")

    def test_a_request_that_breaks_off_counts_for_nothing(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.double.port, timeout=10)
        connection.putrequest("POST", self.double.url_path)
        for name, value in {**self.vendor.right["headers"], "Content-Length": "1000"}.items():
            connection.putheader(name, value)
        connection.endheaders(self.vendor.right["body"])
        connection.close()
        until(lambda: self.double.requests, what="the request")
        self.assertEqual(self.double.received(), {})

    def test_tls(self):
        certificates = Certificates(self.folder)
        double = Influx2(self, context=certificates.context())
        double.now = lambda: influx.NOW
        context = ssl.create_default_context(cafile=certificates.path("ca.pem"))
        with self.assertRaises(ssl.SSLCertVerificationError):  # made for pi.lan, not for 127.0.0.1
            send(double, b"", {}, context=context)
        context.check_hostname = False
        self.assertEqual(send(double, self.vendor.right["body"], self.vendor.right["headers"], context=context)[0], 204)


class Influx(Case):
    def lines(self, double, text):
        return send(double, text.encode(), {"Authorization": "Token s3cret", "Content-Type": "text/plain"})

    def test_the_free_plan_has_windows(self):
        double = InfluxCloudFree(self)
        clock = [1641024000 // 300 * 300]
        double.now, double.window = lambda: clock[0] + 10, (60, 300)
        text = f"m,a=b value=1 {clock[0]}000\n"  # 30 bytes
        self.assertEqual([self.lines(double, text)[0] for _ in range(3)], [204, 204, 429])
        self.assertEqual(double.requests[-1].status, 429)
        self.assertEqual(self.lines(double, text)[1]["Retry-After"], "290")
        clock[0] += 300
        self.assertEqual(self.lines(double, text)[0], 204)

    def test_serverless_writes_the_good_lines_and_has_500_tables(self):
        double = InfluxServerless(self)
        double.now = lambda: influx.NOW
        text = "".join(f"m{n},a=b value=1 1641024000000\n" for n in range(501)) + "m0 value=NaN 1641024000000\n"
        status, _, answer = self.lines(double, text)
        self.assertEqual((status, len(double.received())), (400, 500))
        self.assertIn("couldn't create new table", json.loads(answer)["message"])
        self.assertEqual([number for number in ("line 501", "line 502") if number in json.loads(answer)["message"]],
                         ["line 501", "line 502"])
        wide = "w," + ",".join(f"t{n}=v" for n in range(199)) + " value=1 1641024000000\n"
        double.columns.clear()
        self.assertEqual(self.lines(double, wide)[0], 400)


class GraphiteLines(Case):
    GOOD = b"s3cret.test.metric;room=attic 1.5 1700000000\n"

    def test_lines_over_tls_and_what_is_dropped(self):
        certificates = Certificates(self.folder)
        double = GraphiteTcp(self, context=certificates.context())
        context = ssl.create_default_context(cafile=certificates.path("ca.pem"))
        with context.wrap_socket(socket.create_connection(("127.0.0.1", double.port)), server_hostname="pi.lan") as connection:
            connection.sendall(self.GOOD)
            wrong = (b"test.metric 1 1700000000\n", b"other.metric 1 1700000000\n", b"s3cret.a b 1 1700000000\n",
                     b"s3cret.a NaN 1700000000\n",
                     b"s3cret.a 1 1700000000000\n", b"s3cret.a 1\n", b"s3cret.a;b= 1 1700000000\n",
                     b"s3cret.a;b=~c 1 1700000000\n",
                     b"s3cret.a;b!=c 1 1700000000\n", b"s3cret..a 1 1700000000\n", b"s3cret.a;b=c;b=d 1 1700000000\n",
                     b"s3cret.a/b 1 1700000000\n")
            connection.sendall(b"".join(wrong) + b"s3cret.cut 1 17000")
        until(lambda: len(double.refused) == len(wrong) + 1, what="every wrong line refused")
        self.assertEqual(double.received(), {("test.metric", (("room", "attic"),)): [(1700000000000, 1.5)]})

    def test_connections_that_die(self):
        double = GraphiteTcp(self)
        double.fail(base.close_early(), base.lose(), None)
        for kept in (0, 1, 1):
            with socket.create_connection(("127.0.0.1", double.port), timeout=10) as connection:
                connection.sendall(self.GOOD)
                if kept:
                    until(lambda: double.received(), what="the line")
                else:
                    try:
                        self.assertEqual(connection.recv(1), b"")
                    except ConnectionResetError:
                        pass
        until(lambda: double.connections == 3)
        self.assertEqual([len(samples) for samples in double.received().values()], [1])


if __name__ == "__main__":
    main()
