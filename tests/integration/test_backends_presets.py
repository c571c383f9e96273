"""Presets of remote_write against doubles of the vendors' edges: what the README says of a key file is all that is needed. Only the
address is another one. Nothing may be refused."""
import json
import subprocess

from doubles.base import status
from doubles.remote_write import AmazonPrometheus, AzureMonitor, Gnocchi, GrafanaCloud, NewRelicRemoteWrite
from doubles.tokens import EntraTokens
from harness import Case, Target, get, main, options, page, until

PAGE = ("# TYPE requests_total counter\nrequests_total{path=\"/\"} 7\n# TYPE temperature gauge\ntemperature 41.5\n"
        "# TYPE wait histogram\nwait_bucket{le=\"1\"} 2\nwait_bucket{le=\"+Inf\"} 3\nwait_sum 4\nwait_count 3\n")


class Presets(Case):
    def relay(self, double, preset, **keys):
        """A forwarder that sends to the double as this preset says; ends when samples of two scrapes are there."""
        target = Target(self, page(PAGE))
        key = self.file(f"{preset}.key", keys.pop("key", double.key) + "\n")
        entry = {"preset": preset, "key_file": str(key), "queue_config": {"batch_send_deadline": "200ms"}, **keys}
        entry.setdefault("url", double.url)
        config = {"global": {"scrape_interval": "1s"}, "backends": [entry],
                  "scrape_configs": [{"job_name": "pi", "static_configs": [{"targets": [target.address]}]}]}
        program, port = self.forwarder(json.dumps(config))  # YAML holds JSON
        until(lambda: len(double.samples("temperature")) >= 2, 20, f"{preset}: two samples; {program.output()[-2000:]}")
        self.assertEqual(double.refused, [])
        self.assertEqual({value for _, value in double.samples("requests_total", path="/", job="pi")}, {7.0})
        self.assertEqual({value for _, value in double.samples("wait_bucket", le="+Inf")}, {3.0})
        self.assertNotIn(double.key, program.output())
        self.assertEqual(self.status(port)["backends"][0]["name"], preset)

    def test_newrelic(self):
        double = NewRelicRemoteWrite(self)
        self.relay(double, "newrelic")
        self.assertEqual(double.errors, [])

    def test_grafana_cloud(self):
        double = GrafanaCloud(self)
        self.relay(double, "grafana-cloud", user=double.user, host="unused")

    def test_amazon(self):
        double = AmazonPrometheus(self)
        access, secret = double.credentials
        self.relay(double, "amazon-prometheus", key=secret, access_key=access, region=double.region, workspace="ws-1")

    def test_gnocchi_gets_every_series_under_a_name_of_its_own(self):
        double = Gnocchi(self)
        target = Target(self, page(PAGE + 'wide{a="' + "x/" * 200 + '",b="1"} 1\nwide{a="' + "x/" * 200 + '",b="2"} 2\n'))
        key = self.file("gnocchi.key", double.key)
        config = {"global": {"scrape_interval": "1s"}, "backends": [{"preset": "gnocchi", "key_file": str(key), "url": double.url,
                                                                          "queue_config": {"batch_send_deadline": "200ms"}}],
                  "scrape_configs": [{"job_name": "pi", "static_configs": [{"targets": [target.address]}]}]}
        self.forwarder(json.dumps(config))
        until(lambda: len(double.samples("requests_total.path._")) >= 2, 20, "two samples")
        self.assertEqual(double.refused, [])
        self.assertTrue(double.samples("wait_bucket.le.+Inf", job="pi"))
        wide = [name for name, _ in double.received() if name.startswith("wide.a.x_x_")]
        self.assertEqual([len(name) for name in wide], [255, 255])

    def test_azure(self):
        double, tokens = AzureMonitor(self), EntraTokens(self)
        double.tokens = tokens
        self.relay(double, "azure-monitor", key=tokens.key, tenant=tokens.tenant, client=tokens.client, url=double.url, oauth2={
            "client_id": tokens.client, "client_secret_file": str(self.file("secret", tokens.key)), "token_url": tokens.url,
            "scopes": ["https://monitor.azure.com//.default"]})
        given = tokens.given
        tokens.expire()  # a refused token is renewed, and nothing is lost
        count = len(double.samples("temperature"))
        until(lambda: len(double.samples("temperature")) > count, 20, "samples with a new token")
        self.assertGreater(tokens.given, given)


class EchoingEdge(NewRelicRemoteWrite):
    """Says in its errors what it was sent, the key too."""

    def words(self, code, why):
        request = self.requests[-1]
        return f"{why}: {request.path}?{request.raw_query} {request.headers['Authorization']} {self.key}".encode()


class KeyInTheUrl(Case):
    def start(self, double, more):
        target = Target(self, page(PAGE))
        keyed = double.url.replace("http://", "http://user:pa55word@") + "&X-License-Key=" + double.key
        config = {"global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"},
                  "backends": [{"name": "edge", "protocol": "remote_write", "url": keyed,
                                "queue_config": {"batch_send_deadline": "100ms", "bisect_on_400": False}, **more}],
                  "scrape_configs": [{"job_name": "pi", "static_configs": [{"targets": [target.address]}]}]}
        return self.forwarder(json.dumps(config))

    def check_masked(self, program, port, *secrets):
        shown = program.output() + "".join(get(port, path)[2].decode() for path in (
            "/", "/api/status", "/metrics", "/api/v1/status/config", "/api/v1/targets"))
        for secret in secrets:
            self.assertNotIn(secret, shown)

    def test_it_works_and_nobody_shows_it(self):
        double = EchoingEdge(self, key="f00dba5e1234")
        double.authorized = lambda request: request.query.get("X-License-Key") == double.key  # the user and password are ignored
        program, port = self.start(double, {})
        until(lambda: len(double.samples("temperature")) >= 2, 20, f"samples: {program.output()}")
        for code in (429, 500, 400, 413, 401):  # the last one is asked again in a minute
            double.fail(status(code))
            until(lambda: f"status {code}" in self.status(port)["backends"][0]["error"], 20, f"status {code}")
            self.assertIn("<secret>", self.status(port)["backends"][0]["error"])
        self.check_masked(program, port, double.key, "pa55word")


class Command(Case):
    def run_command(self, *words):
        return subprocess.run([options.bin / "pifleet-forwarder", *words], capture_output=True, text=True, timeout=20)

    def test_it_tells_the_truth_of_each(self):
        said = self.run_command("backends", "--json")
        self.assertEqual(said.returncode, 0, said.stderr)
        rows = {row["name"]: row for row in json.loads(said.stdout)}
        self.assertGreater(len(rows), 50)
        for name in ("appoptics", "wavefront", "elephantsql", "chronix"):
            self.assertEqual(rows[name]["proven"], "closed")
            self.assertTrue(rows[name]["retired"])
        for row in rows.values():
            self.assertIn(row["price"], ("free", "under 10 USD", "over 10 USD", "own server", "-", "?"))
            self.assertTrue(row["proven"])
        table = self.run_command("backends").stdout
        self.assertTrue(all(name in table for name in rows))

    def test_a_name_with_a_slip(self):
        said = self.run_command("backends", "grafana-clout")
        self.assertEqual(said.returncode, 1)
        self.assertIn("did you mean 'grafana-cloud'?", said.stderr)
        self.assertIn("key_file", self.run_command("backends", "grafana-cloud").stdout)

    def test_presets_of_ones_own(self):
        self.file("mine.yaml", "shelf:\n  title: The shelf\n  asks: {address: {help: where}}\n"
                               "  entry: {protocol: remote_write, url: 'http://{address}/write'}\n")
        said = self.run_command("backends", "shelf", f"--presets.dir={self.folder}")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("The shelf", said.stdout)
        self.file("mine.yaml", "shelf:\n  titel: The shelf\n")
        said = self.run_command("backends", "shelf", f"--presets.dir={self.folder}")
        self.assertEqual(said.returncode, 1)
        self.assertIn("mine.yaml:2:3: unknown key 'titel' (did you mean 'title'?)", said.stderr)


if __name__ == "__main__":
    main()
