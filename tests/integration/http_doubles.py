"""Doubles for what a job's HTTP options speak to: targets, proxies, token servers, certificates; and jobs with what is expected
of them, by us and by the real Prometheus."""
import base64
import http.server
import json
import pathlib
import select
import socket
import ssl
import subprocess
import sys
import threading
import unittest

from harness import Case, Process, Receiver, free_port, get, peer, query, until

PAGE = b"good 1\n"
TEXT = {"Content-Type": "text/plain; version=0.0.4"}


class Web:
    """Answers by `answer(request)` -> (status, headers, body) and keeps (path, headers) of what was asked."""

    def __init__(self, case, answer=lambda request: (200, TEXT, PAGE), context=None, connect=None):
        web = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                web.asked.append((self.path, dict(self.headers)))
                status, headers, body = answer(self)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def do_CONNECT(self):
                web.asked.append((self.path, dict(self.headers)))
                status, port = connect(self)
                self.send_response(status)
                self.end_headers()
                if status == 200:
                    relay(self.connection, port)
                self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # a client that goes away, a handshake that fails: what the tests are about
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        case.addCleanup(self.server.server_close)
        case.addCleanup(self.server.shutdown)


def relay(client, port):
    with socket.create_connection(("127.0.0.1", port)) as target:
        while True:
            for ready in select.select([client, target], [], [], 10)[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (target if ready is client else client).sendall(data)


class Certificates:
    """An authority, a server's certificate for pi.lan and a client's, by the openssl program."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=authority", "-days", "2",
                 "-keyout", "ca.key", "-out", "ca.pem")
        self.issue("server", "pi.lan")
        self.issue("client", "me")

    def run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def issue(self, file, name):
        (self.folder / f"{file}.ext").write_text(f"subjectAltName=DNS:{name}\n")
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{file}.key",
                 "-out", f"{file}.csr")
        self.run("x509", "-req", "-in", f"{file}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-days", "2", "-extfile", f"{file}.ext", "-out", f"{file}.pem")

    def path(self, name):
        return self.folder / name

    def context(self, clients=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("server.pem"), self.path("server.key"))
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path("ca.pem"))
        return context


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def wanting(header, value):
    """Answers with the page who shows this header, others with 401."""
    return lambda request: (200, TEXT, PAGE) if request.headers.get(header) == value else (401, {}, b"")


class Jobs:
    """Jobs of one target each, with what is expected of them."""

    def __init__(self):
        self.text, self.expected = "", {}

    def add(self, name, address, up, *keys, error="", agrees=True):
        self.expected[name] = (up, error, agrees)
        self.text += f"  - job_name: {name}\n    static_configs: [{{targets: ['{address}']}}]\n"
        self.text += "".join(f"    {key}\n" for key in keys)

    def config(self, write=""):
        head = "global: {scrape_interval: 1s, scrape_timeout: 900ms}\nscrape_configs:\n"
        tail = f"remote_write: [{{url: '{write}', queue_config: {{batch_send_deadline: 100ms}}}}]\n" if write else ""
        return head + self.text + tail


class JobsCase(Case):
    def rows(self, port):
        return {t["job"]: t for t in self.status(port)["targets"]}

    def run_jobs(self, jobs):
        """Forwarder's targets by job, once each has been scraped twice."""
        receiver = Receiver(self)
        program, port = self.forwarder(jobs.config(receiver.url))
        until(lambda: all(len(receiver.samples("up", job=name)) >= 2 for name in jobs.expected), 30, "two scrapes of each")
        rows = self.rows(port)
        for name, (up, error, _) in jobs.expected.items():
            with self.subTest(job=name):
                self.assertEqual([value for _, value in receiver.samples("up", job=name)][-1], up, rows[name]["error"])
                self.assertIn(error, rows[name]["error"])
        for secret in ("s3cret", "passw0rd"):
            self.assertNotIn(secret, get(port, "/api/status")[2].decode())
            self.assertNotIn(secret, get(port, "/")[2].decode())
            self.assertNotIn(secret, program.output())
        return program, port

    def compare_with_prometheus(self, jobs):
        """The real Prometheus comes to the same `up`. False: it is not here, which takes nothing from what was tested before."""
        try:
            binary = peer("PEER_PROMETHEUS")
        except unittest.SkipTest as why:
            print(f"    not compared: {why}", file=sys.stderr)
            return False
        port = free_port()
        program = Process(self, [binary, f"--config.file={self.file('prometheus.yml', jobs.config())}",
                                 f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={self.folder}/tsdb"])
        program.wait_ready(port, "/-/ready")
        wanted = {name: up for name, (up, _, agrees) in jobs.expected.items() if agrees}
        found = until(lambda: (lambda ups: ups if ups.keys() >= wanted.keys() else None)(
            {labels["job"]: float(value) for labels, value in query(port, "up")}), 30, "up of every job")
        self.assertEqual({name: found[name] for name in wanted}, wanted)
        return True


class TokenServer(Web):
    """Gives tokens token-1, token-2, … to whom shows the secret."""

    def __init__(self, case, lifetime=3600, in_form=False):
        self.given, self.lifetime, self.in_form = 0, lifetime, in_form
        super().__init__(case, self.give)

    def give(self, request):
        in_form = b"client_secret=s3cret" in request.body
        if not in_form if self.in_form else request.headers.get("Authorization") != basic("me", "s3cret"):
            return 401, {}, b'{"error": "invalid_client"}'
        self.given += 1
        answer = {"access_token": f"token-{self.given}", "token_type": "bearer", "expires_in": self.lifetime}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def key(self, secret="s3cret"):
        return f"oauth2: {{client_id: me, client_secret: {secret}, scopes: [a, b], token_url: 'http://{self.address}/t?x=1'}}"
