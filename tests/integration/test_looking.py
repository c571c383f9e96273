"""Looking at the forwarder: its API says of the same configuration what the real Prometheus's says, the scrape command
prints what a receiver gets, the configuration is shown without its secrets."""
import json
import re
import subprocess
import urllib.parse

from harness import Case, Process, Receiver, Target, free_port, get, main, options, page, peer, until

CONFIG = """
global: {{scrape_interval: 5s, scrape_timeout: 3s, external_labels: {{site: home}}}}
scrape_configs:
  - job_name: pages
    scrape_interval: 4500ms
    static_configs: [{{targets: ['{page}'], labels: {{room: attic}}}}]
  - job_name: mixed
    metrics_path: /probe
    params: {{module: [icmp], token: [s3cret]}}
    relabel_configs:
      - {{action: drop, source_labels: [room], regex: hall}}
      - {{source_labels: [room], target_label: place}}
      - {{target_label: job, replacement: renamed}}
    static_configs:
      - {{targets: ['{page}', 'localhost:1'], labels: {{room: cellar}}}}
      - {{targets: ['a:1', 'b:2'], labels: {{room: hall}}}}
  - job_name: none left
    relabel_configs: [{{action: drop}}]
    static_configs: [{{targets: ['[::1]:4']}}]
"""

PAGE = """# HELP temperature_celsius How warm.
# TYPE temperature_celsius gauge
temperature_celsius{sensor="a"} 20.5
temperature_celsius{sensor="b \\"x\\" \\\\ \\n"} -3
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200"} 1e+300
requests_total{code="500"} NaN
# TYPE wait_seconds histogram
wait_seconds_bucket{le="1"} 2
wait_seconds_bucket{le="+Inf"} 3
wait_seconds_sum 4.25
wait_seconds_count 3
debug_noise{sensor="a"} 1
temperature_celsius{sensor="a"} 21
"""


class Looking(Case):
    def prometheus(self, config):
        program, port = peer("PEER_PROMETHEUS"), free_port()
        process = Process(self, [program, f"--config.file={self.file('prometheus.yml', config)}",
                                 f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={self.folder}/tsdb"])
        process.wait_ready(port, "/-/ready")
        return port

    def api(self, port, path, **query):
        status, headers, body = get(port, "/api/v1/" + path + "?" + urllib.parse.urlencode(query))
        self.assertIn("application/json", headers["Content-Type"])
        return status, json.loads(body)

    def both(self, config):
        """The ports of Prometheus and of the forwarder, when each has scraped every target once."""
        ports = self.prometheus(config), self.forwarder(config)[1]

        def scraped():
            theirs, ours = (self.api(port, "targets")[1]["data"]["activeTargets"] for port in ports)
            return theirs and len(theirs) == len(ours) and all(t["health"] != "unknown" for t in theirs + ours)

        until(scraped, 90, "a scrape of every target")
        return ports

    def comparable(self, data):
        """Targets without what differs from run to run, and without the secrets that we do not show."""
        def labels(found):
            return {name: "<secret>" if name == "__param_token" else value for name, value in found.items()}

        def url(text):
            return re.sub(r"=[^&]*", "=***", re.sub("://[^:/]+", "://host", text))

        rows = []
        for target in data["activeTargets"]:
            row = dict(target, discoveredLabels=labels(target["discoveredLabels"]), globalUrl=url(target["globalUrl"]),
                       scrapeUrl=url(target["scrapeUrl"]), lastError=bool(target["lastError"]))
            self.assertRegex(row.pop("lastScrape"), r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.?\d*Z$")
            self.assertIsInstance(row.pop("lastScrapeDuration"), float)
            rows.append(row)
        dropped = [dict(t, discoveredLabels=labels(t["discoveredLabels"])) for t in data["droppedTargets"]]

        def ordered(found):
            return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))

        return {**data, "activeTargets": ordered(rows), "droppedTargets": ordered(dropped)}

    def test_the_api_says_what_prometheus_says(self):
        target = Target(self, page(PAGE))
        theirs, ours = self.both(CONFIG.format(page=target.address))
        for query in ({}, {"state": "any"}, {"state": "active"}, {"state": "Dropped"}, {"state": "other"},
                      {"scrapePool": "mixed"}, {"scrapePool": "none left"}, {"scrapePool": "unknown"},
                      {"scrapePool": "mixed", "state": "dropped"}):
            with self.subTest(query=query):
                (status, found), (own_status, own) = (self.api(p, "targets", **query) for p in (theirs, ours))
                self.assertEqual(own_status, status)
                self.assertEqual(list(own["data"]), list(found["data"]))
                self.assertEqual(self.comparable(own["data"]), self.comparable(found["data"]))
        everything = self.api(ours, "targets")[1]["data"]
        self.assertEqual([t["health"] for t in everything["activeTargets"]].count("up"), 2)
        self.assertEqual(everything["droppedTargetCounts"], {"pages": 0, "mixed": 2, "none left": 1})
        self.assertNotIn("s3cret", get(ours, "/api/v1/targets")[2].decode() + get(ours, "/api/status")[2].decode())
        self.assertEqual(self.api(ours, "scrape_pools"), self.api(theirs, "scrape_pools"))

        def sorted_rows(answer):
            status, body = answer
            return status, sorted(map(json.dumps, body["data"])) if isinstance(body.get("data"), list) else body

        for path, query in (("targets/metadata", {}), ("targets/metadata", {"metric": "requests_total"}),
                            ("targets/metadata", {"metric": "absent"}),
                            ("targets/metadata", {"match_target": '{job="pages"}'}),
                            ("targets/metadata", {"match_target": '{job=~"ren.*",place!="hall"}', "metric": "wait_seconds"}),
                            ("targets/metadata", {"match_target": '{job="absent"}'}),
                            ("targets/metadata", {"match_target": "{}", "metric": "requests_total"}),
                            ("targets/metadata", {"match_target": "requests_total"}),
                            ("targets/metadata", {"limit": "0"}),
                            ("metadata", {}), ("metadata", {"metric": "temperature_celsius"}),
                            ("metadata", {"metric": "absent"}), ("metadata", {"limit": "0"})):
            with self.subTest(path=path, query=query):
                self.assertEqual(sorted_rows(self.api(ours, path, **query)), sorted_rows(self.api(theirs, path, **query)))
        for path, query in (("targets/metadata", {"limit": "x"}), ("targets/metadata", {"match_target": "{"}),
                            ("targets/metadata", {"match_target": "{a=b}"}),
                            ("metadata", {"limit": "x"}), ("metadata", {"limit_per_metric": "x"})):
            with self.subTest(path=path, query=query):
                (status, found), (own_status, own) = (self.api(p, path, **query) for p in (theirs, ours))
                self.assertEqual((own_status, own["status"], own["errorType"]),
                                 (status, found["status"], found["errorType"]))
        self.assertLessEqual(set(self.api(theirs, "status/buildinfo")[1]["data"]),
                             set(self.api(ours, "status/buildinfo")[1]["data"]))

    def scrape(self, word, config):
        return subprocess.run([options.bin / "pifleet-forwarder", "scrape", word, f"--config.file={config}"],
                              capture_output=True, text=True, check=False, timeout=60)

    def test_scrape_prints_what_a_receiver_gets(self):
        target, receiver = Target(self, page(PAGE)), Receiver(self)
        timed = Target(self, page("timed 1 1700000000000\nplain 2\n"))
        text = f"""
scrape_configs:
  - job_name: house
    scrape_interval: 1h
    static_configs: [{{targets: ['{target.address}'], labels: {{room: attic}}}}]
    metric_relabel_configs:
      - {{action: drop, source_labels: [__name__], regex: 'debug_.*'}}
      - {{source_labels: [code], target_label: status}}
      - {{action: labeldrop, regex: code}}
  - {{job_name: clock, scrape_interval: 1h, static_configs: [{{targets: ['{timed.address}', '127.0.0.1:1']}}]}}
remote_write: [{{url: '{receiver.url}', queue_config: {{batch_send_deadline: 100ms}}}}]
"""
        self.forwarder(text)
        until(lambda: len(receiver.samples("up")) == 3, 20, "a scrape of each at the receiver")
        path = self.folder + "/forwarder.yml"
        ran = self.scrape("house", path)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertRegex(ran.stderr, rf"house.*{target.address}/metrics: 10 samples, 1 dropped, 1 duplicates, "
                                     rf"[\d.e-]+ s, {len(PAGE)} bytes\n$")

        def printed(output):
            return {series: value for series, value in (line.rsplit(" ", 1) for line in output.splitlines())}

        def text_of(labels):
            row = dict(labels)
            name = row.pop("__name__")
            quoted = ((k, v.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for k, v in row.items())
            return name + "{" + ",".join(f'{k}="{v}"' for k, v in quoted) + "}"

        lines = printed(ran.stdout)
        received = {text_of(labels) for labels in receiver.series if ("job", "house") in labels}
        self.assertEqual(set(lines), received)
        self.assertEqual(len(lines), 8 + 5)
        for labels in receiver.series:
            row = dict(labels)
            if row["job"] == "house" and row["__name__"] != "scrape_duration_seconds":
                (_, value), = receiver.samples(**{("name" if k == "__name__" else k): v for k, v in row.items()})
                self.assertEqual(repr(float(lines[text_of(labels)])), repr(value))
        order = [line.split("{")[0] for line in ran.stdout.splitlines()]
        self.assertEqual(order[:4], ["temperature_celsius"] * 2 + ["requests_total"] * 2)
        self.assertEqual(order[-5], "up")

        for word in (target.address, f"http://{target.address}/metrics"):
            with self.subTest(word=word):
                again = self.scrape(word, path)
                self.assertEqual((again.returncode, set(printed(again.stdout))), (0, received))

        two = self.scrape("clock", path)
        self.assertEqual(two.returncode, 1)
        self.assertIn(f'timed{{instance="{timed.address}",job="clock"}} 1 1700000000000\n', two.stdout)
        self.assertIn(f'plain{{instance="{timed.address}",job="clock"}} 2\n', two.stdout)
        self.assertIn('up{instance="127.0.0.1:1",job="clock"} 0\n', two.stdout)
        self.assertRegex(two.stderr, r"127\.0\.0\.1:1/metrics: failed after [\d.e-]+ s: cannot connect")

        for word in ("attic", "house2", "127.0.0.1:2", "http://"):
            unknown = self.scrape(word, path)
            self.assertEqual((unknown.returncode, unknown.stdout), (1, ""))
            self.assertIn(f"'{word}'; jobs: house, clock; targets: {target.address}", unknown.stderr)

    def test_scrape_learns_the_name_of_the_node_first(self):
        target = Target(self, page('a 1\nnode_uname_info{nodename="attic"} 1\n'))
        path = self.file("named.yml", "global: {node_name: auto}\nscrape_configs: [{job_name: node, static_configs: "
                                      f"[{{targets: ['{target.address}']}}]}}]\n")
        ran = self.scrape("node", path)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn(f'a{{instance="{target.address}",job="node",node_name="attic"}} 1\n', ran.stdout)

    def test_scrape_asks_discovery_once_and_not_for_ever(self):
        target = Target(self, page("a 1\n"))
        silent = Target(self, lambda connection: connection.recv(1 << 20) and connection.recv(1))
        listed = Target(self, page(json.dumps([{"targets": [target.address]}]), kind="application/json"))
        config = self.file("found.yml", f"""
scrape_configs:
  - {{job_name: found, http_sd_configs: [{{url: 'http://{listed.address}/'}}]}}
""")
        ran = self.scrape("found", config)
        self.assertEqual((ran.returncode, ran.stdout.splitlines()[0]),
                         (0, f'a{{instance="{target.address}",job="found"}} 1'), ran.stderr)
        config = self.file("silent.yml", f"""
scrape_configs:
  - {{job_name: found, static_configs: [{{targets: ['{target.address}']}}]}}
  - {{job_name: silent, http_sd_configs: [{{url: 'http://{silent.address}/'}}]}}
""")
        ran = self.scrape("found", config)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("discovery of job 'silent' (http): no answer yet", ran.stderr)

    def test_the_configuration_is_shown_without_secrets(self):
        key = self.file("key", "s3cret-in-a-file")
        _, port = self.forwarder(f"""# a comment: s3cret
scrape_configs:
  - job_name: prometheus  # s3cret
    authorization: {{credentials: s3cret}}
    http_headers: {{X-A: {{values: [seen], secrets: [s3cret]}}}}
    static_configs: [{{targets: ['localhost:9090']}}]
  - job_name: b
    basic_auth: {{username: u, password_file: '{key}'}}
    params: {{api_key: [s3cret]}}
remote_write:
  - url: 'http://user:s3cret@127.0.0.1:1/write?key=s3cret'
    headers: {{X-Any: s3cret}}
""")
        yaml = self.api(port, "status/config")[1]["data"]["yaml"]
        self.assertNotIn("s3cret", yaml)
        self.assertEqual(yaml.count("<secret>"), 6)
        self.assertIn("\n    password_file: " + json.dumps(str(key)), yaml)
        for seen in ("- seen", "username: u", "user:<secret>@127.0.0.1:1/write?key=<secret>"):
            self.assertIn(seen, yaml)
        # Shown as it is in use, whatever stands in the file since.
        path = self.folder + "/forwarder.yml"
        with open(path, "w", encoding="utf-8") as file:
            file.write("scrape_configs: nonsense")
        self.assertEqual(get(port, "/-/reload", method="POST")[0], 500)
        self.assertEqual(self.api(port, "status/config")[1]["data"]["yaml"], yaml)

    def test_prometheus_scraping_itself_is_noticed_once(self):
        program, port = self.forwarder("scrape_configs: [{job_name: prometheus, static_configs: [{targets: ['localhost:9090']}]}]")
        self.assertEqual(get(port, "/-/reload", method="POST")[0], 200)
        self.assertEqual(program.output().count("the forwarder's own /metrics"), 1)


if __name__ == "__main__":
    main()
