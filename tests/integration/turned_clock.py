"""Programs whose wall clock the test turns (turned_clock.c, preloaded)."""
import contextlib
import os
import pathlib
import subprocess
import unittest

from counted import preload
from harness import Case, options


class TurnedClock(Case):
    def setUp(self):
        super().setUp()
        library = preload(self, "turned_clock.c")
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

    @contextlib.contextmanager
    def untouched(self):
        """What is started within has the clock as it is."""
        library = os.environ.pop("LD_PRELOAD")
        try:
            yield
        finally:
            os.environ["LD_PRELOAD"] = library
