"""The collector supervisord beside the real node_exporter: a double that answers as supervisord does, over TCP and over a
socket file, or that does not; and Debian's supervisord itself, where it is installed."""
import base64
import contextlib
import http.server
import re
import shutil
import socketserver
import sys
import threading
import time
import unittest
import xmlrpc.client

from harness import Process, free_port, main, until
from node_peer import PeerCase

STATES = {"STOPPED": 0, "STARTING": 10, "RUNNING": 20, "BACKOFF": 30, "STOPPING": 40, "EXITED": 100, "FATAL": 200, "UNKNOWN": 1000}


def process(name, group, state, exit_status=0, start=1700000000):
    return {"name": name, "group": group, "start": start, "stop": 0, "now": start + 60, "state": STATES[state], "statename": state,
            "spawnerr": "", "exitstatus": exit_status, "stdout_logfile": "", "stderr_logfile": "", "pid": 17,
            "description": "pid 17, uptime 0:01:00", "logfile": "/var/log/a & b"}


HOUSE = [process(state.lower(), "all", state, n) for n, state in enumerate(STATES)] + [
    process("00", "worker", "RUNNING"), process("01", "worker", "RUNNING"), process('<&"\' é €', "strange\\", "EXITED", -9)]


def answer(value):
    return xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def address_string(self):
        return "somebody"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        _, method = xmlrpc.client.loads(body)
        self.server.case.asked.append((self.path, method, self.headers["Authorization"]))
        status, answer_body = self.server.case.behave(self.headers)
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer_body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(answer_body)

    def log_message(self, *_):
        pass


class FileServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class DoubleCase(PeerCase):
    def setUp(self):
        super().setUp()
        self.asked = []
        self.behave = lambda headers: (200, answer(HOUSE))
        self.url = f"http://127.0.0.1:{self.serve(http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)).server_port}/RPC2"

    def serve(self, server):
        server.case = self
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def flags(self, url=None):
        return "--collector.supervisord", f"--collector.supervisord.url={url or self.url}"


class SameAsTheReal(DoubleCase):
    def test_processes(self):
        ours = self.compare(*self.flags(), least=35)
        self.assertEqual(ours['node_supervisord_up{group="all",name="stopping"}'], 1)
        self.assertEqual({path for path, _, _ in self.asked}, {"/RPC2"})
        self.assertEqual({method for _, method, _ in self.asked}, {"supervisor.getAllProcessInfo"})

    def test_a_socket_file(self):
        path = f"{self.folder}/supervisor.sock"
        self.serve(FileServer(path, Handler))
        self.compare(*self.flags("unix://" + path), least=35)

    def test_no_processes(self):
        self.behave = lambda headers: (200, answer([]))
        self.assertEqual(self.compare(*self.flags())['node_scrape_collector_success{collector="supervisord"}'], 1)

    def test_a_password(self):
        wanted = "Basic " + base64.b64encode(b"pi:rasp:berry").decode()
        self.behave = lambda headers: (200, answer(HOUSE)) if headers["Authorization"] == wanted else (401, b"no")
        self.compare(*self.flags(self.url.replace("//", "//pi:rasp%3Aberry@")), least=35)
        self.assertEqual(self.compare(*self.flags())['node_scrape_collector_success{collector="supervisord"}'], 0)

    def test_what_is_no_answer(self):
        fault = xmlrpc.client.dumps(xmlrpc.client.Fault(6, "SHUTDOWN_STATE"), methodresponse=True).encode()
        for status, body in ((200, fault), (500, answer(HOUSE)), (200, b"<html>hello</html>")):
            with self.subTest(status=status, body=body[:60]):
                self.behave = lambda headers, what=(status, body): what
                self.assertEqual(self.compare(*self.flags())['node_scrape_collector_success{collector="supervisord"}'], 0)

    def test_nobody_listens(self):
        for url in (f"http://127.0.0.1:{free_port()}/RPC2", f"unix://{self.folder}/absent.sock"):
            self.assertEqual(self.compare(*self.flags(url))['node_scrape_collector_success{collector="supervisord"}'], 0)


class Ours(DoubleCase):
    def timed(self, port):
        begin = time.monotonic()
        return self.success(self.page(port), "supervisord"), time.monotonic() - begin

    def test_answers_that_upstream_cannot_bear(self):
        """It ends with an index out of range or a wrong type; a fault costs us the process that has it, or the answer."""
        program, port = self.ours(*self.flags())
        for value, known in (("text", 0), ([1], 0), ([{}], 0), ([{**HOUSE[0], "state": "up"}, HOUSE[1]], 1),
                             ([{k: v for k, v in HOUSE[0].items() if k != "start"}, HOUSE[1]], 1), ([HOUSE[0], HOUSE[0]], 1),
                             ([{**HOUSE[0], "name": ["a"]}], 0)):
            with self.subTest(value=str(value)[:60]):
                self.behave = lambda headers, value=value: (200, answer(value))
                page = self.page(port)
                self.assertEqual(self.success(page, "supervisord"), 0)
                self.assertEqual(sum(key.startswith("node_supervisord_state") for key in page[1]), known)
        self.assertEqual(len(re.findall("collector failed", program.output())), 1)

    def test_an_answer_that_was_cut(self):
        """Upstream shows the processes before the cut as if these were all."""
        self.behave = lambda headers: (200, answer(HOUSE)[:-300])
        page = self.page(self.ours(*self.flags())[1])
        self.assertEqual((self.success(page, "supervisord"), len(page[1])), (0, 1))

    def test_too_much(self):
        program, port = self.ours(*self.flags())
        self.page(port)
        before = program.resident_kib()
        self.behave = lambda headers: (200, b"x" * 50_000_000)
        self.assertEqual(self.timed(port)[0], 0)
        self.assertIn("4 MB", program.output())
        self.assertLess(program.resident_kib() - before, 16_000)

    def test_one_that_hangs(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.behave = lambda headers: release.wait(60) and (200, answer(HOUSE))
        program, port = self.ours(*self.flags())
        good, took = self.timed(port)
        self.assertEqual(good, 0)
        self.assertLess(took, 5)
        for _ in range(3):
            good, took = self.timed(port)
            self.assertEqual(good, 0)
            self.assertLess(took, 1)
        self.assertEqual(len(re.findall("collector failed", program.output())), 1)
        release.set()
        until(lambda: self.timed(port)[0] == 1, 20, "an answer")
        self.assertIn("collector works again", program.output())


@unittest.skipIf(not shutil.which("supervisord"), "no supervisord")
class TheRealSupervisord(PeerCase):
    def test_both_ways(self):
        port, path = free_port(), f"{self.folder}/s.sock"
        config = self.file("supervisord.conf", f"""[supervisord]
nodaemon=true
logfile={self.folder}/supervisord.log
pidfile={self.folder}/supervisord.pid
childlogdir={self.folder}
[unix_http_server]
file={path}
[inet_http_server]
port=127.0.0.1:{port}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:lives]
command={sys.executable} -c "import time; time.sleep(1000)"
numprocs=2
process_name=%(process_num)d
[program:ends]
command={sys.executable} -c "raise SystemExit(3)"
startsecs=0
autorestart=false
[program:never]
command=/absent
startretries=0
[program:off]
command=/bin/true
autostart=false
""")
        Process(self, ["supervisord", "-c", config])
        proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}/RPC2")

        def settled():
            with contextlib.suppress(OSError, xmlrpc.client.Error):
                return {p["name"]: p["statename"] for p in proxy.supervisor.getAllProcessInfo()} == {
                    "0": "RUNNING", "1": "RUNNING", "ends": "EXITED", "never": "FATAL", "off": "STOPPED"}
            return False

        until(settled, 30, "the processes")
        for url in (f"http://127.0.0.1:{port}/RPC2", f"unix://{path}"):
            ours = self.compare("--collector.supervisord", f"--collector.supervisord.url={url}", least=17)
            self.assertEqual(ours['node_supervisord_exit_status{group="ends",name="ends"}'], 3)


if __name__ == "__main__":
    main()
