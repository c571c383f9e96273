"""dns_sd_configs against a small name server of our own. The test runs in a network and mount namespace of its own, where
/etc/resolv.conf and port 53 are its to set: so the programs (Prometheus too) need no switch for tests."""
import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

from harness import SKIP, Case, Process, Receiver, Target, free_port, get, main, page, peer, until

INSIDE = "PIFLEET_TEST_NAMESPACE"
A, NS, CNAME, MX, AAAA, SRV = 1, 2, 5, 15, 28, 33


def enter_namespace():
    """Begins this program anew inside; a machine that forbids it skips the test."""
    unshare = ["unshare", "--map-root-user", "--mount", "--net"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        print("this machine allows no namespaces (unshare)", file=sys.stderr)
        sys.exit(SKIP)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolv:
        resolv.write("nameserver 127.0.0.1\nsearch home.test\noptions timeout:1 attempts:1\n")
        resolv.flush()
        script = 'mount --bind "$0" "$(readlink -f /etc/resolv.conf)" && exec "$@"'
        done = subprocess.run([*unshare, "sh", "-c", script, resolv.name, sys.executable, *sys.argv],
                              env={**os.environ, INSIDE: "1"}, check=False)
    sys.exit(done.returncode)


def loopback_up():
    with socket.socket() as any_socket:
        request = struct.pack("16sh22x", b"lo", 1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS


def wire_name(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.rstrip(".").split(".") if part) + b"\0"


def rdata(kind, value):
    if kind == A:
        return socket.inet_aton(value)
    if kind == AAAA:
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == MX:
        return struct.pack("!H", 10) + wire_name(value)
    if kind == SRV:
        host, port = value
        return struct.pack("!HHH", 1, 2, port) + wire_name(host)
    return wire_name(value)


class NameServer:
    """Answers over UDP with `records`: {(name, type): [value, …]}. `broken` is what all others get instead."""

    def __init__(self, case):
        self.records, self.broken = {}, None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        case.addCleanup(self.end)

    def serve(self):
        with self.socket:
            while True:
                question, sender = self.socket.recvfrom(4096)
                if not question:
                    return
                answer = self.answer(question)
                if answer:
                    self.socket.sendto(answer, sender)

    def end(self):
        self.socket.sendto(b"", ("127.0.0.1", 53))
        self.thread.join()

    def answer(self, message):
        number, _, questions = struct.unpack_from("!HHH", message)
        assert questions == 1
        at, labels = 12, []
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode().lower())
            at += 1 + message[at]
        kind = struct.unpack_from("!H", message, at + 1)[0]
        question, name = message[12:at + 5], ".".join(labels)
        found = self.records.get((name, kind))
        if self.broken == "silent":
            return None
        if self.broken == "garbage":
            return struct.pack("!HHHHHH", number, 0x8180, 1, 3, 0, 0) + question + b"\xc0\x0c\0"
        code = 2 if self.broken == "servfail" else 0 if any(name == known for known, _ in self.records) else 3
        out = b""
        for value in found or []:
            of = CNAME if isinstance(value, bytes) else kind
            data = value if of == CNAME else rdata(kind, value)
            out += b"\xc0\x0c" + struct.pack("!HHIH", of, 1, 1, len(data)) + data
        count = len(found or []) if code == 0 else 0
        return struct.pack("!HHHHHH", number, 0x8180 | code, 1, count, 0, 0) + question + (out if code == 0 else b"")


def config(names, kind, port="", receiver=None):
    backends = f"remote_write: [{{url: '{receiver.url}', queue_config: {{batch_send_deadline: 50ms}}}}]" if receiver else ""
    return f"""
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: d
    dns_sd_configs: [{{names: [{names}], type: {kind}, refresh_interval: 300ms{f', port: {port}' if port else ''}}}]
{backends}
"""


class Dns(Case):
    def setUp(self):
        super().setUp()
        self.server = NameServer(self)

    def instances(self, port):
        return sorted(target["instance"] for target in self.status(port)["targets"])

    def becomes(self, port, *instances, seconds=2.5):
        until(lambda: self.instances(port) == sorted(instances), seconds, f"targets {instances}")

    def error(self, port):
        return self.status(port)["discoveries"][0]["error"]

    def test_targets_follow_the_records_and_outlive_a_name_server(self):
        one, two, receiver = Target(self, page("a 1\n")), Target(self, page("a 1\n")), Receiver(self)
        self.server.records = {("_m._tcp.home.test", SRV): [("pi1.home.test", one.port)],
                               ("pi1.home.test", A): ["127.0.0.1"], ("pi2.home.test", A): ["127.0.0.1"]}
        _, port = self.forwarder(config("_m._tcp.home.test", "SRV", receiver=receiver))
        first, second = f"pi1.home.test:{one.port}", f"pi2.home.test:{two.port}"
        self.becomes(port, first, seconds=1)
        until(lambda: self.target(port, first)["health"] == "up")
        self.server.records[("_m._tcp.home.test", SRV)] = [("pi1.home.test", one.port), ("pi2.home.test", two.port), ("", 0)]
        self.becomes(port, first, second)
        for broken, reason in (("servfail", "no name server answered"), ("silent", "no name server answered"),
                               ("garbage", "broken")):
            self.server.broken = broken
            until(lambda r=reason: r in self.error(port), 10, broken)
            self.assertIn("_m._tcp.home.test: ", self.error(port))
            self.assertEqual(self.instances(port), [first, second])
        self.server.broken = None
        until(lambda: self.error(port) == "", 10)
        del self.server.records[("_m._tcp.home.test", SRV)]  # NXDOMAIN is an answer: there are none
        self.becomes(port)
        until(lambda: [v for _, v in receiver.samples("a", instance=first)][-1:] == ["stale"])
        self.assertEqual(receiver.faults, [])

    def test_the_same_targets_as_prometheus(self):
        self.server.records = {
            ("srv.test", SRV): [("pi1.test", 9100), ("pi2.test", 9101)],
            ("a.test", A): ["127.0.0.5", "127.0.0.4"], ("aaaa.test", AAAA): ["::1", "fd00::2"],
            ("mx.test", MX): ["mail.test"], ("ns.test", NS): ["ns1.test", "ns2.test"],
            ("alias.test", A): [wire_name("a.test"), "127.0.0.6"], ("short.home.test", A): ["127.0.0.7"]}
        for names, kind, count in (("srv.test, none.test", "SRV", 2), ("a.test, alias.test, short, a.test.", "A", 4),
                                   ("aaaa.test", "AAAA", 2), ("mx.test", "mx", 1), ("ns.test", "NS", 2)):
            with self.subTest(kind):
                self.compare(config(names, kind, port="" if kind == "SRV" else 9100), count)

    def compare(self, text, count):
        port, path = free_port(), self.file("prometheus.yml", text)
        theirs = Process(self, [peer("PEER_PROMETHEUS"), f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}",
                                f"--storage.tsdb.path={tempfile.mkdtemp(dir=self.folder)}"], name="prometheus")
        theirs.wait_ready(port, "/-/ready")
        program, ours = self.forwarder(text)

        def active():
            rows = json.loads(get(port, "/api/v1/targets?state=active")[2])["data"]["activeTargets"]
            return sorted((t["scrapeUrl"], sorted(t["labels"].items())) for t in rows)

        def mine():
            return sorted((t["url"], sorted(t["labels"].items())) for t in self.status(ours)["targets"])

        until(lambda: len(active()) == count, 20, f"Prometheus's {count} targets")
        with contextlib.suppress(AssertionError):
            until(lambda: mine() == active(), 5)
        self.assertEqual(mine(), active())
        program.end()
        theirs.end()


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_namespace()
    loopback_up()
    main()
