"""What the integration tests share: programs started on free loopback ports and always ended, a strict receiver of
remote_write, targets that misbehave, peers that may be missing.

Run a test by hand:  python3 tests/integration/test_relay.py --bin build/release/bin --peers build/peers
"""
import argparse
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

SKIP = 77
STALE = 0x7FF0000000000002
options = argparse.Namespace(bin=pathlib.Path("build/release/bin"), peers=pathlib.Path("build/peers"))


def main():
    """unittest.main with our arguments; exit code 77 when not one test could run for want of a peer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, default=options.bin)
    parser.add_argument("--peers", type=pathlib.Path, default=options.peers)
    parsed, rest = parser.parse_known_args()
    options.bin, options.peers = parsed.bin.resolve(), parsed.peers.resolve()
    program = unittest.main(argv=[sys.argv[0], "-v", *rest], exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIP if result.testsRun and len(result.skipped) == result.testsRun else 0)


def peer(name):
    """The path of a peer, or the test is skipped with the reason why there is none."""
    values = {}
    with contextlib.suppress(OSError):
        for line in (options.peers / "peers.env").read_text().splitlines():
            key, _, value = line.partition("=")
            values[key] = value.strip("'\"")
    if not values.get(name):
        raise unittest.SkipTest(f"no {name}: " + values.get(name + "_MISSING", "tests/peers.sh has not been run"))
    print(f"    {name}: {values.get(name + '_VERSION', '?')}", file=sys.stderr)
    return values[name]


def until(condition, seconds=20, what="the condition"):
    """Polls until the condition gives something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path="/", headers=None, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


class Process:
    """A program with its output in a file; ended with the test."""

    def __init__(self, case, arguments, name=None):
        self.name = name or pathlib.Path(str(arguments[0])).name
        self.log = pathlib.Path(case.folder) / f"{self.name}-{time.monotonic_ns()}.log"
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        case.addCleanup(self.end)

    def end(self, how=signal.SIGTERM, seconds=10):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.name} did not end within {seconds} s:\n{self.output()}") from None
        return self.process.returncode

    def output(self):
        return self.log.read_text(errors="replace")

    def resident_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def wait_ready(self, port, path):
        def answers():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended at once ({self.process.returncode}):\n{self.output()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                return get(port, path)[0] == 200
            return False

        until(answers, 30, f"{self.name} on port {port}")
        return self


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="pifleet-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def file(self, name, text):
        path = pathlib.Path(self.folder) / name
        path.write_text(text)
        return path

    def node_exporter(self, *flags):
        port = free_port()
        program = Process(self, [options.bin / "pifleet-node-exporter", f"--web.listen-address=127.0.0.1:{port}", *flags])
        program.wait_ready(port, "/")
        return program, port

    def forwarder(self, config):
        """A forwarder with this configuration (text of YAML); its page's port."""
        port = free_port()
        path = self.file("forwarder.yml", config)
        program = Process(self, [options.bin / "pifleet-forwarder", f"--config.file={path}",
                                 f"--web.listen-address=127.0.0.1:{port}",
                                 f"--storage.path={tempfile.mkdtemp(prefix='storage-', dir=self.folder)}"])
        program.wait_ready(port, "/-/ready")
        return program, port

    def status(self, port):
        return json.loads(get(port, "/api/status")[2])

    def target(self, port, instance):
        return next(t for t in self.status(port)["targets"] if t["instance"] == instance)


def unpack_snappy(data):
    """The block format; anything wrong is an exception."""
    length = shift = at = 0
    while True:
        byte = data[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            size = tag >> 2
            if size >= 60:
                more = size - 59
                size = int.from_bytes(data[at:at + more], "little")
                at += more
            size += 1
            out += data[at:at + size]
            at += size
            continue
        if tag & 3 == 1:
            size, offset = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | data[at]
            at += 1
        else:
            width = 2 if tag & 3 == 2 else 4
            size, offset = (tag >> 2) + 1, int.from_bytes(data[at:at + width], "little")
            at += width
        if not 0 < offset <= len(out):
            raise ValueError("snappy: offset")
        for _ in range(size):
            out.append(out[-offset])
    if len(out) != length:
        raise ValueError("snappy: length")
    return bytes(out)


def fields(data):
    """The fields of a protobuf message: (number, value)."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 1:
            yield key >> 3, struct.unpack_from("<Q", data, at)[0]
            at += 8
        elif key & 7 == 2:
            size = varint()
            if at + size > len(data):
                raise ValueError("protobuf: length")
            yield key >> 3, data[at:at + size]
            at += size
        else:
            raise ValueError("protobuf: wire type")


def write_request(body):
    """[(labels, [(time, bits), …]), …] of a remote_write 1.0 request; refuses what the specification refuses."""
    series = []
    for number, message in fields(unpack_snappy(body)):
        if number != 1:
            raise ValueError(f"WriteRequest field {number}")
        labels, samples = [], []
        for inner, value in fields(message):
            if inner == 1:
                label = dict(fields(value))
                labels.append((label[1].decode(), label[2].decode()))
            elif inner == 2:
                sample = dict(fields(value))
                samples.append((sample.get(2, 0), sample.get(1, 0)))
            else:
                raise ValueError(f"TimeSeries field {inner}")
        names = [name for name, _ in labels]
        if names != sorted(names) or len(names) != len(set(names)):
            raise ValueError(f"labels not sorted or not unique: {names}")
        if not all(name and value for name, value in labels) or "__name__" not in names or not samples:
            raise ValueError(f"an empty name or value, or no __name__, or no sample: {labels}")
        if [t for t, _ in samples] != sorted({t for t, _ in samples}):
            raise ValueError(f"samples not in order: {labels}")
        series.append((tuple(labels), samples))
    return series


def write_metadata(body):
    """{family: (type, help, unit)} of a remote_write 1.0 request that has nothing but metadata; None when it has samples."""
    found = {}
    for number, message in fields(unpack_snappy(body)):
        if number != 3:
            return None
        family = dict(fields(message))
        found[family[2].decode()] = (family.get(1, 0), family.get(4, b"").decode(), family.get(5, b"").decode())
    return found


class Receiver:
    """Takes remote_write 1.0, strictly: headers, order within and over requests. `answer(n)` gives the status (or a
    (status, headers) pair) for the n-th request with samples, `judge(series, headers)`, if there is one, for what is in it; only
    what is answered with 2xx counts as received. `listener` is a socket that listens already."""

    def __init__(self, case, answer=lambda n: 204, port=0, judge=None, listener=None):
        self.series = {}  # labels -> [(time, bits), …]
        self.metadata = {}  # family -> (type, help, unit)
        self.metadata_status, self.metadata_requests = 204, 0
        self.faults = []
        self.requests = []  # (monotonic time, status)
        self.headers = {}
        self.answer = answer
        self.lock = threading.Lock()
        self.connections = set()
        self.judge = judge
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                receiver.connections.add(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    if receiver.take_metadata(self.headers, body):
                        status, extra = receiver.metadata_status, {}
                    else:
                        status, extra = receiver.take_samples(self.headers, body)
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, request, client_address):
                if not isinstance(sys.exc_info()[1], OSError):  # a client that is gone is what many a test wants
                    super().handle_error(request, client_address)

        self.server = Server(("127.0.0.1", port), Handler, bind_and_activate=listener is None)
        if listener:
            self.server.socket.close()
            self.server.socket = listener
            self.server.server_address = listener.getsockname()
            self.server.server_port = listener.getsockname()[1]
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/write"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        case.addCleanup(self.close)

    def take_metadata(self, headers, body):
        if headers["X-Prometheus-Remote-Write-Version"] != "0.1.0":
            return False
        found = write_metadata(body)
        self.metadata_requests += found is not None
        self.metadata.update(found or {})
        return found is not None

    def take_samples(self, headers, body):
        status = self.judge(write_request(body), headers) if self.judge else self.answer(len(self.requests))
        status, extra = status if isinstance(status, tuple) else (status, {})
        self.requests.append((time.monotonic(), status))
        self.headers = dict(headers)
        if 200 <= status < 300:
            try:
                self.take(headers, body)
            except Exception as wrong:  # noqa: BLE001 - every fault is the test's
                self.faults.append(repr(wrong))
                status = 400
        return status, extra

    def check(self, headers):
        for name, value in (("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf"),
                            ("X-Prometheus-Remote-Write-Version", "0.1.0")):
            if headers[name] != value:
                raise ValueError(f"{name}: {headers[name]}")
        if not headers["User-Agent"].startswith("pifleet-forwarder/"):
            raise ValueError("User-Agent")

    def take(self, headers, body):
        self.check(headers)
        for labels, samples in write_request(body):
            known = self.series.setdefault(labels, [])
            if known and samples[0][0] <= known[-1][0]:
                raise ValueError(f"repeated or out of order: {labels} {samples[0][0]} after {known[-1][0]}")
            known.extend(samples)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:  # kept ones too: what is closed answers nobody
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def samples(self, name, **labels):
        """All samples of the series with this name and at least these labels, as (time, float or 'stale')."""
        with self.lock:
            out = []
            for found, samples in self.series.items():
                row = dict(found)
                if row["__name__"] == name and all(row.get(k) == v for k, v in labels.items()):
                    out += [(t, "stale" if bits == STALE else struct.unpack("<d", struct.pack("<Q", bits))[0])
                            for t, bits in samples]
            return sorted(out, key=lambda sample: sample[0])


class Target:
    """A target whose every connection is handled by `behave(socket)` in a thread of its own."""

    def __init__(self, case, behave):
        self.behave = behave
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.loop, daemon=True).start()
        case.addCleanup(self.listener.close)

    def loop(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            self.behave(connection)


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            raise OSError("closed")
        data += piece
    return data


def page(text, status="200 OK", kind="text/plain; version=0.0.4", length=None):
    """Behaviour: answers every request of a kept connection with this page (a text, or a function giving one)."""

    def behave(connection):
        while True:
            read_request(connection)
            body = (text() if callable(text) else text).encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length or len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            if length:
                return

    return behave


def query(port, expression):
    """Instant query of a Prometheus or VictoriaMetrics: [(labels, value), …]."""
    path = "/api/v1/query?nocache=1&query=" + urllib.parse.quote(expression)
    return [(row["metric"], row["value"][1]) for row in json.loads(get(port, path)[2])["data"]["result"]]
