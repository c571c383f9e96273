"""A segment that the disk gives back other than it was written: cut at every byte of its last scrapes, and every byte
flipped. What can be read is what was written; a scrape that is harmed is missing, and no other."""
import os
import pathlib
import random
import sys

from counted import Numbers, Relay
from disk_model import set_up
from harness import free_port, main, until

SEED = int(os.environ.get("PIFLEET_SEED", "20261122"))
SCRAPES = 12
MARKER = b"\xf1Pf\x8e"  # of a frame, which is a scrape


class Damage(Relay):
    def setUp(self):
        super().setUp()
        print(f"    seed {SEED}", file=sys.stderr)
        target = Numbers(self, columns=5)
        program, _ = self.start(f"http://127.0.0.1:{free_port()}/", [target])
        until(lambda: len(target.served) >= SCRAPES)
        self.assertEqual(program.end(), 0)
        (self.segment,) = self.storage.glob("*.seg")
        self.whole = self.segment.read_bytes()
        self.numbers = self.exported(self.storage)
        self.frames = [at for at in range(len(self.whole)) if self.whole.startswith(MARKER, at)]
        self.assertGreaterEqual(len(self.numbers), SCRAPES - 1)
        self.assertEqual(len(self.numbers), len(self.frames))
        self.folder_of_one = pathlib.Path(self.folder) / "damaged"
        set_up(self.folder_of_one, {})

    def read(self, content):
        (self.folder_of_one / self.segment.name).write_bytes(content)
        return self.exported(self.folder_of_one)

    def test_cut_at_every_byte_of_its_last_scrapes(self):
        for size in range(self.frames[-3], len(self.whole) + 1):
            ends = self.frames[1:] + [len(self.whole)]
            self.assertEqual(self.read(self.whole[:size]), self.numbers[:sum(end <= size for end in ends)], f"cut at {size}")

    def test_every_byte_flipped(self):
        dice = random.Random(SEED)
        for at, byte in enumerate(self.whole):
            found = self.read(self.whole[:at] + bytes((byte ^ 1 << dice.randrange(8),)) + self.whole[at + 1:])
            harmed = sum(frame <= at for frame in self.frames) - 1
            if harmed > 0:
                self.assertEqual(found, self.numbers[:harmed] + self.numbers[harmed + 1:], f"flipped at {at}")
            elif harmed < 0:
                self.assertEqual(found, self.numbers, f"flipped at {at}, in the header")
            else:  # the first one names the series of all
                self.assertEqual(found, [], f"flipped at {at}, in the first scrape")


if __name__ == "__main__":
    main()
