"""Hosted Graphite (MetricFire): its key before every path, over TLS or plain TCP, which never answers; and its HTTP sink, which
does. Sources: docs.metricfire.com "Supported protocols", graphite.readthedocs.io "Feeding in your data" and "Tags".

In received() the name is the path without the key and the tags; labels are the tags. Whisper keeps one value a path and second:
repetition overwrites.
"""
import math
import re
import socketserver
import ssl
import threading
import time

from doubles.auth import basic
from doubles.base import Answer, Double, Refuse

PATH = re.compile(r"[^\s;]+(;[^\s;!^=]+=[^\s;~][^\s;]*)*")


def parse_line(line, now):
    """(path, tags, time in ms, value)."""
    parts = line.split(" ")
    if len(parts) != 3 or not PATH.fullmatch(parts[0]):
        raise ValueError(f"not 'path value timestamp': {line[:80]!r}")
    path, *tags = parts[0].split(";")
    if ".." in path or path.startswith(".") or path.endswith(".") or not re.fullmatch(r"[A-Za-z0-9_.:%~+-]+", path):
        raise ValueError(f"path {path!r}")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", parts[1]) or not math.isfinite(float(parts[1])):
        raise ValueError(f"value {parts[1]!r}")
    if not re.fullmatch(r"\d{10}", parts[2]) or int(parts[2]) > now + 86400:  # seconds, not milliseconds
        raise ValueError(f"timestamp {parts[2]!r}")
    labels = dict(tag.partition("=")[::2] for tag in tags)
    if len(labels) != len(tags):
        raise ValueError(f"a tag twice: {parts[0]!r}")
    return path, labels, int(parts[2]) * 1000, float(parts[1])


class GraphiteSink(Double):
    """POST /api/v1/sink, the key as the user of Basic with no password; lines of text. One wrong line refuses the request (form
    ours)."""

    url_path = "/api/v1/sink"
    once = True

    def authorized(self, request):
        return request.headers["Authorization"] == basic(self.key, "")

    def words(self, code, why):
        return why.encode()

    def take(self, request):
        if not request.body.endswith(b"\n"):
            raise Refuse(400, "the last line does not end")
        self.keep([parse_line(line, self.now()) for line in request.body.decode()[:-1].split("\n")])
        return Answer(200)


class GraphiteTcp(Double):
    """The plaintext protocol with the key first. No answer: .refused names lines that it dropped. Faults: lose() takes what comes
    first and closes, close_early() closes without reading. .connections counts."""

    once = True

    def __init__(self, case, context=None, key=None, wants_key=True):
        self.key, self.wants_key, self.now = key or self.key, wants_key, time.time
        self.refused, self.faults, self.kept, self.connections, self.undated = [], [], {}, 0, 0
        self.lock, self.open = threading.Lock(), set()
        double = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                double.serve(self.request, self.rfile, context)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        case.addCleanup(self.close)

    def serve(self, connection, stream, context):
        with self.lock:
            self.connections += 1
            fault = self.faults.pop(0) if self.faults else None
        if fault and fault.kind == "close_early":
            return
        if context:
            connection = context.wrap_socket(connection, server_side=True)
            stream = connection.makefile("rb")
        try:
            for line in stream:
                self.take_line(line)
                if fault and fault.kind == "lose":
                    return
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

    def take_line(self, line):
        with self.lock:
            try:
                if not line.endswith(b"\n"):
                    raise ValueError("a line that does not end")
                path, labels, time_ms, value = parse_line(line[:-1].decode(), self.now())
                key, _, rest = path.partition(".")
                if self.wants_key and (key != self.key or not rest):
                    raise ValueError("a path without the key")
                self.keep([(rest if self.wants_key else path, labels, time_ms, value)])
            except ValueError as wrong:
                self.refused.append((0, str(wrong)))
