"""What every double of a vendor is made of: an HTTP(S) server on loopback that takes what the vendor's text allows, refuses the rest
in the vendor's words, keeps what it took, and fails on demand.

    double = Influx2(case)             ends with the test. context= (an ssl.SSLContext): HTTPS. double.key is the key it wants
    double.url                         where to send to, with the path (and query) of the vendor's documentation; .base without it
    double.received()                  {(name, ((label, value), …)): [(time_ms, value), …]}: what was answered with success
    double.samples("up", job="node")   [(time_ms, value), …] of the series with this name and at least these labels, by time
    double.requests                    every request: .method .path .query .headers .body (decoded) .status .answer .kept (how many samples)
    double.refused                     [(status, why), …]: requests, or samples of one, that it refused; an encoder's test wants none
    double.undated                     how many samples came without a time, where the vendor then takes the server's
    double.fail(*faults)               the next requests meet these, in order:
        status(503)                    an answer without looking at the body. status(429, after=3): Retry-After in seconds,
                                       status(429, date=3): the same as an HTTP date 3 s ahead, status(429): without
        lose()                         the body is taken and kept, the connection closed without an answer
        close_early()                  closed after the head: nothing is taken
        slow(seconds)                  taken, but the answer drips for that long
        None                           this one goes well
    double.limit, double.limit_raw     bytes of a body as sent and as decompressed; above it 413
    double.now                         gives the time in seconds, for what is too old or in the future; replace it at will

Value is a float, or "stale". Repetition is kept as the vendor keeps it: `once` says whether the same (series, time) overwrites.
A subclass (shapes.py has what JSON needs) gives url_path, key and take(request), which returns Answer or raises Refuse, and calls self.keep(points) at its end.
"""
import dataclasses
import email.utils
import json
import threading
import time
import urllib.parse
import zlib

from doubles import server


@dataclasses.dataclass
class Answer:
    status: int = 204
    body: object = b""  # bytes, or what becomes JSON
    headers: dict = dataclasses.field(default_factory=dict)


class Refuse(Exception):
    """Nothing of the request is kept. The body is the vendor's: see Double.words."""

    def __init__(self, status, why, body=None, headers=None):
        super().__init__(why)
        self.status, self.why, self.body, self.headers = status, why, body, headers or {}


@dataclasses.dataclass
class Fault:
    kind: str
    status: int = 0
    headers: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0


def status(code, after=None, date=None):
    headers = {}
    if after is not None:
        headers["Retry-After"] = str(after)
    if date is not None:
        headers["Retry-After"] = email.utils.formatdate(time.time() + date, usegmt=True)
    return Fault("status", code, headers)


def lose():
    return Fault("lose")


def close_early():
    return Fault("close_early")


def slow(seconds):
    return Fault("slow", seconds=seconds)


class Request:
    def __init__(self, handler):
        parts = urllib.parse.urlsplit(handler.path)
        self.method, self.path, self.raw_query = handler.command, parts.path, parts.query
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = handler.headers  # looks names up in any case
        self.sent = self.body = b""
        self.status, self.answer, self.kept = 0, b"", 0
        self.time = time.monotonic()

    @property
    def content_type(self):
        return (self.headers["Content-Type"] or "").split(";")[0].strip().lower()


class Double:
    url_path = "/"
    key = "s3cret"
    methods = ("POST",)
    encodings = ("gzip",)  # of Content-Encoding
    content_types = ()  # none: any
    bad_type = 415
    bad_key = 401
    once = False
    limit = limit_raw = 100_000_000
    too_large = 413

    def __init__(self, case, context=None, key=None):
        self.key = key or self.key
        self.now = time.time
        self.requests, self.refused, self.faults, self.kept, self.undated = [], [], [], {}, 0
        self.lock = threading.Lock()
        self.server = server.Server(self)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.base = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        case.addCleanup(self.close)

    @property
    def url(self):
        return self.base + self.url_path

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fail(self, *faults):
        with self.lock:
            self.faults.extend(faults)

    # What a subclass fills in.
    def take(self, request):
        raise NotImplementedError

    def authorized(self, request):
        return request.headers["Authorization"] == f"Bearer {self.key}"

    def words(self, code, why):
        """The vendor's body of an error."""
        return {"error": why}

    def check_path(self, request):
        if request.path != urllib.parse.urlsplit(self.url_path).path:
            raise Refuse(404, f"no such path: {request.path}")

    # What it has to do so.
    def keep(self, points):
        """points: [(name, labels as a dict, time in ms, value), …]"""
        for name, labels, time_ms, value in points:
            samples = self.kept.setdefault((name, tuple(sorted(labels.items()))), [])
            if self.once:
                samples[:] = [sample for sample in samples if sample[0] != time_ms]
            samples.append((time_ms, value))

    def server_time(self):
        """For a sample that came without a time of its own, where the vendor takes that."""
        self.undated += 1
        return round(self.now() * 1000)

    def received(self):
        with self.lock:
            return {key: list(samples) for key, samples in self.kept.items()}

    def samples(self, name, **labels):
        found = []
        for (have, pairs), samples in self.received().items():
            if have == name and labels.items() <= dict(pairs).items():
                found += samples
        return sorted(found, key=lambda sample: sample[0])

    def arrived(self, handler):
        request = Request(handler)
        with self.lock:
            self.requests.append(request)
            return request, (self.faults.pop(0) if self.faults else None) or Fault("none")

    def answer_to(self, request, fault):
        with self.lock:
            if fault.kind == "status":
                answer = Answer(fault.status, self.words(fault.status, "by order of the test"), dict(fault.headers))
            else:
                answer = self.judge(request)
        if isinstance(answer.body, bytes):
            return answer.status, answer.headers, answer.body
        return answer.status, {"Content-Type": "application/json", **answer.headers}, json.dumps(answer.body).encode()

    def judge(self, request):
        """The answer to a request; what is refused is noted."""
        try:
            self.check_path(request)
            if request.method not in self.methods:
                raise Refuse(405, f"method {request.method}")
            if not self.authorized(request):
                raise Refuse(self.bad_key, "the key is missing or wrong")
            if self.content_types and request.content_type not in self.content_types:
                raise Refuse(self.bad_type, f"content type {request.headers['Content-Type']}")
            self.unpack(request)
            before = sum(map(len, self.kept.values()))
            answer = self.take(request)
            request.kept = sum(map(len, self.kept.values())) - before
            return answer
        except Refuse as no:
            return self.refuse(no)
        except ValueError as wrong:  # a number, a text or a length that is none
            return self.refuse(Refuse(400, repr(wrong)))

    def refuse(self, no):
        self.refused.append((no.status, no.why))
        return Answer(no.status, self.words(no.status, no.why) if no.body is None else no.body, no.headers)

    def unpack(self, request):
        if len(request.sent) > self.limit:
            raise Refuse(self.too_large, f"{len(request.sent)} bytes, more than {self.limit}")
        encoding = request.headers["Content-Encoding"]
        request.body = request.sent
        if encoding and encoding.lower() != "identity":
            if encoding.lower() not in self.encodings:
                raise Refuse(415, f"content encoding {encoding}")
            if encoding.lower() in ("gzip", "deflate"):
                request.body = self.inflate(request.sent, 31 if encoding.lower() == "gzip" else 15)
        if len(request.body) > self.limit_raw:
            raise Refuse(self.too_large, f"decompressed more than {self.limit_raw} bytes")

    def inflate(self, data, window):
        try:
            machine = zlib.decompressobj(window)
            body = machine.decompress(data, self.limit_raw + 1)
            if not machine.eof and len(body) <= self.limit_raw or machine.unused_data:
                raise Refuse(400, "truncated or trailing compressed data")
            return body
        except zlib.error as wrong:
            raise Refuse(400, f"compressed body: {wrong}") from None
