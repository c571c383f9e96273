#!/usr/bin/env python3
"""pifleet-node-exporter from outside: pages, choices by query, limits, flags that cannot be taken, a clean stop.
Usage: node_exporter_pages.py PIFLEET_NODE_EXPORTER"""
import gzip
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

OURS = sys.argv[1]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def check(what, good):
    if not good:
        raise AssertionError(what)
    print("ok: " + what)


class Exporter:
    def __init__(self, *flags):
        self.port = free_port()
        self.process = subprocess.Popen([OURS, f"--web.listen-address=127.0.0.1:{self.port}", *flags],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the exporter does not listen")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def get(self, path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}",
                                         headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read(), refused.headers

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        log = self.process.communicate(timeout=10)[1]
        return self.process.returncode, time.monotonic() - begin, log


def ended(*flags):
    return subprocess.run([OURS, *flags], capture_output=True, text=True, timeout=20)


def pages():
    with Exporter() as exporter:
        status, body, headers = exporter.get("/metrics")
        check("text 0.0.4 without an Accept header",
              status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        check("the page has metrics and ends whole", b"\nnode_load1 " in body and body.endswith(b"\n"))
        status, body, headers = exporter.get("/metrics", Accept="application/openmetrics-text;version=1.0.0,*/*;q=0.1")
        check("OpenMetrics when it is wanted",
              headers["Content-Type"].startswith("application/openmetrics-text") and body.endswith(b"# EOF\n"))
        status, body, headers = exporter.get("/metrics", Accept_Encoding="gzip")
        check("gzip when it is wanted", headers["Content-Encoding"] == "gzip" and b"node_load1" in gzip.decompress(body))
        status, body, _ = exporter.get("/metrics?collect[]=loadavg&collect[]=uname")
        check("collect[] chooses", b"node_load1 " in body and b"node_uname_info{" in body and b"node_cpu" not in body)
        status, body, _ = exporter.get("/metrics?exclude[]=loadavg")
        check("exclude[] leaves out", b"node_load1 " not in body and b"node_cpu_seconds_total{" in body)
        for query in "collect[]=nonsense", "collect[]=cpu&exclude[]=uname":
            status, body, _ = exporter.get("/metrics?" + query)
            check(f"400 for {query}, with a reason", status == 400 and len(body) > 10)
        status, body, headers = exporter.get("/")
        check("the landing page leads to the metrics",
              status == 200 and headers["Content-Type"].startswith("text/html") and b'href="/metrics"' in body)
        check("404 elsewhere", exporter.get("/nothing")[0] == 404)
        code, took, log = exporter.stop()
        check("a clean and quick stop", code == 0 and took < 2 and "stopped" in log)


def paths():
    with Exporter("--web.telemetry-path=/", "--no-collector.cpu", "--runtime.gomaxprocs=2") as exporter:
        status, body, _ = exporter.get("/")
        check("the metrics may be at /", status == 200 and b"node_load1 " in body and b"node_cpu_seconds" not in body)
        check("a collector that is off is refused", exporter.get("/?collect[]=cpu")[0] == 400)


# Text files on a FUSE or NFS that hang cannot be had here; a scrape that takes long can: of a file of 15 MB.
def limits():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "big.prom"), "w", encoding="utf-8") as file:
            file.writelines(f'big{{n="{n}"}} {n}\n' for n in range(500_000))
        with Exporter("--web.max-requests=1", "--collector.disable-defaults", "--collector.textfile",
                      "--collector.textfile.directory=" + folder) as exporter:
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(exporter.get("/metrics")[0])) for _ in range(4)]
            for thread in threads:
                thread.start()
            begin = time.monotonic()
            landing = exporter.get("/")[0]
            took = time.monotonic() - begin
            for thread in threads:
                thread.join()
            check(f"one scrape at a time, others 503: {sorted(answers)}", 200 in answers and 503 in answers)
            check("the landing page does not wait for a scrape", landing == 200 and took < 1)
            check("the next scrape is answered", exporter.get("/metrics")[0] == 200)


def command_line():
    once = ended("--once", "--collector.disable-defaults", "--collector.loadavg")
    check("--once prints the page", once.returncode == 0 and "\nnode_load1 " in once.stdout and once.stderr == "")
    for flag in ("--web.listen-address=nonsense", "--web.max-requests=many", "--web.telemetry-path=metrics",
                 "--collector.netdev.device-include=[", "--log.level=loud", "--colector.cpu",
                 "--collector.filesystem.mount-timeout=soon"):
        bad = ended(flag)
        check(f"{flag} is refused in a line or two",
              bad.returncode == 1 and len(bad.stderr.splitlines()) <= 2 and bad.stdout == "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        bad = ended("--web.listen-address=" + address)
        check("a port in use is named", bad.returncode == 1 and address in bad.stderr)


pages()
paths()
limits()
command_line()
