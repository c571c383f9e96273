"""The wire of the stand-in API server: connections in threads of their own, TLS and who is asking, answers framed as the
real server frames them (chunked, headers as captured), a record of every request, and the faults that happen to an answer."""
import http.server
import re
import select
import socket
import ssl
import threading
import time
import urllib.parse
import uuid
import zlib

GZIP_FROM = 128 * 1024  # the real server compresses lists from here on
HELD = 64 * 1024        # what is gathered before it is sent


class Gone(Exception):
    """The connection is of no use any more."""


class Fault:
    """What happens to the answers of requests whose path and query match: see StandIn.fault."""

    def __init__(self, kind, pattern="", times=None, **more):
        self.kind, self.pattern, self.left, self.more = kind, re.compile(pattern), times, more
        self.met = 0

    def takes(self, target):
        if self.left == 0 or not self.pattern.search(target):
            return False
        self.met += 1
        if self.left is not None:
            self.left -= 1
        return True


class Asked:
    """A request as it came, and what became of it."""

    def __init__(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        self.time, self.method, self.target, self.path = time.monotonic(), handler.command, handler.path, url.path
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.headers = dict(handler.headers.items())
        self.connection, self.resumed = handler.number, handler.resumed
        self.status, self.sent, self.pieces, self.done = None, 0, 0, False
        self.markers = set()  # which of the server's markers stood in the answer
        self.fault = None

    @property
    def watch(self):
        return self.query.get("watch") in ("true", "1")

    def facts(self):
        return {name: getattr(self, name) for name in ("time", "method", "path", "query", "headers", "connection", "resumed",
                                                       "status", "sent", "pieces", "done")}


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection. `server` is the StandIn; do_GET and do_POST are the API's."""
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.number, self.resumed = self.server.number_of(self.connection), False
        if isinstance(self.connection, ssl.SSLSocket):
            self.resumed = self.connection.session_reused

    def log_message(self, *_):
        pass

    def caller(self):
        """The name of who asks, by token or client certificate; None for a stranger."""
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.server.tokens.get(token.strip())
        certificate = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        names = [value for row in (certificate or {}).get("subject", ()) for name, value in row if name == "commonName"]
        return names[0] if names else self.server.anonymous

    def begin(self, status, kind="application/json", size=None, gzip=False, headers=()):
        self.asked.status = status
        self.compressor = zlib.compressobj(1, wbits=31) if gzip else None
        self.chunked, self.held = size is None, b""
        rows = [("Audit-Id", str(uuid.uuid4())), ("Cache-Control", "no-cache, private"),
                *([("Content-Encoding", "gzip")] if gzip else []), ("Content-Type", kind),
                *([("Vary", "Accept-Encoding")] if gzip else []), ("X-Kubernetes-Pf-Flowschema-Uid", self.server.uid),
                ("X-Kubernetes-Pf-Prioritylevel-Uid", self.server.uid), ("Date", self.date_time_string()), *headers]
        rows.append(("Transfer-Encoding", "chunked") if size is None else ("Content-Length", str(size)))
        self.send_response_only(status)
        for name, value in rows:
            self.send_header(name, value)
        self.end_headers()

    def piece(self, data, flush=False):
        """Part of the body: a chunk of its own, as the real server writes an item or an event."""
        asked, cut = self.asked, self.asked.fault if self.asked.fault and self.asked.fault.kind == "cut" else None
        asked.markers.update(marker for marker in self.server.markers if marker in data)
        is_cut = cut and asked.pieces == cut.more.get("at", 1)
        if is_cut:
            data = data[:len(data) // 2]
        asked.pieces += bool(data)
        asked.sent += len(data)
        if self.compressor:
            data = self.compressor.compress(data)
        if data:
            self.held += b"%x\r\n%s\r\n" % (len(data), data) if self.chunked else data
        if flush or is_cut or len(self.held) >= HELD:
            self.wfile.write(self.held)
            self.held = b""
        if is_cut:
            raise Gone("cut")

    def end(self):
        rest = self.compressor.flush() if self.compressor else b""
        if rest:
            self.held += b"%x\r\n%s\r\n" % (len(rest), rest)
        self.wfile.write(self.held + (b"0\r\n\r\n" if self.chunked else b""))
        self.asked.done = True

    def whole(self, status, body, kind="application/json", headers=()):
        """An answer in one piece, of known size when it is small."""
        self.begin(status, kind, len(body) if len(body) < 2048 else None, headers=headers)
        self.piece(body)
        self.end()

    def hung_up(self):
        """Whether the client has gone: while an answer lasts, it has nothing else to say."""
        if self.server.closing or not self.server.alive(self.connection):
            return True
        try:
            return bool(select.select([self.connection], [], [], 0)[0]) and not self.connection.recv(1)
        except (OSError, ValueError):
            return True

    def hang(self):
        """Says nothing until the client or the test has had enough."""
        while not self.hung_up():
            time.sleep(0.05)
        raise Gone("hung")


class Listener:
    """Accepts on a loopback port; `refuse` keeps the port, but nobody gets in."""

    def __init__(self, serve, port=0):
        self.serve, self.closing = serve, False
        self.lock, self.open = threading.Lock(), threading.Event()
        self.connections = {}  # socket -> its number
        self.accepted = 0
        self.socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.open.set()
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        while not self.closing:
            self.open.wait()
            try:
                connection, _ = self.socket.accept()
            except OSError:
                time.sleep(0.01)
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.accepted += 1
                self.connections[connection] = self.accepted
            threading.Thread(target=self.run, args=(connection,), daemon=True).start()

    def run(self, connection):
        try:
            self.serve(connection)
        except (OSError, Gone, ValueError, AttributeError):  # a socket shut from another thread fails in many ways
            pass
        finally:
            self.forget(connection)

    def adopt(self, plain, connection):
        """TLS took the place of the plain socket."""
        with self.lock:
            self.connections[connection] = self.connections.pop(plain)

    def forget(self, connection):
        with self.lock:
            self.connections.pop(connection, None)
        connection.close()

    def drop(self):
        """Every connection ends now, without a word of TLS or HTTP."""
        with self.lock:
            sockets = list(self.connections)
            self.connections.clear()
        for connection in sockets:
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                pass

    def refuse(self):
        self.open.clear()
        self.shut()
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", self.port))
        self.socket = holder

    def accept_again(self):
        if not self.open.is_set():
            self.socket.listen(128)
            self.open.set()

    def shut(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # close alone would not wake who waits in accept
        except OSError:
            pass
        self.socket.close()

    def close(self):
        self.closing = True
        self.open.set()
        self.shut()
        self.drop()
