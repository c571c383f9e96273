"""Power cuts: an outage, a restart and a slow recovery are recorded, write by write, and from every moment of it the folder is
made as a disk may have left it. Nothing that was synced is lost, nothing is read that no page said, and little comes twice.

Exported is the folder of every moment, in each way in which a disk forgets; a sample of them, seeded, is started from."""
import os
import pathlib
import random
import sys
import time

from counted import Numbers, Relay, Taker, environment, preload
from disk_model import WAYS, Disk, read_journal, set_up
from harness import free_port, main, until

SEED = int(os.environ.get("PIFLEET_SEED", "20261122"))
COLUMNS = 10
SCRAPE = COLUMNS + 6  # samples: n, the columns, up and what else a scrape says of itself
BATCH = 4 * SCRAPE
STARTS = 100
# What a cut may take, in seconds of spilling: the interval, the tick that sees it is over, and a busy disk.
UNSAFE = {"interval": 10 + 2 + 3, "always": 3}
SAID = ("was torn", "are no samples", "nothing that is whole", "are lost")


class Recording:
    """One forwarder, of one sync policy, with its disk recorded."""

    def __init__(self, case, policy, library):
        self.case, self.policy, self.port = case, policy, free_port()
        self.folder = pathlib.Path(case.folder) / policy
        self.journal = pathlib.Path(case.folder) / f"{policy}.journal"
        self.environment = {"LD_PRELOAD": library, "RECORDED_DISK": self.folder, "DISK_JOURNAL": self.journal}
        self.target = Numbers(case, COLUMNS)

    def start(self):
        with environment(**self.environment):
            self.program, self.page = self.case.start(f"http://127.0.0.1:{self.port}/write", [self.target],
                                                      f"--storage.sync={self.policy}", storage=self.folder, per_send=BATCH)

    def recover(self):
        self.receiver = Taker(self.case, port=self.port, answer=lambda n: (time.sleep(0.3), 204)[1])

    def recovered(self):
        return not self.case.status(self.page)["queue"]["spilling"] and not os.listdir(self.folder)

    def read(self):
        self.entries, disk, self.segments = read_journal(self.journal), Disk(), {}
        for entry in self.entries:
            disk.apply(entry)
            self.segments.update((name, file) for name, file in disk.names.items() if name.endswith(".seg"))

    def arrived(self, until_seconds):
        return {int(number) for at, number in self.receiver.arrivals if at <= until_seconds}


class PowerCut(Relay):
    @classmethod
    def setUpClass(cls):
        print(f"    seed {SEED}", file=sys.stderr)

    def record(self):
        """Both policies at once, as most of it is waiting."""
        library = preload(self, "recorded_disk.c")
        runs = [Recording(self, policy, library) for policy in UNSAFE]
        for run in runs:
            run.start()
        time.sleep(13)  # an outage with at least one sync
        for run in runs:
            self.assertEqual(run.program.end(), 0, run.program.output())
            run.start()
        time.sleep(3)
        for run in runs:
            run.recover()
        for run in runs:
            until(run.recovered, 90, "all that waited is taken")
            self.assertEqual(run.program.end(), 0)
            self.assertEqual(run.receiver.faults, [])
            run.read()
        return runs

    def numbers_of(self, run):
        """{segment: the numbers of its scrapes}, each of which was one write."""
        found = {}
        for name, file in run.segments.items():
            folder = pathlib.Path(self.folder) / f"{run.policy}-{name}"
            set_up(folder, {name: file.live})
            found[name] = self.exported(folder)
            self.assertEqual(len(found[name]), len(file.writes))
        return found

    def test_no_moment_is_a_bad_one(self):
        for run in self.record():
            with self.subTest(policy=run.policy):
                self.assertGreater(len(run.entries), 100)
                self.every_moment(run)

    def every_moment(self, run):
        numbers, disk, dice = self.numbers_of(run), Disk(), random.Random(SEED)
        starts = set(dice.sample(range(len(run.entries)), STARTS))
        began, cuts, oldest = time.monotonic(), 0, 0
        for index, entry in enumerate(run.entries):
            disk.apply(entry)
            oldest = max([oldest, *(entry.seconds - seconds for seconds in disk.unsafe_writes(".seg"))])
            self.assertLess(oldest, UNSAFE[run.policy], f"not synced, at entry {index}")
            safe = {number for name, file in disk.names.items() if disk.synced_names.get(name) is file and name in numbers
                    for number, (at, _) in zip(numbers[name], file.writes, strict=False) if at < file.synced_to}
            for way in WAYS:
                folder = pathlib.Path(self.folder) / f"{run.policy}-{index}-{way}"
                set_up(folder, disk.cut(way, dice))
                with self.subTest(entry=index, way=way):
                    found = self.exported(folder)
                    cuts += 1
                    self.assertEqual(found, sorted(set(found)))
                    self.assertLessEqual(safe, set(found), "synced, and lost")
                    if index in starts and way == WAYS[index % 3]:
                        self.start_from(folder, safe, run, entry)
        print(f"    {run.policy}: {len(run.entries)} moments, {cuts} cuts, {STARTS} starts, "
              f"{oldest:.1f} s unsynced at most, in {time.monotonic() - began:.0f} s", file=sys.stderr)

    def start_from(self, folder, safe, run, entry):
        """The forwarder itself, without a target: it sends what it found, and then its folder is empty."""
        sound = self.log("verify", folder)[0] == 0
        receiver = Taker(self)
        program, port = self.start(receiver.url, [], f"--storage.sync={run.policy}", storage=folder)
        until(lambda: self.status(port)["backends"][0]["waiting"] == 0 and not os.listdir(folder), 20, "all of it is sent")
        self.assertEqual(program.end(), 0)
        found, before = receiver.numbers(), run.arrived(entry.seconds)
        self.assertEqual((receiver.faults, found), ([], sorted(set(found))))
        self.assertLessEqual(safe, before | set(found), "synced, and lost")
        if not sound:
            self.assertTrue(any(words in program.output() for words in SAID), program.output())
        again = before & set(found)
        if run.policy == "always":
            self.assertLessEqual(len(again), BATCH // SCRAPE + 1, "repeated, more than a batch")
        else:
            for number in again:
                at = next(at for at, value in run.receiver.arrivals if value == number)
                self.assertLess(entry.seconds - at, UNSAFE[run.policy], "repeated, though its cursor was synced")


if __name__ == "__main__":
    main()
