"""What each answer of a receiver means, with the real forwarder: nothing is lost but what is refused for good, nothing is
sent twice, and nobody is stormed."""
import contextlib
import socket
import time

from harness import Case, Process, Receiver, Target, free_port, get, main, page, peer, query, until


def config(*receivers, targets, extra=""):
    names = ", ".join(f"'{t.address}'" for t in targets)
    backends = "\n".join(
        f"  - {{name: b{i}, url: '{url}', queue_config: {{batch_send_deadline: 200ms}}{extra}}}"
        for i, url in enumerate(receivers))
    return f"""
global: {{scrape_interval: 1s, scrape_timeout: 500ms}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: [{names}]}}]}}]
remote_write:
{backends}
"""


def samples_in(series):
    return sum(len(samples) for _, samples in series)


def metric(port, start):
    lines = get(port, "/metrics")[2].decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(start))


class Refusals(Case):
    def test_a_bad_series_is_set_aside_and_everything_else_arrives_once(self):
        def judge(series, _):
            return 400 if any(dict(labels)["__name__"] == "bad" for labels, _ in series) else 204

        lines = [f'good{{n="{n}"}} 1\n' for n in range(300)]
        lines.insert(150, 'bad{why="too long"} 1\n')
        target, receiver = Target(self, page("".join(lines))), Receiver(self, judge=judge)
        program, port = self.forwarder(config(receiver.url, targets=[target]))
        until(lambda: len(receiver.samples("good", n="299")) >= 3, 40, "three scrapes without the bad series")
        first = len(receiver.requests)
        until(lambda: len(receiver.samples("good", n="0")) >= 8, 40, "five more")
        # Isolating took some twenty requests, once; from then on the bad series costs one request a batch.
        self.assertLess(first, 45)
        self.assertLess(len(receiver.requests) - first, 20)
        self.assertEqual(receiver.faults, [])
        times = [t for t, _ in receiver.samples("good", n="7")]
        gaps = [b - a for a, b in zip(times[1:], times[2:])]
        self.assertTrue(all(700 <= gap <= 1300 for gap in gaps), f"a scrape is missing: {gaps}")
        row = self.status(port)["backends"][0]
        self.assertEqual(row["series_set_aside"], 1)
        self.assertGreater(row["dropped"]["set_aside"], 3)
        self.assertEqual(row["dropped"]["refused"], 0)
        self.assertEqual(program.output().count("refuses this series"), 1)
        self.assertIn('bad{instance=', program.output())
        self.assertEqual(metric(port, "pifleet_backend_series_set_aside"), 1)
        # Once it is taken it is one of them again.
        receiver.judge = lambda *_: 204
        until(lambda: receiver.samples("bad"))
        until(lambda: self.status(port)["backends"][0]["series_set_aside"] == 0)

    def test_an_endpoint_that_comes_to_refuse_everything_sees_two_requests_in_eight_seconds(self):
        target, receiver = Target(self, page("".join(f'a{{n="{n}"}} 1\n' for n in range(50)))), Receiver(self)
        _, port = self.forwarder(config(receiver.url, targets=[target]))
        until(lambda: len(receiver.samples("a", n="1")) >= 3)
        receiver.judge = lambda *_: 400
        time.sleep(30)
        times = [t for t, status in list(receiver.requests) if status == 400]
        self.assertGreaterEqual(len(times), 4)
        self.assertTrue(all(b - a >= 8 for a, b in zip(times, times[2:])), times)
        # It takes samples again: they flow at once when it is next asked.
        receiver.judge = None
        before = len(receiver.samples("a", n="1"))
        until(lambda: len(receiver.samples("a", n="1")) >= before + 3, 15)
        self.assertEqual(receiver.faults, [])

    def test_a_request_that_is_too_large_is_sent_in_smaller_ones(self):
        target = Target(self, page("".join(f'a{{n="{n}"}} 1\n' for n in range(500))))
        receiver = Receiver(self, judge=lambda series, _: 413 if samples_in(series) > 150 else 204)
        _, port = self.forwarder(config(receiver.url, targets=[target]))
        until(lambda: len(receiver.samples("a", n="499")) >= 4, 40)
        with receiver.lock:
            counts = {len(samples) for labels, samples in receiver.series.items() if dict(labels)["__name__"] == "a"}
        self.assertLessEqual(max(counts) - min(counts), 1, "a scrape may be on its way")
        self.assertLessEqual([status for _, status in receiver.requests].count(413), 3, "the size is remembered")
        self.assertEqual(sum(self.status(port)["backends"][0]["dropped"].values()), 0)
        self.assertEqual(receiver.faults, [])

    def test_a_key_can_be_mended(self):
        key = self.file("key", "old")
        target = Target(self, page("a 1\n"))
        receiver = Receiver(self, judge=lambda _, headers: 204 if headers["Authorization"] == "Bearer new" else 401)
        program, port = self.forwarder(config(receiver.url, targets=[target],
                                              extra=f", authorization: {{credentials_file: '{key}'}}"))
        until(lambda: self.status(port)["backends"][0]["state"] == "denied")
        self.assertIn("does not accept the key", program.output())
        self.file("key", "new")
        until(lambda: receiver.samples("a"), 70, "the first samples after the key was mended")
        self.assertEqual([status for _, status in receiver.requests].count(401), 1)
        # What was scraped meanwhile was kept.
        scrapes = self.target(port, target.address)["scrapes"]
        until(lambda: len(receiver.samples("a")) >= scrapes)
        self.assertEqual(receiver.faults, [])


class RealReceiver(Case):
    def test_prometheus_refuses_one_old_sample_and_gets_all_others(self):
        program, store = peer("PEER_PROMETHEUS"), free_port()
        path = self.file("prometheus.yml", "scrape_configs: []")
        Process(self, [program, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{store}",
                       f"--storage.tsdb.path={self.folder}/tsdb", "--web.enable-remote-write-receiver"],
                "prometheus").wait_ready(store, "/-/ready")
        lines = [f'good{{n="{n}"}} 1\n' for n in range(100)]
        lines.insert(50, "bad 1 1000\n")  # of 1970: Prometheus rolls the whole request back
        target = Target(self, page("".join(lines)))
        _, port = self.forwarder(config(f"http://127.0.0.1:{store}/api/v1/write", targets=[target]))
        until(lambda: self.status(port)["backends"][0]["series_set_aside"] == 1, 40, "the bad one")
        until(lambda: query(store, "count(good)") and query(store, "count(good)")[0][1] == "100", 30, "all others")
        row = self.status(port)["backends"][0]
        self.assertEqual(row["dropped"], {"refused": 0, "set_aside": row["dropped"]["set_aside"], "too_large": 0,
                                          "other_status": 0})


class Outages(Case):
    def full_listener(self, port):
        """Listens with a queue that is full: the kernel drops what wants to connect, as a firewall does."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(("127.0.0.1", port))
            fillers.append(filler)
        time.sleep(0.2)
        return listener, fillers

    def test_samples_flow_within_five_seconds_after_an_outage(self):
        target = Target(self, page("a 1\n"))
        before = {name: Receiver(self) for name in ("refused", "dropped", "silent", "well")}
        _, port = self.forwarder(config(*(r.url for r in before.values()), targets=[target]))
        until(lambda: all(len(r.samples("a")) >= 2 for r in before.values()))
        taken = {name: len(r.samples("a")) for name, r in before.items()}
        for name in ("refused", "dropped", "silent"):
            before[name].close()
        listener, fillers = self.full_listener(before["dropped"].port)
        held = []
        mute = socket.create_server(("127.0.0.1", before["silent"].port))
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                mute.settimeout(max(0.01, end - time.monotonic()))
                held.append(mute.accept()[0])
        failures = [row["failures"] for row in self.status(port)["backends"]]
        self.assertTrue(all(n > 0 for n in failures[:2]), failures)
        self.assertEqual(failures[3], 0)
        self.assertTrue(held, "the silent one was never connected to")
        for connection in (*fillers, *held, mute):
            connection.close()
        over = time.monotonic()
        after = {"refused": Receiver(self, port=before["refused"].port), "dropped": Receiver(self, listener=listener),
                 "silent": Receiver(self, port=before["silent"].port)}
        for name, receiver in after.items():
            until(lambda r=receiver: r.samples("a"), 10, name)
        for name, receiver in after.items():
            self.assertLess(receiver.requests[0][0] - over, 5, name)
        # Nothing is lost, nothing out of order; at most the batch whose answer was lost comes twice.
        scrapes = self.target(port, target.address)["scrapes"]
        for name, receiver in after.items():
            until(lambda n=name, r=receiver: taken[n] + len(r.samples("a")) >= scrapes, 20, name)
            self.assertEqual(receiver.faults, [], name)
        self.assertGreaterEqual(len(before["well"].samples("a")), scrapes - 1)


if __name__ == "__main__":
    main()
