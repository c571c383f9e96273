"""The HTTP server of a double: reads one request at a time a connection, meets it with the fault that is due or with the
double's judgement."""
import http.server
import sys
import time


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, double):
        super().__init__(("127.0.0.1", 0), type("Handler", (Handler,), {"double": double}))

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that is gone, a handshake that fails: what tests are about
            super().handle_error(request, client_address)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    double = None

    def serve(self):
        request, fault = self.double.arrived(self)
        length = self.headers["Content-Length"]
        if fault.kind == "close_early":
            self.close_connection = True
            return
        if length is None and self.command in ("POST", "PUT"):
            self.send(request, 411, {}, b"a length is required")
            self.close_connection = True
            return
        request.sent = self.rfile.read(int(length or 0))
        if len(request.sent) < int(length or 0):  # cut off on its way: nothing of it counts
            self.close_connection = True
            return
        status, headers, body = self.double.answer_to(request, fault)
        if fault.kind == "lose":
            self.close_connection = True
            return
        self.send(request, status, headers, body, fault.seconds)

    def send(self, request, status, headers, body, seconds=0.0):
        request.status, request.answer = status, body
        if seconds and (status == 204 or not body):
            time.sleep(seconds)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status == 204:
            return
        for at in range(len(body)):
            self.wfile.write(body[at:at + 1] if seconds else body)
            if not seconds:
                break
            time.sleep(seconds / len(body))

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def log_message(self, *_):
        pass
