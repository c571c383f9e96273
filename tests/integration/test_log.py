"""The log's word with the real binary: what a kill, a stop, a full disk and a restart leave of what was scraped."""
import itertools
import os
import pathlib
import signal
import subprocess
import time

from harness import Case, Process, Receiver, Target, free_port, get, main, options, page, until


def counting():
    """A page whose first value says how many times it was asked for."""
    numbers = itertools.count(1)
    return page(lambda: f"n {next(numbers)}\n" + "".join(f"m{{i=\"{i}\"}} {i}.5\n" for i in range(20)))


class Log(Case):
    def setUp(self):
        super().setUp()
        self.storage = pathlib.Path(self.folder) / "data"

    def start(self, url, target, *flags, deadline="100ms"):
        config = f"""
global: {{scrape_interval: 500ms, scrape_timeout: 400ms}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write: [{{url: '{url}', queue_config: {{batch_send_deadline: {deadline}, max_backoff: 500ms}}}}]
"""
        port = free_port()
        program = Process(self, [options.bin / "pifleet-forwarder", f"--config.file={self.file('forwarder.yml', config)}",
                                 f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={self.storage}", *flags])
        return program.wait_ready(port, "/-/ready"), port

    def backend(self, port):
        return self.status(port)["backends"][0]

    def scrapes(self, port):
        return self.status(port)["targets"][0]["scrapes"]

    def ended(self, program):
        """Ends it by SIGTERM; how long that took."""
        began = time.monotonic()
        self.assertEqual(program.end(), 0, program.output())
        return time.monotonic() - began

    def all_there(self, receiver, last, missing=0):
        """The receiver has every scrape up to this one, in order and once, but for at most so many."""
        until(lambda: receiver.samples("n") and receiver.samples("n")[-1][1] >= last)
        values = [value for _, value in receiver.samples("n") if value != "stale" and value <= last]
        self.assertEqual(values, sorted(set(values)))
        self.assertGreaterEqual(len(values), last - missing, values)
        self.assertEqual(receiver.faults, [])

    def test_kills_in_an_outage_lose_one_scrape_each_at_most(self):
        target, away = Target(self, counting()), free_port()
        for _ in range(4):
            program, port = self.start(f"http://127.0.0.1:{away}/", target)
            until(lambda: self.backend(port)["failures"] >= 1 and self.scrapes(port) >= 4)
            program.end(signal.SIGKILL)
        receiver = Receiver(self, port=away)
        program, port = self.start(receiver.url.replace("/write", "/"), target)
        last = until(lambda: self.scrapes(port) and receiver.samples("n") and receiver.samples("n")[-1][1])
        self.all_there(receiver, last, missing=4)
        until(lambda: not os.listdir(self.storage), what="an empty folder once all is taken")
        until(lambda: not self.status(port)["queue"]["spilling"])

    def test_stops_in_an_outage_lose_nothing_and_take_less_than_a_second(self):
        target, away = Target(self, counting()), free_port()
        for _ in range(3):
            program, port = self.start(f"http://127.0.0.1:{away}/", target)
            until(lambda: self.backend(port)["failures"] >= 1 and self.scrapes(port) >= 3)
            self.assertLess(self.ended(program), 1.0)
        receiver = Receiver(self, port=away)
        program, port = self.start(receiver.url.replace("/write", "/"), target)
        last = until(lambda: self.scrapes(port) >= 2 and receiver.samples("n") and receiver.samples("n")[-1][1])
        self.all_there(receiver, last)

    def test_a_kill_while_a_backlog_is_sent_repeats_one_batch_at_most(self):
        target, away = Target(self, counting()), free_port()
        program, port = self.start(f"http://127.0.0.1:{away}/", target)
        until(lambda: self.scrapes(port) >= 8)
        slow = Receiver(self, answer=lambda n: (time.sleep(0.2), 204)[1], port=away)
        until(lambda: slow.samples("n"))
        program.end(signal.SIGKILL)
        slow.close()
        taken = slow.samples("n")
        receiver = Receiver(self, port=away)
        self.start(receiver.url.replace("/write", "/"), target)
        until(lambda: len(receiver.samples("n")) >= 3)
        both = [v for _, v in taken] + [v for _, v in receiver.samples("n")]
        self.assertGreaterEqual(len(set(both)), max(both) - 1)
        self.assertEqual(receiver.faults, [])

    def test_a_healthy_house_writes_nothing(self):
        target, receiver = Target(self, counting()), Receiver(self)
        program, port = self.start(receiver.url, target)

        def written():
            rows = pathlib.Path(f"/proc/{program.process.pid}/io").read_text().split("\n")
            return int(next(row for row in rows if row.startswith("write_bytes")).split()[1])

        until(lambda: len(receiver.samples("n")) >= 3)
        before = written()
        until(lambda: len(receiver.samples("n")) >= 12)
        self.assertEqual(written(), before)
        self.assertEqual(os.listdir(self.storage), [])
        last = receiver.samples("n")[-1][1]
        self.assertLess(self.ended(program), 1.0)
        self.assertEqual(os.listdir(self.storage), [])
        self.all_there(receiver, last)

    def test_a_reload_that_mends_a_backend_keeps_what_waits_for_it(self):
        target, receiver = Target(self, counting()), Receiver(self)
        config = """
global: {scrape_interval: 500ms, scrape_timeout: 400ms}
scrape_configs: [{job_name: t, static_configs: [{targets: ['%s']}]}]
remote_write: [{name: b, url: '%s', queue_config: {batch_send_deadline: 100ms, max_backoff: 500ms}}]
"""
        _, port = self.forwarder(config % (target.address, f"http://127.0.0.1:{free_port()}/"))
        until(lambda: self.scrapes(port) >= 4)
        self.file("forwarder.yml", config % (target.address, receiver.url))
        self.assertEqual(get(port, "/-/reload", method="POST")[0], 200)
        last = until(lambda: receiver.samples("n") and receiver.samples("n")[-1][1])
        self.all_there(receiver, last)

    def test_one_process_per_folder(self):
        target, receiver = Target(self, counting()), Receiver(self)
        program, _ = self.start(receiver.url, target)
        done = subprocess.run([options.bin / "pifleet-forwarder", f"--config.file={self.folder}/forwarder.yml",
                               "--web.listen-address=127.0.0.1:0", f"--storage.path={self.storage}"],
                              capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.storage), done.stderr)
        self.assertIn(f"pid {program.process.pid}", done.stderr)

    def test_without_a_folder_it_works_in_memory_and_says_so(self):
        target, receiver = Target(self, counting()), Receiver(self)
        self.storage = pathlib.Path("/proc/nowhere")
        program, port = self.start(receiver.url, target)
        until(lambda: receiver.samples("n"))
        self.assertFalse(self.status(port)["queue"]["durable"])
        self.assertIn("in memory only", program.output())

    def test_a_full_disk_stops_nothing_and_is_used_again_later(self):
        self.storage.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", self.storage],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("cannot mount a small file system here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.storage], check=False)
        filler = self.storage / "filler"
        filler.write_bytes(bytes(60 * 1024))
        target, away = Target(self, counting()), free_port()
        program, port = self.start(f"http://127.0.0.1:{away}/", target)
        until(lambda: "does not take samples" in program.output(), 40)
        scrapes = self.scrapes(port)
        until(lambda: self.scrapes(port) >= scrapes + 3)
        filler.unlink()
        until(lambda: "takes samples again" in program.output(), 45)
        program.end(signal.SIGKILL)
        receiver = Receiver(self, port=away)
        program, port = self.start(receiver.url.replace("/write", "/"), target)
        last = until(lambda: receiver.samples("n") and receiver.samples("n")[-1][1])
        self.all_there(receiver, last, missing=1)

    def command(self, *words):
        done = subprocess.run([options.bin / "pifleet-forwarder", "log", *map(str, words)], capture_output=True, text=True,
                              timeout=20, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_the_log_can_be_looked_into(self):
        target = Target(self, counting())
        program, port = self.start(f"http://127.0.0.1:{free_port()}/", target)
        until(lambda: self.scrapes(port) >= 4 and self.status(port)["queue"]["spilling"])
        code, said, _ = self.command("inspect", self.storage)  # of one that runs
        self.assertEqual(code, 0)
        self.assertIn("0000000000000000.seg", said)
        self.ended(program)
        code, said, _ = self.command("verify", self.storage)
        self.assertEqual((code, "sound" in said), (0, True), said)
        code, said, _ = self.command("export", self.storage)
        rows = [line.rsplit(" ", 2) for line in said.splitlines()]
        mine = [float(value) for series, _, value in rows if series == f'n{{instance="{target.address}",job="t"}}']
        self.assertEqual(mine, list(range(1, len(mine) + 1)))
        self.assertGreaterEqual(len(mine), 4)

        segment = self.storage / "0000000000000000.seg"
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 1
        segment.write_bytes(data)
        code, said, _ = self.command("verify", self.storage)
        self.assertEqual((code, "sound" in said), (1, False), said)
        for words in ([], ["inspect"], ["inspekt", self.storage], ["inspect", "/no/such"]):
            code, _, said = self.command(*words)
            self.assertEqual(code, 1)
            self.assertTrue(said)


if __name__ == "__main__":
    main()
