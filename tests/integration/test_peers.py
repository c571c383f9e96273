"""Real parts: what Prometheus and VictoriaMetrics make of our pages and of what we relay."""
import json
import pathlib
import subprocess

from harness import Case, Process, free_port, get, main, options, peer, query, until

V2 = "protobuf_message: io.prometheus.write.v2.Request"


class Peers(Case):
    def prometheus(self, variable, config="scrape_configs: []", flags=()):
        program, port = peer(variable), free_port()
        path = self.file("prometheus.yml", config)
        return Process(self, [program, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}",
                              f"--storage.tsdb.path={self.folder}/tsdb-{port}", "--web.enable-remote-write-receiver", *flags],
                       "prometheus").wait_ready(port, "/-/ready"), port

    def victoria(self, variable, flags=()):
        program, port = peer(variable), free_port()
        return Process(self, [program, f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={self.folder}/vm-{port}",
                              "-search.latencyOffset=0s", "-retentionPeriod=1d", *flags], "victoria").wait_ready(port, "/health"), port

    def relay(self, url, extra=""):
        _, exporter = self.node_exporter()
        self.relaying, port = self.forwarder(f"""
global: {{scrape_interval: 1s, external_labels: {{site: test}}}}
scrape_configs:
  - {{job_name: node, static_configs: [{{targets: ['127.0.0.1:{exporter}'], labels: {{room: attic}}}}]}}
remote_write:
  - {{url: '{url}', queue_config: {{batch_send_deadline: 200ms}}, {extra}}}
""")
        return exporter, port

    def read_back(self, store, exporter, page_port):
        """Every series of the exporter's page has arrived, with the labels that it should have."""
        until(lambda: query(store, "up{job='node'} == 1"), 30, "the first sample read back")
        row = self.target(page_port, f"127.0.0.1:{exporter}")
        until(lambda: int(query(store, "count({job='node'})")[0][1]) >= row["samples"] + 5, 30, "every series")
        labels, value = query(store, "node_uname_info")[0]
        self.assertEqual(value, "1")
        self.assertEqual({k: labels[k] for k in ("job", "instance", "room", "site")},
                         {"job": "node", "instance": f"127.0.0.1:{exporter}", "room": "attic", "site": "test"})
        page = get(exporter, "/metrics")[2].decode()
        memory = next(line.split()[1] for line in page.splitlines() if line.startswith("node_memory_MemTotal_bytes "))
        self.assertEqual(float(query(store, "node_memory_MemTotal_bytes")[0][1]), float(memory))

    def test_prometheus_takes_what_we_relay(self):
        for variable in ("PEER_PROMETHEUS", "PEER_PROMETHEUS_12"):
            with self.subTest(variable):
                _, store = self.prometheus(variable)
                self.read_back(store, *self.relay(f"http://127.0.0.1:{store}/api/v1/write"))

    def test_victoria_metrics_takes_what_we_relay(self):
        for variable in ("PEER_VICTORIA", "PEER_VICTORIA_12"):
            with self.subTest(variable):
                _, store = self.victoria(variable)
                self.read_back(store, *self.relay(f"http://127.0.0.1:{store}/api/v1/write"))

    def test_receivers_that_store_nothing_of_2_0_get_everything_as_1_0(self):
        only_v1 = ["--web.remote-write-receiver.accepted-protobuf-messages=prometheus.WriteRequest"]
        for variable, start, flags in (("PEER_VICTORIA", self.victoria, []), ("PEER_VICTORIA_12", self.victoria, []),
                                       ("PEER_PROMETHEUS_12", self.prometheus, []),  # these answer 204
                                       ("PEER_PROMETHEUS", self.prometheus, only_v1)):  # 415
            with self.subTest(variable):
                _, store = start(variable, flags=flags)
                self.read_back(store, *self.relay(f"http://127.0.0.1:{store}/api/v1/write", V2))
                self.assertEqual(self.relaying.output().count("does not understand remote_write 2.0"), 1)

    def test_prometheus_takes_2_0_with_metadata(self):
        # Prometheus keeps the metadata that it receives in its write-ahead log and nowhere else.
        program, store = self.prometheus("PEER_PROMETHEUS", flags=[
            "--web.remote-write-receiver.accepted-protobuf-messages=io.prometheus.write.v2.Request",
            "--enable-feature=metadata-wal-records", "--no-storage.tsdb.wal-compression"])
        exporter, port = self.relay(f"http://127.0.0.1:{store}/api/v1/write", V2)
        self.read_back(store, exporter, port)
        self.assertNotIn("does not understand", self.relaying.output())
        self.assertEqual(self.status(port)["backends"][0]["failures"], 0)
        help_text = next(line.split(maxsplit=3)[3] for line in get(exporter, "/metrics")[2].decode().splitlines()
                         if line.startswith("# HELP node_memory_MemTotal_bytes "))
        wal = pathlib.Path(self.folder, f"tsdb-{store}", "wal")
        until(lambda: any(help_text.encode() in segment.read_bytes() for segment in wal.glob("0*")), what="the help in the WAL")
        self.assertNotIn("level=ERROR", program.output())

    def test_victoria_metrics_tells_the_metadata_of_1_0(self):
        _, store = self.victoria("PEER_VICTORIA", flags=["-enableMetadata"])
        exporter, _ = self.relay(f"http://127.0.0.1:{store}/api/v1/write", "metadata_config: {send_interval: 1s}")

        def told(family):
            return json.loads(get(store, f"/api/v1/metadata?metric={family}")[2])["data"].get(family)

        until(lambda: told("node_memory_MemTotal_bytes"), what="metadata")
        self.assertEqual(told("node_memory_MemTotal_bytes")[0]["type"], "gauge")
        page = get(exporter, "/metrics")[2].decode()
        self.assertIn(f"# HELP node_memory_MemTotal_bytes {told('node_memory_MemTotal_bytes')[0]['help']}\n", page)

    def test_prometheus_scrapes_our_pages(self):
        _, exporter = self.node_exporter()
        _, forwarder = self.forwarder("scrape_configs: []")
        _, store = self.prometheus("PEER_PROMETHEUS", f"""
global: {{scrape_interval: 1s}}
scrape_configs:
  - {{job_name: openmetrics, static_configs: [{{targets: ['127.0.0.1:{exporter}', '127.0.0.1:{forwarder}']}}]}}
  - job_name: text
    scrape_protocols: [PrometheusText0.0.4]
    static_configs: [{{targets: ['127.0.0.1:{exporter}', '127.0.0.1:{forwarder}']}}]
""")
        until(lambda: len(query(store, "up == 1")) == 4, 30, "four targets up")
        # The same names in both formats: none is renamed by OpenMetrics.
        until(lambda: query(store, "node_load1"))
        names = {job: {row[0]["__name__"] for row in query(store, f"{{job='{job}'}}")} for job in ("openmetrics", "text")}
        self.assertEqual(names["openmetrics"], names["text"])

    def test_promtool_finds_nothing_wrong(self):
        tool = peer("PEER_PROMTOOL")
        _, exporter = self.node_exporter()
        _, forwarder = self.forwarder("scrape_configs: []")
        for port in (exporter, forwarder):
            page = get(port, "/metrics", {"Accept": "text/plain"})[2]
            done = subprocess.run([tool, "check", "metrics"], input=page, capture_output=True, check=False)
            # Names are node_exporter's, some of which promtool's lint dislikes there as well (exit code 3).
            complaints = [line for line in done.stderr.decode().splitlines() if not expected(line)]
            self.assertIn(done.returncode, (0, 3), done.stderr)
            self.assertEqual(complaints, [])


def expected(complaint):
    """Complaints about names that node_exporter has given; ours are to be without fault."""
    return complaint.startswith("node_") or "node_" in complaint.split(" ")[0]


class SideBySide(Case):
    def test_the_same_families_as_node_exporter(self):
        for variable in ("PEER_NODE_EXPORTER", "PEER_NODE_EXPORTER_12"):
            with self.subTest(variable):
                theirs = peer(variable)
                script = pathlib.Path(__file__).with_name("node_side_by_side.py")
                done = subprocess.run(["python3", script, options.bin / "pifleet-node-exporter", theirs],
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    main()
