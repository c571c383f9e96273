"""Graphite's lines to real servers, read back sample by sample, and to doubles that drop the connection: over TCP nobody answers,
and still nothing is missing at the end."""
import signal
import time

from doubles.base import close_early, lose, status
from doubles.graphite import GraphiteSink, GraphiteTcp
from harness import Case, Process, Receiver, Target, free_port, main, options, page, until
from http_doubles import Certificates
from peers.carbon import Carbon
from peers.victoria import Victoria

QUEUE = "queue_config: {batch_send_deadline: 50ms, min_backoff: 20ms, max_backoff: 200ms}"
ODD = '{name="ssh.service",text="#1 SMP;x~"}'
MENDED = {"label_name": "ssh.service", "text": "#1_SMP_x~"}


class Scene(Case):
    def start(self, *entries):
        """A page that counts, one a second by times of its own, in a series with odd labels too; with values that Graphite has
        no words for."""
        self.scrapes, self.first, self.scraped = 0, int(time.time()) - 600, Receiver(self)
        target = Target(self, page(self.text))
        config = self.file("forwarder.yml", f"""
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
clock: {{check: false}}
scrape_configs: [{{job_name: pi, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write: [{{url: '{self.scraped.url}', {QUEUE}}}]
backends:
{"".join(f"  - {{{entry}, {QUEUE}}}" + chr(10) for entry in entries)}""")
        self.port = free_port()
        self.program = Process(self, [options.bin / "pifleet-forwarder", f"--config.file={config}",
                                      f"--web.listen-address=127.0.0.1:{self.port}", f"--storage.path={self.folder}/data"])
        self.program.wait_ready(self.port, "/-/ready")

    def text(self):
        self.scrapes += 1
        at = (self.first + self.scrapes) * 1000
        return f"n {self.scrapes} {at}\nodd{ODD} {self.scrapes}.5 {at + 999}\nnothing NaN\nendless -Inf\n"

    def backend(self, number=0):
        return self.status(self.port)["backends"][number + 1]

    def check_numbers(self, server, more, seconds=30):
        """What the receiver of remote_write has so far and some more: each number is at its second, so is the odd series."""
        count = len(self.scraped.samples("n")) + more
        until(lambda: len(self.scraped.samples("n")) >= count, what="more scrapes")
        wanted = {time_ms: value for time_ms, value in self.scraped.samples("n")[:count] if value != "stale"}
        odd = {time_ms: value + 0.5 for time_ms, value in wanted.items()}

        def whole():
            return wanted.items() <= dict(server.samples("n", job="pi")).items() and \
                odd.items() <= dict(server.samples("odd", **MENDED)).items()

        try:
            until(whole, seconds, f"{count} numbers")
        except AssertionError as late:
            raise AssertionError(f"{late}: {wanted} {server.samples('n')}\n{self.program.output()}") from None
        self.assertEqual(server.samples("nothing") + server.samples("endless"), [])


class Servers(Scene):
    def test_read_back_from_carbon(self):
        carbon = Carbon(self)
        self.start(f"name: carbon, protocol: graphite, address: '{carbon.address}'")
        self.check_numbers(carbon, 4)
        self.assertGreaterEqual(sum(self.backend()["left_out"].values()), 8)
        self.assertEqual(sum(self.backend()["dropped"].values()), 0)

    def test_read_back_from_victoria_which_is_ended_on_the_way(self):
        victoria = Victoria(self, "-dedup.minScrapeInterval=1ms")
        self.start(f"name: victoria, protocol: graphite, address: '127.0.0.1:{victoria.graphite_port}'")
        self.check_numbers(victoria, 3)
        command = victoria.process.process.args
        victoria.process.end(signal.SIGTERM)
        until(lambda: self.backend()["state"] == "retrying")
        Process(self, command, "victoria").wait_ready(victoria.port, "/health")
        self.check_numbers(victoria, 3)


class Doubles(Scene):
    def test_connections_that_die_lose_nothing(self):
        double = GraphiteTcp(self, wants_key=False)
        double.fail(close_early(), lose(), close_early(), lose(), lose(), None)
        self.start(f"name: double, protocol: graphite, address: '{double.address}'")
        until(lambda: double.connections >= 6, 40, "the connection without a fault")
        self.check_numbers(double, 3)
        self.assertEqual(double.refused, [])

    def test_a_receiver_that_comes_late(self):
        port = free_port()
        self.start(f"name: late, protocol: graphite, address: '127.0.0.1:{port}'")
        until(lambda: self.backend()["state"] == "retrying")
        self.assertIn("cannot connect", self.backend()["error"])

    def test_a_key_over_tls(self):
        certificates = Certificates(self.folder)
        double = GraphiteTcp(self, context=certificates.context())
        key = self.file("key", double.key + "\n")
        tls = f"tls_config: {{ca_file: '{certificates.path('ca.pem')}', server_name: pi.lan}}"
        wrong = f"tls_config: {{ca_file: '{certificates.path('ca.pem')}', server_name: other.lan}}"
        entry = f"protocol: graphite, address: '{double.address}', tls: true, prefix_file: '{key}'"
        self.start(f"name: right, {entry}, {tls}", f"name: wrong, {entry}, {wrong}")
        self.check_numbers(double, 3)
        self.assertEqual(double.refused, [])
        until(lambda: "certificate" in (self.backend(1)["error"] or ""), what="a certificate for another name")
        self.assertNotIn(double.key, self.program.output())

    def test_a_key_file_that_is_empty(self):
        double = GraphiteTcp(self)
        key = self.file("key", "\n")
        self.start(f"name: double, protocol: graphite, address: '{double.address}', prefix_file: '{key}'")
        until(lambda: self.backend()["state"] == "denied")
        self.assertIn("is empty", self.backend()["error"])
        self.assertIn("for all to read", self.program.output())
        self.assertEqual(self.program.end(signal.SIGTERM), 0)

    def test_the_http_sink(self):
        double = GraphiteSink(self)
        double.fail(status(503), lose(), None)
        key = self.file("key", double.key + "\n")
        self.start(f"name: sink, protocol: graphite_http, url: '{double.url}', basic_auth: {{username_file: '{key}', password: ''}}")
        self.check_numbers(double, 3)
        self.assertEqual(double.refused, [])


if __name__ == "__main__":
    main()
