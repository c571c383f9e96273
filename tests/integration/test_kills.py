"""kill -9 at a hundred seeded moments of a run with outages and recoveries: a kill costs one scrape at most, and at most one
batch comes twice."""
import bisect
import collections
import itertools
import os
import random
import signal
import sys
import time

from counted import Numbers, Relay, Taker
from harness import free_port, main, until

SEED = int(os.environ.get("PIFLEET_SEED", "20261122"))
KILLS = int(os.environ.get("PIFLEET_KILLS", "100"))
SCRAPE = 6  # samples
BATCH = 2 * SCRAPE
# The receiver, for a few lives each: nobody listens; 503; takes, but so slowly that there is a backlog to be killed in.
AWAY, BROKEN, SLOW = None, lambda n: 503, lambda n: (time.sleep(0.05), 204)[1]


class Kills(Relay):
    def setUp(self):
        super().setUp()
        self.port, self.receiver, self.listening = free_port(), None, False
        self.target, self.kills = Numbers(self), []

    def turn(self, answer):
        if answer is AWAY and self.listening:
            self.receiver.close()
        elif answer is not AWAY and not self.listening:
            self.receiver = Taker(self, after=self.receiver, port=self.port)
        self.listening = answer is not AWAY
        if self.listening:
            self.receiver.answer = answer

    def begin(self):
        return self.start(f"http://127.0.0.1:{self.port}/write", [self.target], per_send=BATCH)

    def live_and_be_killed(self, seconds):
        program, _ = self.begin()
        time.sleep(seconds)
        program.end(signal.SIGKILL)
        time.sleep(0.02)  # what it had asked for is answered by now
        self.kills.append(time.monotonic())

    def recover(self):
        self.turn(lambda n: 204)
        program, port = self.begin()
        until(lambda: not self.status(port)["queue"]["spilling"] and not os.listdir(self.storage), 60, "all is taken")
        self.assertEqual(program.end(), 0)

    def test_a_kill_costs_one_scrape_and_repeats_one_batch_at_most(self):
        print(f"    seed {SEED}, {KILLS} kills", file=sys.stderr)
        dice = random.Random(SEED)
        for answer in itertools.cycle((AWAY, SLOW, BROKEN, SLOW)):
            self.turn(answer)
            for _ in range(min(dice.randint(2, 6), KILLS - len(self.kills))):
                self.live_and_be_killed(dice.uniform(0, 1))
            if len(self.kills) == KILLS:
                break
        self.recover()

        numbers = self.receiver.numbers()
        self.assertEqual((self.receiver.faults, numbers), ([], sorted(set(numbers))))
        missing = set(range(1, len(self.target.served) + 1)) - set(numbers)
        lost = collections.Counter(bisect.bisect(self.kills, self.target.served[number - 1]) for number in missing)
        repeated = collections.Counter(bisect.bisect(self.kills, at) for at, _ in self.receiver.repeating)
        print(f"    {len(self.target.served)} scrapes, {len(missing)} lost; {len(self.receiver.repeating)} batches came twice",
              file=sys.stderr)
        self.assertGreater(len(self.target.served), 2 * KILLS)
        self.assertLessEqual(max(repeated.values(), default=0), 1, f"batches that came twice, by kill: {repeated}")
        self.assertGreater(min(repeated, default=KILLS), 0, "repeated without a kill")
        self.assertLessEqual(max(lost.values(), default=0), 1, f"scrapes lost, by kill: {lost}")
        self.assertLess(max(lost, default=0), KILLS, "lost without a kill")


if __name__ == "__main__":
    main()
