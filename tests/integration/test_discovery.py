"""Targets that come and go while the forwarder runs: lists in files and at a URL, compared with Prometheus's own."""
import contextlib
import json
import os
import pathlib
import signal
import time

from harness import Case, Process, Receiver, Target, free_port, get, main, page, peer, read_request, until


def listed(*addresses, **labels):
    return json.dumps([{"targets": list(addresses), "labels": labels}])


class DiscoveryCase(Case):
    def start(self, jobs, receiver, interval="1s"):
        return self.forwarder(f"""
global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}
scrape_configs:
{jobs}
remote_write:
  - url: {receiver.url}
    queue_config: {{batch_send_deadline: 50ms}}
""")

    def instances(self, port):
        return sorted(target["instance"] for target in self.status(port)["targets"])

    def becomes(self, port, *instances, seconds=2.0):
        """The targets are these within the time."""
        until(lambda: self.instances(port) == sorted(instances), seconds, f"targets {instances}")

    def discovery(self, port, mechanism):
        return next(row for row in self.status(port)["discoveries"] if row["mechanism"] == mechanism)

    def replace(self, name, text):
        """As careful programs write: a new file takes the old one's place at once."""
        path = pathlib.Path(self.folder) / name
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text)
        fresh.rename(path)


class Files(DiscoveryCase):
    def setUp(self):
        super().setUp()
        self.one, self.two, self.three = (Target(self, page("a 1\n")) for _ in range(3))
        self.receiver = Receiver(self)

    def start_files(self, *patterns):
        return self.start(f"  - job_name: f\n    file_sd_configs: [{{files: [{', '.join(patterns)}]}}]", self.receiver)

    def test_targets_follow_files_that_are_added_renamed_and_removed(self):
        os.mkdir(f"{self.folder}/t")
        self.file("t/a.json", listed(self.one.address, room="attic"))
        _, port = self.start_files("t/*.json", "t/b.yml")
        self.becomes(port, self.one.address)
        self.assertEqual(self.target(port, self.one.address)["labels"],
                         {"instance": self.one.address, "job": "f", "room": "attic"})
        scrapes = until(lambda: self.target(port, self.one.address)["scrapes"])
        self.file("t/b.yml", f"- targets: ['{self.two.address}']\n  labels: {{room: cellar}}\n")
        self.becomes(port, self.one.address, self.two.address)
        until(lambda: self.target(port, self.two.address)["health"] == "up")
        self.replace("t/b.yml", f"- targets: ['{self.three.address}']\n")
        self.becomes(port, self.one.address, self.three.address)
        until(lambda: self.target(port, self.three.address)["health"] == "up")
        os.remove(f"{self.folder}/t/b.yml")
        self.becomes(port, self.one.address)
        # A target that stayed was not begun anew; those that went ended with a stale marker, once.
        self.assertGreaterEqual(self.target(port, self.one.address)["scrapes"], scrapes)
        for target in (self.two, self.three):
            until(lambda t=target: [v for _, v in self.receiver.samples("a", instance=t.address)][-1:] == ["stale"])
        self.assertNotIn("stale", [v for _, v in self.receiver.samples("a", instance=self.one.address)])
        os.rename(f"{self.folder}/t/a.json", f"{self.folder}/t/c.json")
        time.sleep(0.5)
        self.becomes(port, self.one.address)
        self.assertEqual(self.receiver.faults, [])

    def test_a_link_that_is_swapped_as_kubernetes_does(self):
        for name, target in (("v1", self.one), ("v2", self.two)):
            os.mkdir(f"{self.folder}/..{name}")
            self.file(f"..{name}/list.yaml", f"- targets: ['{target.address}']\n")
        os.symlink("..v1", f"{self.folder}/..data")
        os.symlink("..data/list.yaml", f"{self.folder}/list.yaml")
        _, port = self.start_files("list.yaml")
        self.becomes(port, self.one.address)
        os.symlink("..v2", f"{self.folder}/..data_tmp")
        os.rename(f"{self.folder}/..data_tmp", f"{self.folder}/..data")
        self.becomes(port, self.two.address)

    def test_a_broken_file_keeps_what_it_last_said_and_says_so_once(self):
        self.file("l.json", listed(self.one.address))
        program, port = self.start_files("l.json", "other.yml")
        self.becomes(port, self.one.address)
        whole = listed(self.one.address, self.two.address)
        for broken, reason in ((whole[:len(whole) // 2], "ends too early"), ("", "is empty"), ("<html>", "no JSON"),
                               ('[{"targetz": []}]', "did you mean 'targets'"), ('[{"targets": [1]}]', "not a number"),
                               ("[null]", "a group is missing")):
            self.file("l.json", broken)
            until(lambda r=reason: r in self.discovery(port, "file")["error"], 2, reason)
            self.assertIn("l.json", self.discovery(port, "file")["error"])
            self.assertEqual(self.instances(port), [self.one.address])
        for turn in range(3):  # others' changes are no reason to say it again
            self.file("other.yml", f"- targets: ['{self.three.address}']\n  labels: {{turn: '{turn}'}}\n")
            until(lambda t=turn: self.target(port, self.three.address)["labels"]["turn"] == str(t) if
                  len(self.instances(port)) == 2 else False, 3)
        self.assertEqual(program.output().count("a group is missing"), 1, program.output())
        page_of_metrics = get(port, "/metrics")[2].decode()
        self.assertRegex(page_of_metrics,
                         r'pifleet_sd_refresh_failures_total\{scrape_job="f",mechanism="file",number="0"\} [6-9]')
        os.mkfifo(f"{self.folder}/pipe")
        os.rename(f"{self.folder}/pipe", f"{self.folder}/l.json")
        until(lambda: "no regular file" in self.discovery(port, "file")["error"], 2)
        self.replace("l.json", whole)
        self.becomes(port, self.one.address, self.two.address, self.three.address)
        self.assertEqual(self.discovery(port, "file")["error"], "")

    def test_a_folder_that_comes_later(self):
        _, port = self.start_files("later/on/*.yml")
        self.becomes(port)
        os.makedirs(f"{self.folder}/later/on")
        time.sleep(0.3)
        self.file("later/on/x.yml", f"- targets: ['{self.one.address}']\n")
        self.becomes(port, self.one.address)

    def test_a_reload_keeps_what_did_not_change(self):
        self.file("l.yml", f"- targets: ['{self.one.address}']\n")
        program, port = self.start_files("l.yml")
        until(lambda: self.target(port, self.one.address)["scrapes"] >= 2)
        config = pathlib.Path(self.folder) / "forwarder.yml"
        config.write_text(config.read_text().replace("remote_write:", f"""  - job_name: s
    static_configs: [{{targets: ['{self.two.address}']}}]
remote_write:"""))
        self.assertEqual(get(port, "/-/reload", method="POST")[0], 200)
        self.becomes(port, self.one.address, self.two.address)
        self.assertGreaterEqual(self.target(port, self.one.address)["scrapes"], 2)
        self.file("l.yml", "{")
        until(lambda: self.discovery(port, "file")["error"])
        scrapes = self.target(port, self.one.address)["scrapes"]
        program.process.send_signal(signal.SIGHUP)
        until(lambda: program.output().count("is in use") == 2)
        self.assertGreaterEqual(self.target(port, self.one.address)["scrapes"], scrapes)
        self.assertEqual(self.receiver.faults, [])


class ListServer(Target):
    """An http_sd whose answer can be changed."""

    def __init__(self, case):
        super().__init__(case, self.answer)
        self.requests, self.body, self.kind, self.status, self.delay, self.length = [], "[]", "application/json", "200 OK", 0, None

    def answer(self, connection):
        while True:
            self.requests.append(read_request(connection).decode())
            body, length = self.body.encode(), self.length
            time.sleep(self.delay)
            connection.sendall(f"HTTP/1.1 {self.status}\r\nContent-Type: {self.kind}\r\n"
                               f"Content-Length: {length or len(body)}\r\n\r\n".encode() + body)
            if length:
                return


class Urls(DiscoveryCase):
    def test_a_bad_answer_keeps_the_last_good_one_and_says_which_it_was(self):
        one, two, receiver, server = Target(self, page("a 1\n")), Target(self, page("a 1\n")), Receiver(self), ListServer(self)
        server.body = listed(one.address, room="attic")
        self.file("key", "secret\n")
        program, port = self.start(f"""  - job_name: h
    http_sd_configs:
      - url: http://{server.address}/list?of=all
        refresh_interval: 300ms
        authorization: {{credentials_file: {self.folder}/key}}""", receiver)
        self.becomes(port, one.address, seconds=1)
        scrapes = until(lambda: self.target(port, one.address)["scrapes"])
        request = server.requests[0]
        for expected in ("GET /list?of=all ", "Accept: application/json\r\n", "X-Prometheus-Refresh-Interval-Seconds: 0.3\r\n",
                         "Authorization: Bearer secret\r\n"):
            self.assertIn(expected, request)
        good = dict(body=server.body, kind="application/json; charset=utf-8", status="200 OK", delay=0, length=None)
        for bad, reason in ((dict(kind="text/html", body="<html>"), "answered with 'text/html', not application/json"),
                            (dict(status="500 Oops"), "answered with status 500"), (dict(delay=0.6), "within 0.3s"),
                            (dict(body="<html>"), "is no JSON"), (dict(length=1000), "cut short"),
                            (dict(body="[" + " " * (5 << 20) + "]"), "larger than 4 MiB"),
                            (dict(body='[{"targets": ["x"], "labels": {"a b": "c"}}]'), "is no label name")):
            for name, value in {**good, **bad}.items():
                setattr(server, name, value)
            until(lambda r=reason: r in self.discovery(port, "http")["error"], 3, reason)
            self.assertIn(f"http://{server.address}/list?of=***", self.discovery(port, "http")["error"])
            self.assertEqual(self.instances(port), [one.address])
        for name, value in good.items():
            setattr(server, name, value)
        server.body = listed(one.address, two.address, room="attic")
        self.becomes(port, one.address, two.address, seconds=3)
        until(lambda: self.discovery(port, "http")["error"] == "")
        self.assertIn("discovery works again", program.output())
        self.assertNotIn("of=all", program.output(), "what stands in a query may be a key")
        self.assertGreater(self.target(port, one.address)["scrapes"], scrapes, "it was begun anew")
        self.assertEqual(receiver.faults, [])


class SideBySide(DiscoveryCase):
    """The same configuration in Prometheus and here."""

    def compare(self, config):
        port, storage = free_port(), f"{self.folder}/tsdb"
        path = self.file("prometheus.yml", config)
        peer_program = Process(self, [peer("PEER_PROMETHEUS"), f"--config.file={path}", f"--storage.tsdb.path={storage}",
                                      f"--web.listen-address=127.0.0.1:{port}"], name="prometheus")
        peer_program.wait_ready(port, "/-/ready")
        _, ours = self.forwarder(config)

        def theirs():
            active = json.loads(get(port, "/api/v1/targets?state=active")[2])["data"]["activeTargets"]
            return sorted((t["scrapeUrl"].partition("?")[0], sorted(t["labels"].items())) for t in active)

        def mine():
            return sorted((t["url"].partition("?")[0], sorted(t["labels"].items())) for t in self.status(ours)["targets"])

        until(theirs, 20, "Prometheus's targets")
        with contextlib.suppress(AssertionError):
            until(lambda: theirs() == mine(), 10)
        self.assertEqual(mine(), theirs())  # shows in what they differ
        return theirs()

    def test_files_and_urls(self):
        server = ListServer(self)
        server.body = json.dumps([{"targets": ["h1:1", "h2:2"], "labels": {"site": "a", "__metrics_path__": "/m"}},
                                  {"targets": ["h3:3"], "labels": {"job": "own", "empty": ""}}, {"targets": []}])
        os.mkdir(f"{self.folder}/lists")
        self.file("lists/a.yml", "- targets: [f1:1, 'f2:2']\n  labels: {n: 1, __param_x: y, __scheme__: https}\n- labels: {}\n")
        self.file("lists/.b.yml", "- targets: [hidden:1]\n")
        self.file("lists/c.json", listed("f3:3", __scrape_interval__="7s", __scrape_timeout__="3s"))
        self.file("lists/empty.yml", "# nothing\n")
        self.file("more.yml", "scrape_configs:\n- job_name: more\n  file_sd_configs: [{files: [lists/c.json]}]\n")
        found = self.compare(f"""
scrape_config_files: ['mor*.yml']
scrape_configs:
  - job_name: f
    file_sd_configs: [{{files: ['./lists/*.yml', lists/c.json]}}]
  - job_name: h
    http_sd_configs: [{{url: 'http://{server.address}/'}}]
""")
        self.assertEqual(len(found), 8, found)


if __name__ == "__main__":
    main()
