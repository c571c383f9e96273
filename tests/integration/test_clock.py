"""A clock that is wrong at the start, and one that is set while the forwarder runs."""
import time

from harness import Receiver, Target, get, main, page, until
from turned_clock import TurnedClock


class Clock(TurnedClock):
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
