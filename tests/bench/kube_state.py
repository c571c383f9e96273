#!/usr/bin/env python3
"""What pifleet-k8s-state-exporter takes at 30, 1,030 and 5,030 pods, over TLS from the stand-in API server of the tests, a
process of its own: memory (also while a slow reader scrapes), CPU of a scrape, of the start until all pods are shown, of a watch
event at 100 a second, and the size of the binary. Beside it what kube-state-metrics 2.20 took, as recorded, and what is wanted.

CPU is what the scheduler counted for the process's threads. The fleet is the captured cluster and clones of pods;
--whole adds the deployments, services, configmaps … that belong to them.

Usage: tests/bench/kube_state.py [BINARY] [--sizes 30,1030,5030] [--whole] [--watch-list on|refused|ignored]
Ends with 1 when a figure that is wanted is not met."""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

INTEGRATION = pathlib.Path(__file__).resolve().parents[1] / "integration"
#         what                             unit   decimals  recorded and wanted at 30, 1,030 and 5,030 pods
ROWS = [("resident", "MB", 1, (55, 85, 194), (14, 22, 48)),
        ("resident, slow reader", "MB", 1, (55, 85, 194), (14, 22, 48)),
        ("CPU per scrape", "ms", 2, (1.9, 10.5, 78), (0.4, 2, 8)),
        ("CPU until all are shown", "s", 3, (None, None, 0.98), (None, None, 0.4)),
        ("CPU per event at 100/s", "us", 0, (566, 566, 566), (80, 80, 80))]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The stand-in, as a process."""

    def __init__(self, folder, pods, given):
        more = ([] if given.whole else ["--pods-only"]) + ["--watch-list", given.watch_list]
        self.process = subprocess.Popen([sys.executable, INTEGRATION / "kube_stand_in.py", folder, "--pods", str(pods), *more],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        self.context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
        self.kubeconfig = f"{folder}/kubeconfig"

    def control(self, target):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=30)
        connection.request("GET", "/control/" + target)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Exporter:
    def __init__(self, binary, kubeconfig):
        self.port, telemetry = free_port(), free_port()
        self.process = subprocess.Popen([binary, f"--kubeconfig={kubeconfig}", "--host=127.0.0.1", f"--port={self.port}",
                                         "--telemetry-host=127.0.0.1", f"--telemetry-port={telemetry}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.proc = pathlib.Path(f"/proc/{self.process.pid}")

    def cpu(self):
        """Seconds on a processor so far, of all threads."""
        return sum(int(task.read_text().split()[0]) for task in self.proc.glob("task/*/schedstat")) / 1e9

    def resident(self):
        return int(re.search(r"VmRSS:\s+(\d+)", (self.proc / "status").read_text())[1]) * 1024 / 1e6

    def idle(self, quiet=1.0, most=120):
        """Waits until it has hardly worked for a while; the CPU until then."""
        end, last, since = time.monotonic() + most, self.cpu(), time.monotonic()
        while time.monotonic() - since < quiet:
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit(f"the exporter does not come to rest (ended: {self.process.poll()})")
            time.sleep(0.05)
            now = self.cpu()
            if now - last > 0.002:
                last, since = now, time.monotonic()
        return self.cpu()

    def connect(self, buffer=None):
        connection = socket.socket()
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.connect(("127.0.0.1", self.port))
        connection.settimeout(60)
        return connection

    def page(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return body

    def scrapes(self, count):
        """CPU of one of so many scrapes over one connection, in ms."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        buffer, before = bytearray(1 << 20), self.cpu()
        for _ in range(count):
            connection.request("GET", "/metrics", headers={"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            while answer.readinto(buffer):
                pass
        spent = self.cpu() - before
        connection.close()
        return 1000 * spent / count

    def slow_reader(self):
        """The most that is resident while somebody takes seconds to read a page."""
        connection, most, got = self.connect(4096), 0, 1
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: pi\r\nConnection: close\r\n\r\n")
        begin = time.monotonic()
        while got and time.monotonic() - begin < 6:
            got = len(connection.recv(16384))
            most = max(most, self.resident())
            time.sleep(0.01)
        connection.close()
        return most

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measure(given, pods):
    """{what: figure} at this size."""
    figures = {}
    with tempfile.TemporaryDirectory(prefix="pifleet-bench-") as folder:
        server = Server(folder, pods, given)
        exporter = Exporter(given.binary, server.kubeconfig)
        try:
            while server.control("facts")["watches"] < 6:
                time.sleep(0.1)
            figures["CPU until all are shown"] = exporter.idle()
            page = exporter.page()
            shown = len(re.findall(rb"^kube_pod_info\{", page, re.M))
            if shown != pods:
                sys.exit(f"{shown} of {pods} pods are shown")
            print(f"{pods} pods: a page of {len(page) / 1e6:.2f} MB, {len(server.control('requests'))} requests", flush=True)
            exporter.idle()
            figures["resident"] = exporter.resident()
            figures["CPU per scrape"] = exporter.scrapes(max(20, 20000 // pods if pods > 200 else 200))
            figures["resident, slow reader"] = exporter.slow_reader()
            figures["CPU per event at 100/s"] = events(server, exporter, given.seconds)
        finally:
            exporter.stop()
            server.stop()
    return figures


def events(server, exporter, seconds):
    """CPU of an event in us, beyond what it takes at rest."""
    exporter.idle()
    before = exporter.cpu()
    time.sleep(5)
    rest = (exporter.cpu() - before) / 5
    server.control("churn?rate=100&plurals=pods")
    time.sleep(1)
    before, begin, first = exporter.cpu(), time.monotonic(), server.control("facts")["churned"]
    time.sleep(seconds)
    spent, took = exporter.cpu() - before, time.monotonic() - begin
    done = server.control("facts")["churned"] - first
    server.control("calm")
    return 1e6 * (spent - rest * took) / max(1, done)


def stripped(binary):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["strip", "-o", f"{folder}/stripped", binary], check=True)
        return os.path.getsize(f"{folder}/stripped") / 1e6


def main():
    words = argparse.ArgumentParser(usage=__doc__)
    words.add_argument("binary", nargs="?", default="build/release/bin/pifleet-k8s-state-exporter")
    words.add_argument("--sizes", default="30,1030,5030")
    words.add_argument("--whole", action="store_true")
    words.add_argument("--watch-list", default="on", choices=("on", "refused", "ignored"))
    words.add_argument("--seconds", type=float, default=15, help="of events")
    given = words.parse_args()
    sizes, misses = [int(size) for size in given.sizes.split(",")], []
    found = {size: measure(given, size) for size in sizes}
    print(f"\nload {os.getloadavg()[0]:.1f}\n\n| at pods | kube-state-metrics 2.20 | wanted | here |\n| --- | --- | --- | --- |")
    for what, unit, decimals, recorded, wanted in ROWS:
        for size in sizes:
            place = (30, 1030, 5030).index(size) if size in (30, 1030, 5030) else None
            was, most = (None, None) if place is None else (recorded[place], wanted[place])
            value = found[size][what]
            print(f"| {what}, {unit}, {size} | {was or ''} | {most or ''} | {value:.{decimals}f} |")
            if most is not None and value > most:
                misses.append(f"{what} at {size}")
    if shutil.which("strip"):
        size = stripped(given.binary)
        print(f"| stripped binary, MB | 61 | 2.5 | {size:.2f} |")
        misses += ["stripped binary"] if size > 2.5 else []
    if misses:
        sys.exit("not as wanted: " + ", ".join(misses))


main()
