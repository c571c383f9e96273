"""A clock that is wrong at the start, and one that is set while the forwarder runs."""
import time

from counted import Numbers
from harness import Process, Receiver, Target, free_port, get, main, page, until
from turned_clock import TurnedClock


class Clock(TurnedClock):
    def relay(self, url, target=None):
        target = target or Target(self, page("a 1\n"))
        return self.forwarder(f"""
global: {{scrape_interval: 200ms}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write: [{{url: '{url}', queue_config: {{batch_send_deadline: 100ms, max_backoff: 500ms}}}}]
""")

    def times(self, receiver):
        return [at for at, _ in receiver.samples("a")]

    def test_from_1970_to_now_nothing_is_lost_and_every_time_is_right(self):
        self.turn(-time.time(), True)  # not even the kernel's word makes 1970 right
        receiver = Receiver(self)
        began = time.time() * 1000
        program, port = self.relay(receiver.url)
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

    def test_what_is_held_waits_through_a_stop_and_a_start(self):
        self.turn(-time.time(), False)
        receiver = Receiver(self)
        began = time.time() * 1000
        program, port = self.relay(receiver.url)
        until(lambda: self.status(port)["targets"][0]["scrapes"] >= 5)
        self.assertEqual(program.end(), 0)
        self.assertIn("kept for the next start", program.output())
        arguments = program.process.args
        program, port = Process(self, arguments), int(arguments[2].rsplit(":", 1)[1])
        program.wait_ready(port, "/-/ready")
        until(lambda: self.status(port)["targets"][0]["scrapes"] >= 3)
        self.assertEqual(receiver.series, {})
        self.turn(0, True)
        until(lambda: len(self.times(receiver)) >= 10)
        self.assertLess(abs(self.times(receiver)[0] - began), 2000)
        self.assertEqual(receiver.faults, [])

    def test_a_step_either_way_neither_repeats_nor_reorders(self):
        self.turn(0, True)
        receiver = Receiver(self)
        self.relay(receiver.url)
        until(lambda: len(self.times(receiver)) >= 5)
        self.turn(-20, True)
        count = len(self.times(receiver))
        until(lambda: len(self.times(receiver)) >= count + 10)
        times = self.times(receiver)
        self.assertTrue(all(0 < b - a < 600 for a, b in zip(times, times[1:])), times)
        self.turn(7200, True)
        until(lambda: self.times(receiver)[-1] > (time.time() + 7000) * 1000)
        self.assertEqual(receiver.faults, [])  # the receiver refuses what repeats or goes back

    def test_steps_in_an_outage_neither_repeat_nor_reorder_what_waits(self):
        self.turn(0, True)
        target, away = Numbers(self), free_port()
        _, port = self.relay(f"http://127.0.0.1:{away}/", target)
        for seconds in (0, -3600, 3600, 0, -5, 20):
            self.turn(seconds, True)
            count = len(target.served)
            until(lambda more=count + 5: len(target.served) >= more)
        receiver = Receiver(self, port=away)
        until(lambda: self.status(port)["backends"][0]["waiting"] == 0 and not self.status(port)["queue"]["spilling"])
        values = [value for _, value in receiver.samples("n")]  # by time
        self.assertEqual(values, [float(n) for n in range(1, len(values) + 1)])
        self.assertGreaterEqual(len(values), 30)
        self.assertEqual(receiver.faults, [])  # nor was one sent before an older one


if __name__ == "__main__":
    main()
