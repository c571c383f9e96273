"""What the day brings: targets that misbehave, receivers that are away, configurations with mistakes."""
import socket
import subprocess
import time

from harness import Case, Process, Receiver, Target, free_port, get, main, options, page, read_request, until


def config(receiver, targets, interval="1s", timeout="500ms", extra=""):
    names = ", ".join(f"'{t}'" for t in targets)
    return f"""
global: {{scrape_interval: {interval}, scrape_timeout: {timeout}, external_labels: {{site: test}}}}
scrape_configs:
  - job_name: t
    static_configs: [{{targets: [{names}]}}]
    {extra}
remote_write:
  - url: {receiver}
    queue_config: {{batch_send_deadline: 100ms, max_backoff: 500ms}}
"""


def trickle(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"#")
        time.sleep(0.2)


def flood(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 104857600\r\n\r\n")
    line = b'a{x="0000000000000000000000000000000000000000000000"} 1\n' * 1000
    for _ in range(104857600 // len(line) + 1):
        connection.sendall(line)


def silent(connection):
    read_request(connection)
    time.sleep(30)


def reset(connection):
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


class Targets(Case):
    def test_each_bad_target_is_down_for_its_own_reason_and_harms_no_other(self):
        bad = {
            "status": (page("a 1\n", status="500 Internal Server Error"), "answered with status 500"),
            "html": (page("<html></html>", kind="text/html"), "'text/html', not metrics"),
            "half": (page("a 1\nb 1\n", length=1000), "cut short"),
            "broken": (page("a 1\nb x\n"), "line 2: 'b' has the value 'x'"),
            "flood": (flood, "64"),
            "silent": (silent, "0.5s"),
            "trickle": (trickle, "0.5s"),
            "reset": (reset, "closed without an answer"),
            "garbage": (lambda c: (read_request(c), c.sendall(b"\0\1\2 nonsense\r\n\r\n")), ""),
        }
        targets = {name: Target(self, behave) for name, (behave, _) in bad.items()}
        good = Target(self, page("good 1\n"))
        gone = f"127.0.0.1:{free_port()}"
        receiver = Receiver(self)
        program, port = self.forwarder(
            config(receiver.url, [good.address, gone, *(t.address for t in targets.values())]))

        until(lambda: len(receiver.samples("up", instance=good.address)) >= 5, 30, "five scrapes of the good target")
        for name, (_, reason) in bad.items():
            row = self.target(port, targets[name].address)
            self.assertEqual(row["health"], "down", name)
            self.assertTrue(row["error"], name)
            self.assertIn(reason, row["error"], name)
            ups = receiver.samples("up", instance=targets[name].address)
            self.assertTrue(ups, name)
            self.assertTrue(all(value == 0 for _, value in ups), name)
        self.assertIn("refused", self.target(port, gone)["error"])
        # All or nothing: not one sample of a page that did not end well.
        names = {dict(labels)["__name__"] for labels in receiver.series}
        self.assertEqual(names, {"good", "up", "scrape_duration_seconds", "scrape_samples_scraped",
                                 "scrape_samples_post_metric_relabeling", "scrape_series_added"})
        # The good one is scraped on its turns all the while.
        times = [t for t, value in receiver.samples("up", instance=good.address) if value == 1]
        gaps = [b - a for a, b in zip(times[1:], times[2:])]
        self.assertTrue(all(700 <= gap <= 1300 for gap in gaps), gaps)
        self.assertEqual(receiver.faults, [])
        self.assertLess(program.resident_kib(), 40 * 1024)

    def test_a_target_that_dies_ends_its_series_and_comes_back(self):
        state = {"status": "200 OK"}

        def behave(connection):
            read_request(connection)
            connection.sendall(f"HTTP/1.1 {state['status']}\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n"
                               "Connection: close\r\n\r\na 1\n".encode())

        target, receiver = Target(self, behave), Receiver(self)
        self.forwarder(config(receiver.url, [target.address]))
        until(lambda: len(receiver.samples("a")) >= 2)
        state["status"] = "500 Oops"
        until(lambda: [v for _, v in receiver.samples("a")][-1] == "stale")
        until(lambda: len([v for _, v in receiver.samples("up") if v == 0]) >= 3)
        self.assertEqual([v for _, v in receiver.samples("a")].count("stale"), 1)
        state["status"] = "200 OK"
        until(lambda: receiver.samples("a")[-1][1] == 1)
        self.assertEqual(receiver.faults, [])


class Receivers(Case):
    def test_a_receiver_that_is_away_loses_nothing(self):
        port = free_port()
        target = Target(self, page("a 1\n"))
        program, page_port = self.forwarder(config(f"http://127.0.0.1:{port}/write", [target.address]))
        until(lambda: self.status(page_port)["backends"][0]["failures"] >= 3)
        self.assertEqual(self.status(page_port)["backends"][0]["state"], "retrying")
        until(lambda: self.target(page_port, target.address)["scrapes"] >= 4)
        self.assertEqual(self.target(page_port, target.address)["health"], "up")
        receiver = Receiver(self, port=port)
        until(lambda: self.status(page_port)["backends"][0]["waiting"] == 0 and receiver.samples("a"))
        scrapes = self.target(page_port, target.address)["scrapes"]
        until(lambda: len(receiver.samples("a")) >= scrapes)
        self.assertEqual(receiver.faults, [])
        # A stop sends what is in memory.
        scrapes = self.target(page_port, target.address)["scrapes"]
        self.assertEqual(program.end(), 0)
        self.assertGreaterEqual(len(receiver.samples("a")), scrapes)

    def test_busy_and_broken_answers_are_retried_and_refused_ones_counted(self):
        answers = [503, (429, {"Retry-After": "1"}), 500, 204, 404]
        receiver = Receiver(self, answer=lambda n: answers[n] if n < len(answers) else 204)
        target = Target(self, page("a 1\n"))
        _, port = self.forwarder(config(receiver.url, [target.address]))
        until(lambda: len(receiver.requests) >= 7)
        times = [t for t, _ in receiver.requests]
        self.assertGreaterEqual(times[2] - times[1], 0.95, "Retry-After")
        row = self.status(port)["backends"][0]
        self.assertGreater(row["dropped"]["other_status"], 0)
        self.assertIn("404", row["error"])
        self.assertEqual(receiver.faults, [])

    def test_a_dead_receiver_delays_no_other(self):
        target, well = Target(self, page("a 1\n")), Receiver(self)
        hung = Target(self, silent)
        _, port = self.forwarder(f"""
global: {{scrape_interval: 1s}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write:
  - {{name: hung, url: 'http://{hung.address}/', queue_config: {{batch_send_deadline: 100ms}}}}
  - {{name: well, url: '{well.url}', queue_config: {{batch_send_deadline: 100ms}}}}
""")
        until(lambda: len(well.samples("a")) >= 4)
        rows = {row["name"]: row for row in self.status(port)["backends"]}
        self.assertEqual(rows["hung"]["sent"], 0)
        self.assertGreater(rows["hung"]["waiting"], 0)
        self.assertLess(rows["well"]["waiting"], 20)

    def test_a_stop_during_an_outage_takes_less_than_two_seconds(self):
        target, hung = Target(self, page("a 1\n")), Target(self, silent)
        program, port = self.forwarder(config(f"http://{hung.address}/", [target.address]))
        until(lambda: self.status(port)["backends"][0]["state"] == "sending")
        began = time.monotonic()
        self.assertEqual(program.end(), 0)
        self.assertLess(time.monotonic() - began, 2)


class Configurations(Case):
    def run_forwarder(self, text, *flags):
        path = self.file("bad.yml", text)
        done = subprocess.run([options.bin / "pifleet-forwarder", f"--config.file={path}",
                               "--web.listen-address=127.0.0.1:0", f"--storage.path={self.folder}/data", *flags],
                              capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, done.stderr.replace(str(path), "bad.yml")

    def test_every_fault_is_named_with_its_place_and_nothing_is_started(self):
        code, said = self.run_forwarder("""global:
  scrape_intervall: 5s
scrape_configs:
  - job_name: a
    scrape_interval: 0s
    honor_labels: [1]
remote_write:
  - url: http://h/
    basic_auth: {username: u, password_file: /no/such/file}
""")
        self.assertEqual(code, 1)
        self.assertNotIn("listening", said)
        for place, what in (("2:3", "did you mean 'scrape_interval'"), ("5:22", "longer than 0"), ("6:19", "expected"),
                            ("9:46", "/no/such/file")):
            self.assertRegex(said, rf"bad\.yml:{place}: .*{what}")

    def test_flags_and_files(self):
        code, said = self.run_forwarder("{}", "--config.flie=x")
        self.assertEqual((code, "--config.file" in said), (1, True), said)
        code, said = self.run_forwarder("a: [")
        self.assertEqual(code, 1)
        self.assertRegex(said, r"bad\.yml:\d+:\d+: ")
        done = subprocess.run([options.bin / "pifleet-forwarder", "--config.file=/no/such.yml",
                               "--web.listen-address=127.0.0.1:0", f"--storage.path={self.folder}/data"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/no/such.yml", done.stderr)

    def test_a_port_in_use_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "--web.listen-address=127.0.0.1:%d" % taken.getsockname()[1]
            for arguments in ([options.bin / "pifleet-forwarder", f"--config.file={self.file('c.yml', 'scrape_configs: []')}", address,
                               f"--storage.path={self.folder}/data"],
                              [options.bin / "pifleet-node-exporter", address]):
                done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn("in use", done.stderr)

    def test_a_reload_takes_a_good_configuration_and_leaves_a_bad_one(self):
        first, second, receiver = Target(self, page("a 1\n")), Target(self, page("b 1\n")), Receiver(self)
        program, port = self.forwarder(config(receiver.url, [first.address]))
        until(lambda: receiver.samples("a"))
        scrapes = self.target(port, first.address)["scrapes"]

        self.file("forwarder.yml", "scrape_configs: 7\n")
        status, _, said = get(port, "/-/reload", method="POST")
        self.assertEqual(status, 500)
        self.assertIn(b"forwarder.yml:1:17", said)
        self.assertFalse(self.status(port)["config"]["good"])

        self.file("forwarder.yml", config(receiver.url, [first.address, second.address]))
        self.assertEqual(get(port, "/-/reload", method="POST")[0], 200)
        until(lambda: receiver.samples("b"))
        self.assertGreaterEqual(self.target(port, first.address)["scrapes"], scrapes, "it was kept")
        self.assertTrue(self.status(port)["config"]["good"])

        self.file("forwarder.yml", config(receiver.url, [second.address]))
        program.process.send_signal(1)  # SIGHUP
        until(lambda: receiver.samples("a")[-1][1] == "stale")
        self.assertEqual([t["instance"] for t in self.status(port)["targets"]], [second.address])
        self.assertEqual(receiver.faults, [])
        self.assertEqual(get(port, "/-/reload")[0], 405)

    def test_signals_end_it_well(self):
        for number in (2, 15):
            program, _ = self.forwarder("scrape_configs: []")
            self.assertEqual(program.end(number), 0)
            exporter, _ = self.node_exporter()
            self.assertEqual(exporter.end(number), 0)


if __name__ == "__main__":
    main()
