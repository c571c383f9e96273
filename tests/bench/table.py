#!/usr/bin/env python3
"""Prints how pifleet-forwarder does beside vmagent and Prometheus agent, all measured in this run. Fails when a row misses
what is wanted.

  tests/peers.sh && python3 tests/bench/table.py [--bin build/release/bin] [--peers build/peers] [ROW…]

ROWs: cpu rss large body healthy queued kill term busy return repeats; default: all, in 25 minutes. `--quick` is a smoke test of
a minute: its figures are none to rely on, and only losses, disorder and repeats make it fail. `--ours` leaves the peers out.
Measure on a machine that does nothing else.
"""
import argparse
import contextlib
import dataclasses
import os
import pathlib
import sys
import tempfile
import time
import typing

import experiments
from senders import Pifleet, Prometheus, Vmagent

MB = 1e6
OURS = Pifleet.name


@dataclasses.dataclass
class Row:
    name: str
    title: str
    needs: tuple  # experiments
    shown: typing.Callable  # figures of one sender -> text
    wanted: str
    good: typing.Callable  # our figures, all figures -> whether we have what is wanted
    counted: bool = False  # what is wanted holds in a quick run too


def pair(first, second, unit="{:.0f}"):
    return lambda f: f"{unit.format(f[first])} / {unit.format(f[second])}"


def after_outage(f):
    return " · ".join(f"{name} {sum(s <= 5 for s in times)} of {len(times)} ≤ 5 s, worst {max(times):.1f} s"
                      for name, times in (("refused", f["refuse"]), ("black-holed", f["blackhole"])))


def repeats(f):
    return f"{f['repeated']} healthy, {f['kill_repeated']} killed, {f['term_repeated']} restarted, {f['busy_repeated']} busy"


ROWS = (
    Row("cpu", "CPU s per million samples, start included: HTTP / HTTPS", ("healthy",),
        pair("cpu", "cpu_https", "{:.2f}"), "< 1.2", lambda f, _: f["cpu"] < 1.2),
    Row("rss", "RSS peak, MB: HTTP / HTTPS backend", ("healthy",),
        lambda f: f"{f['rss'] / MB:.1f} / {f['rss_https'] / MB:.1f}", "< 11 / < 17",
        lambda f, _: f["rss"] < 11 * MB and f["rss_https"] < 17 * MB),
    Row("large", "20 targets × 10,000 series every 10 s: CPU s per million samples, MB resident (peak)", ("large",),
        lambda f: f"{f['large_cpu']:.2f}, {f['large_rss'] / MB:.1f} ({f['large_peak'] / MB:.1f})", "< 0.8, ≤ 36",
        lambda f, _: f["large_cpu"] < 0.8 and f["large_rss"] <= 36 * MB and not f["large_lost"]),
    Row("body", "request body, bytes a sample of real pages (samples a request)", ("sizes",),
        lambda f: f"{f['body_per_sample']:.2f} ({f['samples_per_request']:.0f})", "≤ 1.00 of Prometheus's",
        lambda f, every: f["body_per_sample"] <= every.get(Prometheus.name, f)["body_per_sample"]),
    Row("healthy", "written to disk while healthy: MB per million samples / MB a day", ("healthy",),
        lambda f: f"{f['written_per_million'] / MB:.2f} / {f['written_per_day'] / MB:.2f}", "< 1 MB a day",
        lambda f, _: f["written_per_day"] < MB),
    Row("queued", "disk per queued sample of real pages, bytes", ("sizes",),
        lambda f: f"{f['queued_per_sample']:.2f}", "≤ 3", lambda f, _: f["queued_per_sample"] <= 3),
    Row("kill", "SIGKILL in an outage: lost / out of order", ("outages",), pair("kill_lost", "kill_disordered"),
        f"≤ {experiments.SERIES} / 0", lambda f, _: f["kill_lost"] <= experiments.SERIES and not f["kill_disordered"],
        counted=True),
    Row("term", "SIGTERM + restart in an outage: lost / out of order (stop takes)", ("outages",),
        lambda f: f"{f['term_lost']} / {f['term_disordered']} ({f['term_took']:.1f} s)", "0 / 0 (< 1 s)",
        lambda f, _: not f["term_lost"] and not f["term_disordered"] and f["term_took"] < 1, counted=True),
    Row("busy", "429 with Retry-After for 20 s: lost", ("outages",),
        lambda f: f"{f['busy_lost']} ({f['busy_share']:.0%})", "0", lambda f, _: not f["busy_lost"], counted=True),
    Row("return", "first success after a 90 s outage", ("returns",), after_outage, "≤ 5 s in 20 of 20 each",
        lambda f, _: max(f["refuse"] + f["blackhole"]) <= 5),
    Row("repeats", "samples sent again", ("healthy", "outages"), repeats, "0; ≤ one batch (2,000) after a kill",
        lambda f, _: f["kill_repeated"] <= 2000 and not f["repeated"] + f["term_repeated"] + f["busy_repeated"],
        counted=True),
)


def peers(folder):
    """{class: program} of the peers that there are."""
    found = {}
    with contextlib.suppress(OSError):
        values = dict(line.split("=", 1) for line in (folder / "peers.env").read_text().splitlines() if "=" in line)
        for kind, variable in ((Vmagent, "PEER_VMAGENT"), (Prometheus, "PEER_PROMETHEUS")):
            program = values.get(variable, "").strip("'")
            if program:
                found[kind] = program
                print(f"{kind.name} {values.get(variable + '_VERSION', '')}", file=sys.stderr)
            else:
                print(f"{kind.name} is left out: tests/peers.sh did not find it", file=sys.stderr)
    return found


def is_on_a_disk(folder):
    """Whether what is written there is counted as written: not on a tmpfs."""
    def written():
        return int(pathlib.Path("/proc/self/io").read_text().split("write_bytes:")[1].split()[0])

    before = written()
    (pathlib.Path(folder) / "probe").write_bytes(bytes(4096))
    return written() > before


def measure(names, house, programs, folder, options):
    """The experiments, one after the other; all figures by sender."""
    figures = {kind.name: {} for kind in programs}
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        began = time.monotonic()
        with contextlib.ExitStack() as lanes:
            bench = experiments.Bench(house, programs, folder, options.quick, options.gzip, lanes)
            for sender, found in getattr(experiments, name)(bench).items():
                figures[sender].update(found)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return figures


def print_table(rows, figures):
    """Markdown; returns the rows that miss what is wanted."""
    order = [name for name in figures if name != OURS] + [OURS]
    print("| " + " | ".join(["5 targets × 1,000 series every 5 s", *order, "wanted", ""]) + " |")
    print("| " + " | ".join(["---"] * (len(order) + 3)) + " |")
    missed = []
    for row in rows:
        good = row.good(figures[OURS], figures)
        missed += [] if good else [row]
        print("| " + " | ".join([row.title, *(row.shown(figures[name]) for name in order), row.wanted,
                                 "" if good else "**misses**"]) + " |")
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[*(row.name for row in ROWS), []])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--peers", type=pathlib.Path, default="build/peers")
    parser.add_argument("--folder", type=pathlib.Path, help="for what the senders write; must be on a disk")
    parser.add_argument("--quick", action="store_true", help="a smoke test, short of any precision")
    parser.add_argument("--ours", action="store_true", help="without the peers")
    parser.add_argument("--gzip", action="store_true", help="targets compress their pages, as node_exporter does")
    options = parser.parse_args()
    rows = [row for row in ROWS if not options.rows or row.name in options.rows]
    needed = list(dict.fromkeys(name for row in rows for name in row.needs))
    programs = {Pifleet: options.bin / "pifleet-forwarder"} | ({} if options.ours else peers(options.peers))
    with tempfile.TemporaryDirectory(prefix="pifleet-bench-", dir=options.folder) as folder:
        if not is_on_a_disk(folder):
            sys.exit(f"{folder} is not on a disk: name another place with --folder")
        figures = measure(needed, options.bin / "pifleet_bench_house", programs, pathlib.Path(folder), options)
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}"
          + (", QUICK: a smoke test, no figures to rely on" if options.quick else "")
          + (", pages gzipped" if options.gzip else "") + "\n")
    missed = print_table(rows, figures)
    sys.exit(any(row.counted or not options.quick for row in missed))


if __name__ == "__main__":
    main()
