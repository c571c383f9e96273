#!/usr/bin/env python3
"""Writes MACHINE/golden.prom: the page that a real node_exporter gives for the folder machine, with the flags of
MACHINE/flags, which may turn on more collectors, and those of the registry that are on there by default. A golden page is
never made from our own output.

Usage: make_golden.py [REAL_NODE_EXPORTER [MACHINE...]]. Without words: the newest of tests/peers.sh, all machines."""
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.request

here = pathlib.Path(__file__).resolve().parent
top = here.parents[2]
newest = top / "build/peers/sid/prometheus-node-exporter"


def collectors_of(real):
    ours = re.findall(r"extern const CollectorKind (\w+)_kind;", (top / "exporters/node/registry.cpp").read_text())
    said = subprocess.run([real, "--help-long"], capture_output=True, text=True, check=True)
    text = re.sub(r"\s+", " ", said.stdout + said.stderr)
    on_there = set(re.findall(r"--(?:\[no-\])?collector\.(\w+) Enable the \w+ collector \(default: enabled\)", text))
    on_there.discard("systemd")  # only Debian's package has it on, and a folder has no D-Bus
    return [name for name in ours if name in on_there]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url):
    for _ in range(50):
        try:
            return urllib.request.urlopen(url, timeout=10).read().decode()
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def serve(real, flags):
    port = free_port()
    process = subprocess.Popen([real, f"--web.listen-address=127.0.0.1:{port}", *flags], cwd=top,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page = fetch(f"http://127.0.0.1:{port}/metrics")
    finally:
        process.terminate()
        process.wait()
    lines = [line for line in page.splitlines() if not line.startswith("# HELP")]
    return "\n".join(lines) + "\n"


def page_of(real, machine):
    folder = f"tests/conformance/node/{machine}"
    flags = ["--web.disable-exporter-metrics", "--collector.disable-defaults"]
    if machine == "wifi":  # not a machine: what nl80211 tells, in the form of node_exporter's own tests
        return serve(real, [*flags, "--collector.wifi", f"--collector.wifi.fixtures={folder}"])
    flags += [f"--collector.{name}" for name in collectors_of(real)]
    flags += [f"--path.procfs={folder}/proc", f"--path.sysfs={folder}/sys", f"--path.rootfs={folder}/root",
              f"--path.udev.data={folder}/udev", f"--collector.textfile.directory={folder}/textfile"]
    # A folder has no netlink. Debian's package leaves out more mounts than upstream.
    flags += ["--no-collector.netdev.netlink", "--no-collector.arp.netlink",
              "--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+"
              "|var/lib/containers/storage/.+)($|/)"]
    return serve(real, flags + (here / machine / "flags").read_text().split("\n")[:-1])


def main():
    real = sys.argv[1] if len(sys.argv) > 1 else str(newest)
    machines = sys.argv[2:] or [*sorted(path.parent.name for path in here.glob("*/flags")), "wifi"]
    said = subprocess.run([real, "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"version (\S+) .*revision: (\S+)\)", said.stdout + said.stderr)
    for machine in machines:
        header = f"# node_exporter {version[1]} ({version[2]}), by make_golden.py, without HELP lines\n"
        (here / machine / "golden.prom").write_text(header + page_of(real, machine))


main()
