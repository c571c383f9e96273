"""Receivers that break off, stall or are somebody else. For each the sink's own count says that nothing is lost, that all is
in order, and that a sample comes twice only where an answer was lost."""
import http.client
import io
import socket
import ssl
import subprocess
import threading
import time

from counted import Numbers, Relay, Taker
from harness import Target, main, until


class Sink(Target):
    """A receiver on a bare socket: `misbehave(sink, connection)`, if there is one, meets the next request, and says True when
    the connection goes on. `wrap` makes TLS of a connection."""

    def __init__(self, case, wrap=None):
        self.taker, self.wrap, self.misbehave = Taker(case), wrap, None
        self.met = self.lost_answers = 0
        super().__init__(case, self.answer)

    def answer(self, connection):
        with self.wrap(connection) if self.wrap else connection as connection:
            while True:
                misbehave = self.misbehave
                if misbehave:
                    self.met += 1
                    if not misbehave(self, connection):
                        return
                    continue
                self.take(connection)
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    def head(self, connection):
        """Reads a request's head, and not one byte more: its headers."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            piece = connection.recv(1)
            if not piece:
                raise OSError("closed")
            data += piece
        return http.client.parse_headers(io.BytesIO(data.split(b"\r\n", 1)[1]))

    def body(self, connection, size):
        data = b""
        while len(data) < size:
            piece = connection.recv(size - len(data))
            if not piece:
                raise OSError("closed")
            data += piece
        return data

    def take(self, connection):
        headers = self.head(connection)
        body = self.body(connection, int(headers["Content-Length"]))
        with self.taker.lock:
            try:
                self.taker.take(headers, body)
            except Exception as wrong:  # noqa: BLE001 - every fault is the test's
                self.taker.faults.append(repr(wrong))


def before_the_body(sink, connection):
    sink.head(connection)


def in_the_body(sink, connection):
    headers = sink.head(connection)
    sink.body(connection, int(headers["Content-Length"]) // 2)


def after_the_body(sink, connection):
    sink.take(connection)
    sink.lost_answers += 1


def in_the_answer(sink, connection):
    sink.take(connection)
    sink.lost_answers += 1
    connection.sendall(b"HTTP/1.1 204 No Con")


def reset(sink, connection):
    sink.head(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def late(sink, connection):
    sink.take(connection)
    sink.lost_answers += 1
    time.sleep(2)  # the forwarder waits one
    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def never(sink, connection):
    sink.take(connection)
    sink.lost_answers += 1
    connection.recv(1)  # until the forwarder gives up


def nonsense(sink, connection):
    sink.take(connection)
    sink.lost_answers += 1
    connection.sendall(b"\0\1\2 what?\r\n\r\n")


def interim(sink, connection):
    """No misbehaviour at all: a 100 before the answer, and the answer in pieces."""
    sink.take(connection)
    for piece in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 20", b"0 OK\r\nTransfer-Enco", b"ding: chunked\r\n\r\n",
                  b"2\r\nok\r\n0\r\n", b"\r\n"):
        connection.sendall(piece)
        time.sleep(0.02)
    return True


class Scene(Relay):
    def relay(self, sink, **how):
        self.target = Numbers(self, how.pop("columns", 0))
        url = f"{how.pop('scheme', 'http')}://{how.pop('host', sink.address)}/write"
        return self.start(url, [self.target], timeout="1s", **how)

    def promise_held(self, program, port, sink):
        """Well again: all that was served has come, in order, and again only what was lost with an answer."""
        sink.misbehave = None
        until(lambda: self.status(port)["backends"][0]["state"] == "idle" and not self.status(port)["queue"]["spilling"], 20,
              "all that waited is taken")
        self.assertEqual(program.end(), 0)
        numbers = sink.taker.numbers()
        self.assertEqual((sink.taker.faults, numbers), ([], list(range(1, len(numbers) + 1))))
        self.assertGreaterEqual(len(numbers), len(self.target.served) - 1)
        self.assertLessEqual(len(sink.taker.repeating), sink.lost_answers)


class Sinks(Scene):
    def test_one_that_breaks_off(self):
        for misbehave in (before_the_body, in_the_body, after_the_body, in_the_answer, reset, late, never, nonsense, interim):
            with self.subTest(how=misbehave.__name__):
                self.storage = self.storage.with_name(misbehave.__name__)
                sink = Sink(self)
                program, port = self.relay(sink)
                until(lambda s=sink: len(s.taker.numbers()) >= 3)
                sink.misbehave = misbehave
                until(lambda s=sink: s.met >= 4)
                self.promise_held(program, port, sink)

    def test_one_that_stops_reading(self):
        """As packets that are dropped once a connection stands: what is written goes nowhere, and nobody says so."""
        sink = Sink(self)
        sink.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # those that it accepts have it too
        stalled = threading.Event()
        sink.misbehave = lambda *_: stalled.wait() and False
        program, port = self.relay(sink, columns=1000)
        until(lambda: sink.met >= 3)
        until(lambda: self.status(port)["backends"][0]["failures"] >= 2)
        self.assertEqual(self.status(port)["backends"][0]["sent"], 0)
        sink.misbehave = None
        stalled.set()
        self.promise_held(program, port, sink)


class Strangers(Scene):
    def certificate(self, name):
        key, chain = self.file(f"{name}.key", ""), self.file(f"{name}.pem", "")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key,
                        "-out", chain], check=True, capture_output=True)
        return key, chain

    def wrapped(self, name):
        key, chain = self.certificate(name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        return chain, lambda connection: context.wrap_socket(connection, server_side=True)

    def test_one_with_a_name_that_is_not_its_own(self):
        mine, right = self.wrapped("localhost")
        other, wrong = self.wrapped("receiver.example")
        trusted = self.file("trusted.pem", mine.read_text() + other.read_text())
        sink = Sink(self, wrap=wrong)
        program, port = self.relay(sink, scheme="https", host=f"localhost:{sink.port}",
                                   backend=f"tls_config: {{ca_file: '{trusted}'}}")
        until(lambda: self.status(port)["backends"][0]["failures"] >= 4)
        self.assertEqual(sink.taker.numbers(), [])
        self.assertIn("name", self.status(port)["backends"][0]["error"])
        sink.wrap = right
        self.promise_held(program, port, sink)

    def test_one_that_nobody_vouches_for(self):
        _, unknown = self.wrapped("localhost")
        sink = Sink(self, wrap=unknown)
        program, port = self.relay(sink, scheme="https", host=f"localhost:{sink.port}")
        until(lambda: self.status(port)["backends"][0]["failures"] >= 4)
        self.assertEqual(sink.taker.numbers(), [])
        self.assertIn("certificate", self.status(port)["backends"][0]["error"])
        self.assertEqual(program.end(), 0)


if __name__ == "__main__":
    main()
