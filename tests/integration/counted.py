"""What the fault suite counts with: a target that gives every page the next number, a receiver that tells a repeat from a
fault, and a forwarder with a storage folder that is started, stopped and killed at will."""
import contextlib
import os
import pathlib
import shutil
import struct
import subprocess
import time
import unittest

from harness import Case, Process, Receiver, Target, free_port, options, page, write_request


def value_of(number, column):
    """What the page with this number says in this column: no two alike, so that a mixture of pages is seen."""
    return number * 1000 + column + 0.1 * (number * 7919 * (column + 1) % 1009)


class Numbers(Target):
    """Every page is the next number: `n`, and `m` in some columns, which follow from it."""

    def __init__(self, case, columns=0):
        self.served = []  # the monotonic times at which 1, 2, 3, … were
        self.columns = columns
        super().__init__(case, page(self.text))

    def text(self):
        self.served.append(time.monotonic())
        number = len(self.served)
        return f"n {number}\n" + "".join(f'm{{c="{c}"}} {value_of(number, c)!r}\n' for c in range(self.columns))


class Taker(Receiver):
    """Takes a sample that comes a second time with the same value, and counts it; anything else that is not newer than the one
    before is a fault. `after`: one that was closed, which this one continues."""

    def __init__(self, case, after=None, **how):
        super().__init__(case, **how)
        self.arrivals = []  # (monotonic time, number) of every `n`, in the order in which they came, repeats too
        self.repeating = []  # (monotonic time, repeated `n`s) of the requests that had some
        self.times = {}  # labels -> {time: bits}
        if after:
            for name in ("series", "faults", "arrivals", "repeating", "times"):
                setattr(self, name, getattr(after, name))

    def take(self, headers, body):
        self.check(headers)
        repeated = 0
        for labels, samples in write_request(body):
            known, seen = self.series.setdefault(labels, []), self.times.setdefault(labels, {})
            number = dict(labels)["__name__"] == "n"
            for at, bits in samples:
                if number:
                    self.arrivals.append((time.monotonic(), struct.unpack("<d", struct.pack("<Q", bits))[0]))
                if seen.get(at) == bits:
                    repeated += number
                    continue
                if at in seen or (known and at <= known[-1][0]):
                    raise ValueError(f"out of order, or another value: {labels} {at} after {known[-1][0]}")
                seen[at] = bits
                known.append((at, bits))
        if repeated:
            self.repeating.append((time.monotonic(), repeated))

    def numbers(self):
        return [int(value) for _, value in self.samples("n") if value != "stale"]


@contextlib.contextmanager
def environment(**values):
    """What is started inside has these in its environment."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update({name: str(value) for name, value in values.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def preload(case, source):
    """The library made from this source, which stands here; without a compiler the test is skipped."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise unittest.SkipTest(f"no C compiler for {source}")
    library = pathlib.Path(case.folder) / pathlib.Path(source).with_suffix(".so")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-pthread", "-o", library, pathlib.Path(__file__).with_name(source)],
                   check=True)
    return library


class Relay(Case):
    """One target, one receiver, a storage folder of its own."""

    interval = "200ms"

    def setUp(self):
        super().setUp()
        self.storage = pathlib.Path(self.folder) / "data"

    def start(self, url, targets, *flags, storage=None, backend="", per_send=2000, timeout="5s"):
        """A forwarder that is ready, and its page's port."""
        names = ", ".join(f"'{target.address}'" for target in targets)
        config = f"""
global: {{scrape_interval: {self.interval}, scrape_timeout: {self.interval}}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: [{names}]}}]}}]
remote_write:
  - url: '{url}'
    remote_timeout: {timeout}
    metadata_config: {{send: false}}
    queue_config: {{batch_send_deadline: 50ms, max_backoff: 200ms, max_samples_per_send: {per_send}}}
    {backend}
"""
        port = free_port()
        path = self.file(f"forwarder-{port}.yml", config)
        program = Process(self, [options.bin / "pifleet-forwarder", f"--config.file={path}",
                                 f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={storage or self.storage}", *flags])
        return program.wait_ready(port, "/-/ready"), port

    def log(self, command, folder):
        """`pifleet-forwarder log COMMAND FOLDER`: exit code and what it said."""
        done = subprocess.run([options.bin / "pifleet-forwarder", "log", command, folder], capture_output=True, text=True,
                              timeout=30, check=False)
        return done.returncode, done.stdout + done.stderr

    def exported(self, folder):
        """The numbers of the whole scrapes in this folder, in its order. Any sample that no page had is a failure."""
        code, said = self.log("export", folder)
        self.assertEqual(code, 0, said)
        numbers, columns = [], {}
        for line in said.splitlines():
            series, at, value = line.rsplit(" ", 2)
            if series.startswith("n{"):
                numbers.append(int(float(value)))
                columns[at] = numbers[-1]
        for line in said.splitlines():
            series, at, value = line.rsplit(" ", 2)
            if series.startswith("m{"):
                column = int(series.split('c="')[1].split('"')[0])
                self.assertEqual(float(value), value_of(columns.get(at, -1), column), line)
        return numbers
