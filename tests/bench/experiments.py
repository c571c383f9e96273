"""What is done to the senders to fill the table. An experiment is a function of the bench; its lanes run at the same time.
It gives {sender's name: {figure's name: value}}."""
import contextlib
import dataclasses
import pathlib
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import record
from senders import House, Pifleet

SYSTEM_AUTHORITIES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
TARGETS, SERIES = 5, 1000


def page_with(series, text):
    """A page of so many series: those of a real page, and where it has fewer, the labelled ones again with one label more."""
    lines = text.splitlines()
    labelled = sum("{" in line and not line.startswith("#") for line in lines)
    missing = series - sum(not line.startswith("#") for line in lines)
    out, left = [], series
    for line in lines:
        copies = [line]
        name, bracket, rest = line.partition("{")
        if line.startswith("#"):
            left += 1
        elif bracket and missing > 0:
            copies += [f'{name}{{module="{number}",{rest}' for number in range(-(-missing // labelled))]
        out += copies[:left]
        left -= len(copies[:left])
    return "\n".join(out) + "\n"


@dataclasses.dataclass
class Bench:
    house: pathlib.Path
    programs: dict  # class of the sender -> its program
    folder: pathlib.Path
    quick: bool
    gzip: bool
    lanes: contextlib.ExitStack  # ends what runs

    def __post_init__(self):
        pages = record.pages()
        self.page_series = sum(not line.startswith("#") for page in pages for line in page.splitlines()) / len(pages)
        self.page_count = len(pages)
        self.file("page", page_with(SERIES, pages[0]))
        self.file("small", page_with(10, pages[0]))
        self.file("recording", "".join(page + record.END for page in pages))

    def file(self, name, text):
        (self.folder / name).write_text(text)

    def time(self, seconds, quick):
        return quick if self.quick else seconds

    def make_house(self, *flags):
        house = House(self.house, *flags, *(["--gzip"] if self.gzip else []))
        self.lanes.callback(house.end)
        return house

    def lane(self, kind, *flags, **settings):
        """A house and a sender, which is not started."""
        house = self.make_house(*(flags or ("--page", self.folder / "page", "--targets", TARGETS)))
        sender = kind(self.programs[kind], self.folder, house, **settings)
        self.lanes.callback(sender.end, signal.SIGKILL)
        return sender

    def certificate(self):
        """(certificate and key of a server, what its clients trust: it and all that this machine does, as in real life)."""
        key, own, both = (self.folder / name for name in ("key.pem", "own.pem", "certificate.pem"))
        if not both.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-days", "2", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1",
                            "-keyout", key, "-out", own], check=True, capture_output=True)
            both.write_text(own.read_text() + key.read_text())
            system = SYSTEM_AUTHORITIES.read_text() if SYSTEM_AUTHORITIES.exists() else ""
            self.file("authorities.pem", system + own.read_text())
        return both, self.folder / "authorities.pem"


def in_parallel(work, items):
    items = list(items)
    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(work, items))


def healthy(bench):
    """Every backend keeps up: CPU, memory, what is written all the same. Each sender twice, over HTTP and HTTPS."""
    seconds, settling = bench.time(300, 14), bench.time(20, 8)
    certificate, authority = bench.certificate()
    kinds = list(bench.programs)
    flags = ("--page", bench.folder / "page", "--targets", TARGETS, "--certificate", certificate)
    plain = [bench.lane(kind) for kind in kinds]
    secure = [bench.lane(kind, *flags, authority=authority) for kind in kinds]
    for sender in plain + secure:
        sender.start()
    time.sleep(settling)
    before = [(sender.written_bytes(), sender.house.report()["samples"]) for sender in plain]
    time.sleep(seconds - settling)
    results = {}
    for sender, other, (written, samples) in zip(plain, secure, before):
        report, over_tls = sender.house.report(), other.house.report()
        if not report["samples"] or not over_tls["samples"]:
            raise RuntimeError(f"{sender.name}: nothing arrived")
        written = sender.written_bytes() - written
        results[sender.name] = {
            "cpu": sender.cpu_seconds() / report["samples"] * 1e6,
            "cpu_https": other.cpu_seconds() / over_tls["samples"] * 1e6,
            "rss": sender.peak_bytes(), "rss_https": other.peak_bytes(),
            "written_per_million": written / (report["samples"] - samples) * 1e6,
            "written_per_day": written / (seconds - settling) * 86400,
            "repeated": report["repeated"] + over_tls["repeated"], "lost": report["lost"] + over_tls["lost"]}
    return results


def large(bench):
    """Twenty targets of ten thousand series: CPU and memory, start included."""
    bench.file("large", page_with(10_000, record.pages()[0]))
    senders = [bench.lane(kind, "--page", bench.folder / "large", "--targets", 20, interval=10.0) for kind in bench.programs]
    for sender in senders:
        sender.start()
    time.sleep(bench.time(240, 25))
    results = {}
    for sender in senders:
        report = sender.house.report()
        if not report["samples"]:
            raise RuntimeError(f"{sender.name}: nothing arrived")
        results[sender.name] = {"large_cpu": sender.cpu_seconds() / report["samples"] * 1e6, "large_rss": sender.resident_bytes(),
                                "large_peak": sender.peak_bytes(), "large_lost": report["lost"]}
    return results


def sizes(bench):
    """Recorded pages, a second apart: bytes of a request's sample, and, in a lane whose receiver is away, on the disk."""
    scrapes = bench.time(min(bench.page_count, 480), 12)
    settings = {"interval": 1.0, "batch": 2000}
    flags = ("--recording", bench.folder / "recording", "--targets", TARGETS)
    kinds = list(bench.programs)
    sending = [bench.lane(kind, *flags, **settings) for kind in kinds]
    queueing = [bench.lane(kind, *flags, **settings) for kind in kinds]
    for sender in queueing:
        sender.house.tell("refuse")
    for sender in sending + queueing:
        sender.start()
    time.sleep(scrapes)
    results = {}
    for sender, queue in zip(sending, queueing):
        report = sender.house.report()
        queued = sum(queue.house.report()["scrapes"]) * bench.page_series
        results[sender.name] = {"body_per_sample": report["body_bytes"] / report["samples"],
                                "samples_per_request": report["samples"] / report["requests"],
                                "queued_per_sample": queue.stored_bytes() / queued}
    return results


def drained(sender, still, most):
    """The report of a house whose receiver is back, once no hole has been filled or torn for so many seconds."""
    end, since = time.monotonic() + most, time.monotonic()
    first = report = sender.house.report()
    while time.monotonic() < min(end, since + still):
        time.sleep(1)
        before, report = report, sender.house.report()
        if report["lost"] != before["lost"]:
            since = time.monotonic()
    if report["samples"] == first["samples"]:
        raise RuntimeError(f"{sender.name}: nothing arrived after the outage")
    return report


def ended_in_an_outage(bench, sender, how):
    """Ends the sender in an outage, by this signal, and starts it again in the same outage."""
    sender.start()
    time.sleep(bench.time(20, 6))
    sender.house.tell("refuse")
    time.sleep(bench.time(30, 6))
    took = sender.end(how)
    sender.start()
    time.sleep(bench.time(20, 3))
    sender.house.tell("open")
    return drained(sender, bench.time(75, 6), bench.time(240, 10)) | {"took": took}


def turned_away(bench, sender):
    """The receiver answers 429 with Retry-After for 20 seconds."""
    sender.start()
    time.sleep(bench.time(20, 6))
    sender.house.tell("busy 20" if not bench.quick else "busy 6")
    return drained(sender, bench.time(75, 12), bench.time(240, 14))


def outages(bench):
    """SIGKILL and SIGTERM in an outage, and a receiver that is busy: what is lost, late, or sent again."""
    ways = {"kill": lambda sender: ended_in_an_outage(bench, sender, signal.SIGKILL),
            "term": lambda sender: ended_in_an_outage(bench, sender, signal.SIGTERM),
            "busy": lambda sender: turned_away(bench, sender)}
    lanes = [(way, bench.lane(kind)) for kind in bench.programs for way in ways]
    reports = in_parallel(lambda lane: ways[lane[0]](lane[1]), lanes)
    results = {}
    for (way, sender), report in zip(lanes, reports):
        found = results.setdefault(sender.name, {})
        for figure in ("lost", "disordered", "repeated", "took"):
            found[f"{way}_{figure}"] = report.get(figure)
        found[f"{way}_share"] = report["lost"] / (sum(report["scrapes"]) / TARGETS * report["series"])
    return results


def returns(bench):
    """First success after an outage, refused and black-holed: many senders in the same outage, which ends for each at another
    moment of its attempts."""
    outage, step = bench.time(90, 4), 0.37
    flags = ("--page", bench.folder / "small", "--targets", 1)
    lanes = []
    for way in ("refuse", "blackhole"):
        for kind in bench.programs:
            count = bench.time(20 if kind is Pifleet else 4, 2)
            lanes += [(way, bench.lane(kind, *flags, interval=1.0), index) for index in range(count)]
    for _, sender, _ in lanes:
        sender.start()
    time.sleep(bench.time(10, 3))

    def measure(lane):
        way, sender, index = lane
        sender.house.tell(way)
        time.sleep(outage + index * step)
        sender.house.tell("open")
        end = time.monotonic() + bench.time(100, 10)
        while time.monotonic() < end:
            first = sender.house.report()["first_success_ms"]
            if first is not None:
                return first / 1000
            time.sleep(0.25)
        return float("inf")

    results = {}
    for (way, sender, _), seconds in zip(lanes, in_parallel(measure, lanes)):
        results.setdefault(sender.name, {}).setdefault(way, []).append(seconds)
    return results
