"""The collectors that ask over D-Bus, systemd and logind, beside the real node_exporter on a bus of our own with doubles of
both; and what becomes of a scrape when the bus or who is on it does not answer."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import unittest

from harness import get, main, until
from node_peer import PeerCase, Process

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="signal"/><allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/></policy></busconfig>
"""
DOUBLE = pathlib.Path(__file__).with_name("bus_double.py")
# Upstream's; Debian's package leaves out targets too.
UPSTREAM = r"--collector.systemd.unit-exclude=.+\.(automount|device|mount|scope|slice)"
EVERY_METRIC = ("--collector.systemd.enable-task-metrics", "--collector.systemd.enable-restarts-metrics",
                "--collector.systemd.enable-start-time-metrics")


def python_with_dbus():
    """Debian's python3-dbus is Debian's Python's, which need not be the one in the PATH."""
    for python in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            if subprocess.run([python, "-c", "import dbus, gi"], capture_output=True).returncode == 0:
                return python
    return None


PYTHON = python_with_dbus()
LACKING = "no dbus-daemon" if not shutil.which("dbus-daemon") else None if PYTHON else "no python3-dbus, python3-gi"


@unittest.skipIf(LACKING, LACKING)
class BusCase(PeerCase):
    def setUp(self):
        super().setUp()
        before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
        self.addCleanup(lambda: os.environ.pop("DBUS_SYSTEM_BUS_ADDRESS") if before is None
                        else os.environ.update(DBUS_SYSTEM_BUS_ADDRESS=before))
        self.path = f"{self.folder}/bus"
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=" + self.path

    def bus(self):
        config = self.file("bus.conf", CONFIG.format(self.path))
        self.daemon = Process(self, ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog"])
        until(lambda: os.path.exists(self.path), what="the bus")

    def double(self, **story):
        double = Process(self, [PYTHON, DOUBLE, json.dumps(story)], "double")
        until(lambda: "ready" in double.output() or double.process.poll() is not None, what="the double")
        self.assertIsNone(double.process.poll(), double.output())
        return double

    def timed_page(self, port):
        begin = time.monotonic()
        page = self.page(port)
        return page, time.monotonic() - begin


class SameAsTheReal(BusCase):
    def test_systemd(self):
        self.bus()
        self.double()
        for flags, least in (([UPSTREAM], 80), ([UPSTREAM, *EVERY_METRIC], 100),
                             (["--collector.systemd.unit-exclude=", *EVERY_METRIC], 110),
                             (["--collector.systemd.unit-include=ssh", UPSTREAM], 8),
                             ([r"--collector.systemd.unit-include=ssh\..*|.*timer", r"--collector.systemd.unit-exclude=.*socket"], 20),
                             (["--collector.systemd.unit-include=(ssh|cron).service", *EVERY_METRIC], 20),
                             (["--collector.systemd.unit-include="], 8)):
            with self.subTest(flags=flags):
                ours = self.compare("--collector.systemd", *flags, least=least)
                self.assertEqual(ours['node_systemd_units{state="reloading"}'], 1)

    def test_versions_and_states_of_systemd(self):
        self.bus()
        with self.both("--collector.systemd", UPSTREAM, *EVERY_METRIC) as ask:
            for story in ({"version": "257.7"}, {"version": "v255 (255.4-1)", "state": "degraded", "virtualization": ""},
                          {"version": "211"}, {"version": "none"}, {"fail": ["Version"]}, {"fail": ["Virtualization", "Type"]},
                          {"fail": ["SystemState"]}, {"fail": ["ListUnits"]}):
                with self.subTest(story=story):
                    double = self.double(**story)
                    ours = self.same(ask())
                    good = not set(story.get("fail", [])) & {"SystemState", "ListUnits"}
                    self.assertEqual(ours['node_scrape_collector_success{collector="systemd"}'], good)
                    double.end()

    def test_logind(self):
        self.bus()
        self.double()
        ours = self.compare("--collector.logind", least=200)
        self.assertEqual(ours['node_logind_sessions{class="user",remote="true",seat="",type="tty"}'], 2)
        self.assertEqual(sum(value for key, value in ours.items() if key.startswith("node_logind_sessions")), 7)

    def test_logind_that_refuses(self):
        self.bus()
        with self.both("--collector.logind") as ask:
            for refused, good in (("ListSeats", 0), ("ListSessions", 0), ("Class", 1)):
                with self.subTest(refused=refused):
                    double = self.double(fail=[refused])
                    ours = self.same(ask())
                    self.assertEqual(ours['node_scrape_collector_success{collector="logind"}'], good)
                    double.end()

    def test_many_units(self):
        """More questions than the bus lets a client have open (128)."""
        self.bus()
        self.double(units=500)
        self.compare("--collector.systemd", UPSTREAM, *EVERY_METRIC, least=4500)


class WithoutAnswer(BusCase):
    flags = ("--collector.systemd", "--collector.logind", "--collector.uname")

    def check_failed(self, page, *collectors):
        for name in collectors:
            self.assertEqual(self.success(page, name), 0)
        self.assertEqual(self.success(page, "uname"), 1)

    def check_said_once(self, program):
        for name in ("systemd", "logind"):
            self.assertEqual(len(re.findall(f"collector failed.*collector={name}", program.output())), 1, program.output())

    def test_no_bus(self):
        program, port = self.ours(*self.flags)
        for _ in range(3):
            page, took = self.timed_page(port)
            self.check_failed(page, "systemd", "logind")
            self.assertLess(took, 1)
        self.check_said_once(program)
        self.bus()  # it comes later
        self.double()
        page = self.page(port)
        self.assertEqual((self.success(page, "systemd"), self.success(page, "logind")), (1, 1))
        self.assertIn("collector works again", program.output())

    def test_a_bus_that_never_says_a_word(self):
        mute = socket.socket(socket.AF_UNIX)
        self.addCleanup(mute.close)
        mute.bind(self.path)
        mute.listen()
        self.check_hung()

    def test_a_bus_that_talks_nonsense(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path)
        listener.listen()

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.recv(4096)
                connection.sendall(b"\xff\0garbage\r\n" * 1000)
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        _, port = self.ours(*self.flags)
        for _ in range(3):
            self.check_failed(self.timed_page(port)[0], "systemd", "logind")

    def test_services_that_hang(self):
        self.bus()
        double = self.double(hang=["ListUnits", "ListSessions"])
        program, port = self.check_hung()
        double.end()  # its end is an answer of the bus
        self.double()
        until(lambda: self.success(self.page(port), "systemd") + self.success(self.page(port), "logind") == 2, 30, "an answer")
        self.assertIn("collector works again", program.output())

    def test_one_property_that_hangs(self):
        self.bus()
        self.double(hang=["NAccepted"])
        _, port = self.ours(*self.flags)
        page, took = self.timed_page(port)
        self.check_failed(page, "systemd")
        self.assertEqual(self.success(page, "logind"), 1)
        self.assertLess(took, 4)

    def check_hung(self):
        program, port = self.ours(*self.flags)
        page, took = self.timed_page(port)
        self.check_failed(page, "systemd", "logind")
        self.assertLess(took, 7)  # two of 2 s
        for _ in range(3):
            page, took = self.timed_page(port)
            self.check_failed(page, "systemd", "logind")
            self.assertLess(took, 1)
        self.check_said_once(program)
        return program, port

    def test_it_stops_at_once_while_something_hangs(self):
        self.bus()
        self.double(hang=["ListUnits"])
        program, port = self.ours(*self.flags)
        self.page(port)
        begin = time.monotonic()
        self.assertEqual(program.end(), 0)
        self.assertLess(time.monotonic() - begin, 3)

    def test_libsystemd_is_loaded_by_who_asks(self):
        self.bus()
        self.double()
        loaded = lambda program: "libsystemd" in pathlib.Path(f"/proc/{program.process.pid}/maps").read_text()  # noqa: E731
        program, port = self.ours("--collector.uname", "--collector.drbd")
        get(port, "/metrics")
        self.assertFalse(loaded(program))
        program, port = self.ours(*self.flags)
        self.assertFalse(loaded(program))
        get(port, "/metrics")
        self.assertTrue(loaded(program))


if __name__ == "__main__":
    main()
