"""Disks that are full, broken, read-only or gone while the forwarder runs: scraping goes on in bounded memory, the trouble is
said once, and what comes after it has ended survives a kill. All fail at once: most of it is the wait for the next try."""
import pathlib
import shutil
import signal
import time

from counted import Numbers, Relay, Taker, environment, preload
from harness import free_port, main, until

ABSENT, BROKEN, FULL, READ_ONLY = 2, 5, 28, 30  # errno
ROOM_FOR_NAMES = "without room for a name"  # fails from the start: later there would be a file open
GONE = "gone"
FAILS = {
    "full": (FULL, "pwrite"),
    "full, and cannot be cut either": (FULL, "pwrite ftruncate"),
    ROOM_FOR_NAMES: (FULL, "openat"),
    "broken": (BROKEN, "pwrite openat ftruncate fdatasync fsync unlinkat"),
    "read-only": (READ_ONLY, "pwrite openat ftruncate unlinkat"),
    GONE: (ABSENT, ""),
}
AWAY, BACK = "the disk does not take samples", "the disk takes samples again"
COLUMNS = 500


class Disk:
    """A forwarder of its own, whose backend is away, and whose disk fails when told."""

    def __init__(self, case, name, library):
        self.case, self.name, self.away = case, name, free_port()
        self.target = Numbers(case, COLUMNS)
        self.folder = pathlib.Path(case.folder) / name.replace(" ", "-").replace(",", "")
        self.switch = self.folder.with_suffix(".fails")
        self.fail(*FAILS[name] if name == ROOM_FOR_NAMES else (0, ""))
        with environment(LD_PRELOAD=library, FAILING_DISK=self.switch, FAILING_FOLDER=self.folder):
            self.program, self.port = self.start()

    def start(self):
        return self.case.start(f"http://127.0.0.1:{self.away}/write", [self.target], storage=self.folder)

    def fail(self, error, calls):
        fresh = self.switch.with_suffix(".new")
        fresh.write_text(f"{error} {calls}\n")
        fresh.rename(self.switch)

    def said(self, words):
        return self.program.output().count(words)

    def written(self):
        return sum(path.stat().st_size for path in self.folder.glob("*.seg"))

    def scrapes(self):
        return self.case.status(self.port)["targets"][0]["scrapes"]


class Gone(Disk):
    """One whose folder is removed, with what it held, and cannot be made anew."""

    def fail(self, error, calls):
        super().fail(0, "")
        if error:
            gone = self.folder.rename(self.folder.with_suffix(".gone"))
            self.folder.write_text("in the way")
            shutil.rmtree(gone)
        elif self.folder.is_file():
            self.folder.unlink()


class Disks(Relay):
    def recovers(self, disk):
        """Killed after it was back, and started again: nothing of after that is lost, all that is kept is in order."""
        began = len(disk.target.served)
        until(lambda: len(disk.target.served) >= began + 5)
        disk.program.end(signal.SIGKILL)
        time.sleep(0.02)
        served = len(disk.target.served)
        receiver = Taker(self, port=disk.away)
        disk.program, disk.port = disk.start()
        until(lambda: not self.status(disk.port)["queue"]["spilling"], 30, "all that waited is taken")
        self.assertEqual(disk.program.end(), 0)
        numbers = receiver.numbers()
        self.assertEqual((receiver.faults, numbers), ([], sorted(set(numbers))))
        self.assertLessEqual(len(set(range(began + 1, served + 1)) - set(numbers)), 1, "one scrape may have been on its way")
        return numbers

    def test_a_disk_that_fails_stops_nothing_and_is_used_again(self):
        library = preload(self, "failing_disk.c")
        disks = [(Gone if name == GONE else Disk)(self, name, library) for name in FAILS]
        for disk in disks:
            if disk.name != ROOM_FOR_NAMES:
                until(disk.written)
            disk.fail(*FAILS[disk.name])
        for disk in disks:
            with self.subTest(disk=disk.name):
                until(lambda d=disk: d.said(AWAY), 15, "the trouble is said")
        before = [disk.scrapes() for disk in disks]
        memory = [disk.program.resident_kib() for disk in disks]
        time.sleep(35)  # one try and more fails meanwhile
        for disk, scrapes, kib in zip(disks, before, memory, strict=True):
            with self.subTest(disk=disk.name):
                self.assertGreater(disk.scrapes(), scrapes + 35 * 5 * 0.7)
                self.assertLess(disk.program.resident_kib(), kib + 16 * 1024)
                self.assertEqual((disk.said(AWAY), disk.said(BACK)), (1, 0), disk.program.output())
            disk.fail(0, "")
        for disk in disks:
            with self.subTest(disk=disk.name):
                until(lambda d=disk: d.said(BACK), 40, "it is used again")
                numbers = self.recovers(disk)
                # What waited in memory meanwhile was written then.
                if disk.name != GONE:
                    self.assertLessEqual(len(set(range(1, numbers[-1] + 1)) - set(numbers)), 1)

    def test_a_disk_that_does_not_sync_stops_nothing(self):
        disk = Disk(self, "unsyncable", preload(self, "failing_disk.c"))
        disk.fail(BROKEN, "fdatasync fsync")
        until(lambda: disk.said("could not be synced"), 20)
        time.sleep(15)
        self.assertEqual(disk.said("could not be synced"), 1, disk.program.output())
        disk.fail(0, "")
        numbers = self.recovers(disk)
        self.assertLessEqual(len(set(range(1, numbers[-1] + 1)) - set(numbers)), 1)


if __name__ == "__main__":
    main()
