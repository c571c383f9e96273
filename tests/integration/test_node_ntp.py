"""The collector ntp beside the real node_exporter, both asking a server of ours that answers well, wrongly, late or never."""
import contextlib
import random
import re
import socket
import struct
import threading
import time

from harness import main, until
from node_peer import PeerCase

SINCE_1900 = 2208988800


def stamp(seconds):
    return round(seconds * 2**32) & (2**64 - 1)


def answer_to(question, **change):
    """A good answer, but for what `change` says: fields, and `shift`, how far the server's clock is from ours."""
    field = {"leap": 0, "version": 4, "mode": 4, "stratum": 2, "delay": 0x2000, "dispersion": 0x0800, "shift": 0.0, "length": 48,
             "origin": question[40:48], "age": 64, "reference": None, "sent": None, "before": 0.0, **change}
    now = time.time() + SINCE_1900 + field["shift"]
    reference = stamp(ServerCase.begin + SINCE_1900 - field["age"]) if field["reference"] is None else field["reference"]
    sent = stamp(now) if field["sent"] is None else field["sent"]
    head = struct.pack(">BBbbIIIQ", field["leap"] << 6 | field["version"] << 3 | field["mode"], field["stratum"], 6, -20,
                       field["delay"], field["dispersion"], 0x7F000001, reference)
    packet = head + field["origin"] + struct.pack(">QQ", stamp(now - field["before"]), sent)
    return packet[:field["length"]]


class ServerCase(PeerCase):
    begin = int(time.time())

    def setUp(self):
        super().setUp()
        self.questions = []
        self.behave = lambda question: answer_to(question)
        self.socket = self.listen(socket.AF_INET, "127.0.0.1")
        self.port = self.socket.getsockname()[1]

    def listen(self, family, address, port=0):
        server = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(server.close)
        server.bind((address, port))
        server.settimeout(0.1)
        threading.Thread(target=self.serve, args=(server,), daemon=True).start()
        return server

    def serve(self, server):
        while server.fileno() != -1:
            with contextlib.suppress(OSError):
                question, client = server.recvfrom(512)
                self.questions.append(question)
                answer = self.behave(question)
                if answer is not None:
                    server.sendto(answer, client)

    def flags(self, *more):
        return "--collector.ntp", f"--collector.ntp.server-port={self.port}", *more

    def against_the_real(self, *flags):
        return self.compare(*self.flags(*flags), loose="node_ntp_(rtt|offset)_seconds")


class SameAsTheReal(ServerCase):
    def test_answers_that_count(self):
        for sane, change, flags in (
                (1, {}, []), (1, {"version": 3}, ["--collector.ntp.protocol-version=3"]), (0, {"stratum": 0}, []),
                (1, {"stratum": 15}, []), (0, {"stratum": 16}, []), (0, {"stratum": 255}, []), (0, {"leap": 3}, []), (1, {"leap": 1}, []),
                (0, {"age": 200000}, []), (0, {"age": -1000}, []), (0, {"dispersion": 0x40000}, []),
                (1, {"dispersion": 0x40000}, ["--collector.ntp.max-distance=5s"]), (0, {"dispersion": 0x110000}, ["--collector.ntp.max-distance=1h"]),
                (0, {"delay": 0x80000}, []), (0, {"shift": 30}, []), (0, {"shift": -30}, []),
                (1, {"shift": 30}, ["--collector.ntp.local-offset-tolerance=31s"]), (0, {"shift": 0.8}, []), (1, {"shift": 0.8, "leap": 2}, []),
                (1, {"length": 48}, ["--collector.ntp.ip-ttl=64"])):
            with self.subTest(change=change, flags=flags):
                self.behave = lambda question, change=change: answer_to(question, **change)
                ours = self.against_the_real(*flags)
                self.assertEqual(ours['node_scrape_collector_success{collector="ntp"}'], 1)
                self.assertEqual(ours["node_ntp_sanity"], sane)
                self.assertAlmostEqual(ours["node_ntp_offset_seconds"], change.get("shift", 0), delta=0.5)
                self.assertTrue(0 <= ours["node_ntp_rtt_seconds"] < 1)
                self.assertEqual(ours["node_ntp_reference_timestamp_seconds"], ServerCase.begin - change.get("age", 64))

    def test_what_is_no_answer(self):
        with self.both(*self.flags()) as ask:
            for change in ({"length": 47}, {"length": 0}, {"mode": 3}, {"origin": b"12345678"}, {"sent": 0}, {"before": -5}):
                self.behave = lambda question, change=change: answer_to(question, **change)
                ours = self.same(ask())
                self.assertEqual(ours['node_scrape_collector_success{collector="ntp"}'], 0)

    def test_a_server_that_was_never_set(self):
        """Upstream takes a time of all zeros for 2036; here it is none."""
        self.behave = lambda question: answer_to(question, reference=0)
        with self.both(*self.flags()) as ask:
            (_, ours), (_, theirs) = ask()
        self.assertEqual((ours["node_ntp_sanity"], theirs["node_ntp_sanity"]), (0, 0))
        self.assertEqual(ours["node_ntp_reference_timestamp_seconds"], 0)


class Ours(ServerCase):
    def timed(self, port):
        begin = time.monotonic()
        return self.success(self.page(port), "ntp"), time.monotonic() - begin

    def test_questions_tell_nothing_and_differ(self):
        _, port = self.ours(*self.flags())
        for _ in range(3):
            self.page(port)
        self.assertEqual({question[:40] for question in self.questions}, {b"\xe3" + bytes(39)})
        self.assertEqual(len({question[40:] for question in self.questions}), 3)

    def test_ipv6(self):
        with contextlib.suppress(OSError):
            self.listen(socket.AF_INET6, "::1", self.port)
            _, port = self.ours(*self.flags("--collector.ntp.server=::1"))
            self.assertEqual(self.timed(port)[0], 1)

    def test_a_name(self):
        _, port = self.ours(*self.flags("--collector.ntp.server=localhost", "--collector.ntp.server-is-local"))
        self.assertEqual(self.timed(port)[0], 1)

    def test_nobody_listens(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
            unused.bind(("127.0.0.1", 0))
            self.port = unused.getsockname()[1]
        program, port = self.ours(*self.flags())
        for _ in range(3):
            good, took = self.timed(port)
            self.assertEqual(good, 0)
            self.assertLess(took, 0.9)
        self.assertEqual(len(re.findall("collector failed", program.output())), 1)
        self.assertIn("Connection refused", program.output())

    def test_late_and_never(self):
        for behave in (lambda question: time.sleep(1.6) or answer_to(question), lambda question: None):
            self.behave = behave
            program, port = self.ours(*self.flags())
            good, took = self.timed(port)
            self.assertEqual(good, 0)
            self.assertLess(took, 3)
            for _ in range(3):
                good, took = self.timed(port)
                self.assertEqual(good, 0)
                self.assertLess(took, 0.9)
            self.assertEqual(len(re.findall("collector failed", program.output())), 1)
            self.behave = lambda question: answer_to(question)
            until(lambda port=port: self.timed(port)[0] == 1, 20, "an answer that is in time")
            program.end()

    def test_garbage(self):
        generator = random.Random(1)
        self.behave = lambda question: generator.randbytes(generator.randrange(200))
        program, port = self.ours(*self.flags())
        for _ in range(50):
            self.assertEqual(self.timed(port)[0], 0)
        self.assertIsNone(program.process.poll())


if __name__ == "__main__":
    main()
