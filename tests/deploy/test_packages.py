"""The Debian packages on a Debian machine: lintian, installed, run as the hardened services they are, upgraded with an edited
configuration and with samples that wait, downgraded, removed, purged. The machine is debian_machine.py's.

    python3 tests/deploy/test_packages.py --bin build/release/bin [--release 12] [TestClass.test_name]
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import debian_machine
import harness

SERVICES = ("pifleet-node-exporter", "pifleet-k8s-state-exporter", "pifleet-forwarder")
KEY = "a-key-that-nobody-else-may-read"
release = "12"
PORT = 19291  # the machine has a network of its own
DPKGS_OWN = ("var/lib/dpkg/", "var/lib/systemd/", "var/cache/", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/.pwd.lock",
             "etc/machine-id", "etc/mtab", "etc/resolv.conf")
CONFIG = """
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ['127.0.0.1:9100']}]
remote_write:
  - url: http://127.0.0.1:19291/write
    authorization: {credentials_file: /etc/pifleet/keys/receiver}
    queue_config: {max_backoff: 1s}
"""


def build_packages(folder):
    """{name: file} of what CPack makes of the built tree."""
    for tool in ("cpack", "dpkg-shlibdeps", "dpkg-deb"):
        if not shutil.which(tool):
            raise unittest.SkipTest(f"needs {tool}")
    config = harness.options.bin.parent / "CPackConfig.cmake"
    done = subprocess.run(["cpack", "--config", config], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    shutil.rmtree(folder / "_CPack_Packages")
    return {file.name.split("_")[0]: file for file in sorted(folder.glob("*.deb"))}


def next_version(file, folder):
    """The same package as version 9.0, with a line more in each file that is a configuration."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", file, tree], check=True)
    control = tree / "DEBIAN/control"
    old = re.search(r"^Version: (.*)$", control.read_text(), re.M)[1]
    control.write_text(control.read_text().replace(old, "9.0"))
    conffiles = tree / "DEBIAN/conffiles"
    for name in conffiles.read_text().split() if conffiles.exists() else []:
        with open(tree / name.lstrip("/"), "a") as conffile:
            conffile.write("<!-- new in 9.0 -->\n" if name.endswith(".service") else "# new in 9.0\n")
    out = folder / file.name.replace(old, "9.0")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-b", tree, out], check=True, capture_output=True)
    shutil.rmtree(tree)
    return out


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        debian_machine.base_root(release)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="pifleet-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.debs = build_packages(cls.folder)
        cls.machine = debian_machine.Machine(release)
        cls.addClassCleanup(cls.machine.remove)
        cls.before = cls.files()
        for deb in cls.debs.values():
            shutil.copy(deb, cls.machine.root / "root")
        (cls.folder / "next").mkdir()
        (cls.machine.root / "root/next").mkdir()
        for deb in cls.debs.values():
            shutil.copy(next_version(deb, cls.folder / "next"), cls.machine.root / "root/next")
        cls.machine.boot()

    @classmethod
    def files(cls):
        """All that lies where packages, services and administrators put things."""
        found = set()
        for top in ("etc", "usr", "var/lib", "var/cache", "opt"):
            for folder, folders, names in os.walk(cls.machine.root / top):
                found |= {os.path.relpath(os.path.join(folder, name), cls.machine.root) for name in folders + names}
        return found

    def state(self, service, *properties):
        text = self.machine.run(f"systemctl show {service} -p {','.join(properties)}")
        return dict(line.split("=", 1) for line in text.splitlines())

    def active(self, service):
        return self.state(service, "ActiveState")["ActiveState"] == "active"

    def page(self, port, path="/metrics"):
        return self.machine.run(f"curl -sf --max-time 10 http://127.0.0.1:{port}{path}")

    def queue(self):
        return int(self.machine.run("du -sb /var/lib/pifleet/forwarder | cut -f1"))

    # The tests are one story, told in the order of their names.
    def test_1_lintian_has_nothing_to_say(self):
        if not shutil.which("lintian"):
            self.skipTest("needs lintian")
        done = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", *self.debs.values()], capture_output=True, text=True)
        self.assertEqual((done.stdout.strip(), done.returncode), ("", 0))

    def test_2_units_are_hardened(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("needs systemd-analyze")
        for service in SERVICES:
            unit = debian_machine.repository / f"deploy/systemd/{service}.service"
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
                                  capture_output=True, text=True)
            print("    " + done.stdout.strip().splitlines()[-1], file=sys.stderr)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_3_installed_they_run(self):
        self.machine.run("dpkg -i /root/*.deb")
        harness.until(lambda: self.active(SERVICES[0]) and self.active(SERVICES[2]), 30, "the services")
        self.assertIn("node_load1", self.page(9100))
        waiting = self.state(SERVICES[1], "ActiveState", "ConditionResult")
        self.assertEqual(waiting, {"ActiveState": "inactive", "ConditionResult": "no"})  # without a kubeconfig
        for service in SERVICES:
            self.assertEqual(self.machine.run(f"systemctl is-enabled {service}").strip(), "enabled")
            self.assertIn("NAME", self.machine.run(f"man {service} | cat"))
        for service in (SERVICES[0], SERVICES[2]):
            shown = self.state(service, "MainPID", "NRestarts", "WatchdogUSec")
            status = self.machine.run(f"cat /proc/{shown['MainPID']}/status")
            self.assertRegex(status, r"NoNewPrivs:\s1\n")
            self.assertRegex(status, r"Seccomp:\s2\n")
            self.assertRegex(status, r"CapBnd:\s0+\n")
            self.assertNotRegex(status, r"Uid:\s0")
            self.assertEqual((shown["NRestarts"], shown["WatchdogUSec"]), ("0", "1min"))

    def test_4_hardening_loses_nothing(self):
        """The families and series of the service, beside those of the same program by root without any confinement."""
        self.machine.run("systemd-run --unit=plain /usr/bin/pifleet-node-exporter --web.listen-address=127.0.0.1:9190")
        plain = harness.until(lambda: self.machine.succeeds("curl -sf 127.0.0.1:9190/") and self.page(9190), 20, "the plain exporter")
        hardened = self.page(9100)
        values = [{}, {}]
        for page, into in zip((plain, hardened), values):
            for line in page.splitlines():
                if not line.startswith("#"):
                    series, _, value = line.rpartition(" ")
                    into[series] = value
        self.assertGreater(len(values[0]), 300)
        self.assertEqual(set(values[0]), set(values[1]))
        for mount in ("/home", "/tmp"):
            series = next(s for s in values[0] if s.startswith("node_filesystem_size_bytes") and f'mountpoint="{mount}"' in s)
            self.assertEqual(values[0][series], values[1][series])
        still = re.compile(r"node_(filesystem_(size|files_total|readonly|device_error)|memory_MemTotal|uname|os|dmi|cpu_info|network_(up|mtu|info)|"
                           r"timex_(tick|status|sync)|arp|scrape_collector_success|boot_time|filefd_maximum|nf_conntrack_entries_limit)")
        for series, value in values[0].items():
            if still.match(series):
                self.assertEqual(values[1][series], value, series)
        self.machine.run("systemctl stop plain")

    def test_5_flags_and_tls(self):
        self.machine.run("printf 'tls_server_config: {cert_file: /etc/pifleet/web.crt, key_file: /etc/pifleet/web.key}\\n' >/etc/pifleet/web.yml && "
                         "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /etc/pifleet/web.key -out /etc/pifleet/web.crt "
                         "-subj /CN=localhost -days 2 && chgrp pifleet-node-exporter /etc/pifleet/web.* && chmod 640 /etc/pifleet/web.* && "
                         "sed -i 's/^ARGS=.*/ARGS=\"--web.config.file=\\/etc\\/pifleet\\/web.yml\"/' /etc/default/pifleet-node-exporter && "
                         "systemctl restart pifleet-node-exporter")
        self.assertIn("node_load1", self.machine.run("curl -skf https://127.0.0.1:9100/metrics"))
        self.machine.run("sed -i 's/^ARGS=.*/ARGS=\"\"/' /etc/default/pifleet-node-exporter && rm /etc/pifleet/web.* && "
                         "systemctl restart pifleet-node-exporter")

    def test_6_upgrade_with_an_edited_file_and_samples_that_wait(self):
        config = self.machine.root / "etc/pifleet/forwarder.yml"
        config.write_text(CONFIG)
        (self.machine.root / "etc/pifleet/keys/receiver").write_text(KEY + "\n")
        self.machine.run("chmod 600 /etc/pifleet/keys/receiver && systemctl restart pifleet-forwarder")
        harness.until(lambda: self.queue() > 20000, 60, "samples that wait on the disk")
        waiting, since = self.queue(), time.time() * 1000
        self.machine.run("dpkg --force-confdef --force-confold -i /root/next/*.deb")
        self.assertIn("9.0", self.machine.run("dpkg-query -W pifleet-forwarder"))
        self.assertEqual(config.read_text(), CONFIG)
        self.assertTrue(config.with_suffix(".yml.dpkg-dist").exists())
        self.assertIn("new in 9.0", (self.machine.root / "etc/avahi/services/pifleet-node-exporter.service").read_text())
        harness.until(lambda: self.active(SERVICES[2]), 30, "the upgraded forwarder")
        self.assertGreaterEqual(self.queue(), waiting)
        keys = set()
        receiver = harness.Receiver(self, listener=self.machine.listener(PORT),
                                    judge=lambda series, headers: keys.add(headers["Authorization"]) or 204)
        load = harness.until(lambda: receiver.samples("node_load1"), 30, "what waited")
        self.assertLess(min(load)[0], since)
        harness.until(lambda: max(receiver.samples("node_load1"))[0] > since, 30, "what came since")
        times = [moment for moment, _ in receiver.samples("node_load1")]
        self.assertEqual(receiver.faults, [])
        self.assertLess(max(b - a for a, b in zip(times, times[1:])), 30_000)  # a restart is no hole
        self.assertEqual(keys, {"Bearer " + KEY})
        pid = self.state(SERVICES[2], "MainPID")["MainPID"]
        self.assertFalse(self.machine.succeeds("setpriv --reuid=pifleet-forwarder --regid=pifleet-forwarder --clear-groups "
                                               "cat /etc/pifleet/keys/receiver"))
        self.assertNotIn(KEY, self.machine.run(f"tr '\\0' ' ' </proc/{pid}/cmdline; cat /proc/{pid}/environ; "
                                               "journalctl -u pifleet-forwarder | cat; curl -s 127.0.0.1:9095/api/status"))

    def test_7_a_service_that_is_killed_comes_back_and_one_that_hangs_too(self):
        for signal in ("KILL", "SEGV"):
            before = self.state(SERVICES[0], "MainPID")["MainPID"]
            self.machine.run(f"systemctl kill --kill-whom=main -s {signal} pifleet-node-exporter")
            harness.until(lambda: self.active(SERVICES[0]) and self.state(SERVICES[0], "MainPID")["MainPID"] not in (before, "0"),
                          30, "the exporter after SIG" + signal)
        harness.until(lambda: self.machine.succeeds("curl -sf 127.0.0.1:9100/metrics"), 20, "its page")
        # The watchdog, with less patience than the unit has.
        self.machine.run("mkdir -p /run/systemd/system/pifleet-node-exporter.service.d && printf '[Service]\\nWatchdogSec=2\\nRestartSec=100ms\\n'"
                         ">/run/systemd/system/pifleet-node-exporter.service.d/test.conf && systemctl daemon-reload && "
                         "systemctl restart pifleet-node-exporter && systemctl kill -s STOP pifleet-node-exporter")
        harness.until(lambda: self.state(SERVICES[0], "NRestarts")["NRestarts"] != "0" and self.active(SERVICES[0]), 60, "the watchdog")
        self.machine.run("rm -r /run/systemd/system/pifleet-node-exporter.service.d && systemctl daemon-reload && "
                         "systemctl restart pifleet-node-exporter")

    def test_8_downgrade(self):
        self.machine.run("dpkg --force-confdef --force-confold -i /root/*.deb")
        self.assertNotIn("9.0", self.machine.run("dpkg-query -W pifleet-forwarder"))
        self.assertEqual((self.machine.root / "etc/pifleet/forwarder.yml").read_text(), CONFIG)
        harness.until(lambda: self.active(SERVICES[0]) and self.active(SERVICES[2]), 30, "the services")
        self.assertIn("node_load1", self.page(9100))

    def test_9_disabled_stays_disabled_removed_leaves_settings_purged_leaves_nothing(self):
        self.machine.run("systemctl disable --now pifleet-node-exporter && dpkg --force-confdef --force-confold -i /root/next/*.deb")
        self.assertFalse(self.active(SERVICES[0]))
        self.assertEqual(self.machine.run("systemctl is-enabled pifleet-node-exporter || true").strip(), "disabled")
        names = " ".join(self.debs)
        self.machine.run(f"dpkg --remove {names}")
        self.assertTrue((self.machine.root / "etc/pifleet/forwarder.yml").exists())
        self.assertEqual(self.machine.run("ps -eo args | grep '[/]usr/bin/pifleet' || true"), "")
        self.machine.run(f"dpkg --purge {names}")
        left = {name for name in self.files() - self.before if not name.startswith(DPKGS_OWN)}
        self.assertEqual(left, set())
        self.assertNotIn("pifleet", self.machine.run("cat /etc/passwd /etc/group /etc/shadow; ls /run /var/lib"))


if __name__ == "__main__":
    if "--release" in sys.argv:
        at = sys.argv.index("--release")
        release = sys.argv[at + 1]
        del sys.argv[at:at + 2]
    harness.main()
