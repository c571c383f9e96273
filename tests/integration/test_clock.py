"""A clock that is wrong at the start, and one that is set while the forwarder runs."""
import os
import pathlib
import shutil
import subprocess
import time
import unittest

from harness import Case, Receiver, Target, get, main, options, page, until


class TurnedClock(Case):
    def setUp(self):
        super().setUp()
        compiler = shutil.which("cc")
        if compiler is None:
            raise unittest.SkipTest("no C compiler for the library that turns the clock")
        library = pathlib.Path(self.folder) / "turned_clock.so"
        source = pathlib.Path(__file__).with_name("turned_clock.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.turn(0, False)
        for name, value in (("LD_PRELOAD", library), ("TURNED_CLOCK", self.clock)):
            os.environ[name] = str(value)
            self.addCleanup(os.environ.pop, name)
        if subprocess.run([options.bin / "pifleet-forwarder", "--version"], capture_output=True, check=False).returncode:
            raise unittest.SkipTest("this build takes no preloaded library (sanitizers must come first)")

    def turn(self, seconds, synchronised):
        self.clock = pathlib.Path(self.folder) / "clock"
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{int(seconds)} {int(synchronised)}\n")
        fresh.rename(self.clock)

    def relay(self, receiver):
        target = Target(self, page("a 1\n"))
        return self.forwarder(f"""
global: {{scrape_interval: 200ms}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write: [{{url: '{receiver.url}', queue_config: {{batch_send_deadline: 100ms}}}}]
""")

    def times(self, receiver):
        return [at for at, _ in receiver.samples("a")]

    def test_from_1970_to_now_nothing_is_lost_and_every_time_is_right(self):
        self.turn(-time.time(), True)  # not even the kernel's word makes 1970 right
        receiver = Receiver(self)
        began = time.time() * 1000
        program, port = self.relay(receiver)
        until(lambda: self.status(port)["targets"][0]["scrapes"] >= 10)
        self.assertEqual((receiver.series, receiver.faults), ({}, []))
        clock = self.status(port)["clock"]
        self.assertFalse(clock["trusted"])
        self.assertGreater(clock["held"], 50)
        self.assertIn(b"\npifleet_clock_trusted 0\n", get(port, "/metrics", {"Accept": "text/plain"})[2])
        self.turn(0, True)
        until(lambda: len(self.times(receiver)) >= 15)
        clock = self.status(port)["clock"]
        self.assertEqual((clock["trusted"], clock["held"], clock["dropped"]), (True, 0, 0))
        times = self.times(receiver)
        self.assertLess(abs(times[0] - began), 2000)
        self.assertTrue(all(0 < b - a < 600 for a, b in zip(times, times[1:])), times)
        self.assertLessEqual(times[-1], time.time() * 1000 + 5)
        self.assertEqual(receiver.faults, [])

    def test_a_step_either_way_neither_repeats_nor_reorders(self):
        self.turn(0, True)
        receiver = Receiver(self)
        self.relay(receiver)
        until(lambda: len(self.times(receiver)) >= 5)
        self.turn(-20, True)
        count = len(self.times(receiver))
        until(lambda: len(self.times(receiver)) >= count + 10)
        times = self.times(receiver)
        self.assertTrue(all(0 < b - a < 600 for a, b in zip(times, times[1:])), times)
        self.turn(7200, True)
        until(lambda: self.times(receiver)[-1] > (time.time() + 7000) * 1000)
        self.assertEqual(receiver.faults, [])  # the receiver refuses what repeats or goes back


if __name__ == "__main__":
    main()
