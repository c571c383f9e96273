"""How pifleet-node-exporter is asked: its flags and its pages, as node_exporter has them; and what it does instead of
serving: --once, --list-collectors, --compare."""
import concurrent.futures
import os
import re
import socket
import subprocess

from harness import Process, free_port, get, main, options, peer
from node_web import PAIR, PROGRAM, SMALL, WebCase, bcrypt, run

# The flags of a Raspberry Pi that runs node_exporter today.
TODAYS_FLAGS = """
--no-collector.arp --no-collector.bcache --no-collector.bonding --no-collector.buddyinfo --no-collector.conntrack
--collector.cpu --collector.cpufreq --collector.diskstats --no-collector.drbd --no-collector.edac
--no-collector.entropy --no-collector.filefd --collector.filesystem --no-collector.hwmon --no-collector.infiniband
--no-collector.interrupts --no-collector.ipvs --no-collector.ksmd --no-collector.loadavg --no-collector.logind
--no-collector.mdadm --collector.meminfo --no-collector.meminfo_numa --no-collector.mountstats
--no-collector.netclass --collector.netdev --no-collector.netstat --collector.nfs --collector.nfsd
--no-collector.ntp --no-collector.perf --no-collector.powersupplyclass --no-collector.pressure
--no-collector.processes --no-collector.qdisc --no-collector.rapl --no-collector.runit --no-collector.schedstat
--no-collector.sockstat --no-collector.softnet --no-collector.stat --no-collector.supervisord --no-collector.systemd
--no-collector.tcpstat --collector.textfile --collector.textfile.directory /opt/node_exporter/textfile
--collector.thermal_zone --no-collector.time --no-collector.timex --collector.uname --no-collector.vmstat
--no-collector.wifi --no-collector.xfs --no-collector.zfs
""".split()


class Flags(WebCase):
    def test_todays_flags_start_it(self):
        table = run("--list-collectors")[1]
        known = {line.split()[0] for line in table.splitlines()[1:]}
        switches = {flag.removeprefix("--no-").removeprefix("--") for flag in TODAYS_FLAGS if flag.count(".") == 1}
        lacking = sorted(name for name in (switch.removeprefix("collector.") for switch in switches) if name not in known)
        if lacking:
            self.skipTest("no collector of these names: " + ", ".join(lacking))
        _, port = self.node_exporter(*TODAYS_FLAGS)
        body = get(port, "/metrics")[2].decode()
        asked = re.findall('node_scrape_collector_success{collector="([^"]+)"}', body)
        for flag in TODAYS_FLAGS:
            if flag.count(".") == 1 and flag.startswith("--"):
                name = flag.split(".")[1]
                self.assertEqual(name in asked, not flag.startswith("--no-"), flag)

    def test_every_flag_of_the_web(self):
        """What node_exporter 1.11 has beside its collectors' flags, in both spellings."""
        for flags in (("--path.procfs=/proc", "--path.sysfs", "/sys", "--path.rootfs=/", "--path.udev.data=/run/udev/data",
                       "--runtime.gomaxprocs=1", "--log.level=warn", "--log.format", "json"),
                      ("--web.telemetry-path=/metrics", "--web.max-requests=40", "--web.disable-exporter-metrics",
                       "--no-web.systemd-socket", "--web.config.file=", "--no-collector.disable-defaults")):
            with self.subTest(flags=flags):
                _, port = self.node_exporter(*flags)
                self.assertEqual(get(port, "/metrics")[0], 200)

    def test_several_addresses(self):
        other = free_port()
        _, port = self.node_exporter(f"--web.listen-address=127.0.0.1:{other}", *SMALL)
        self.assertEqual([get(each, "/metrics")[0] for each in (port, other)], [200, 200])

    def test_a_wrong_flag_names_the_nearest(self):
        for flag, meant in (("--web.listen-adress=:1", "--web.listen-address"), ("--collector.loadvg", "--collector.loadavg"),
                            ("--no-collector.unme", "--no-collector.uname"), ("--web.max-request=1", "--web.max-requests")):
            code, _, err = run(flag)
            self.assertEqual(code, 1)
            self.assertIn(f"did you mean '{meant}'", err)
        for flags in (("--log.level=loud",), ("--log.format=xml",), ("--web.max-requests=many",), ("--web.config.file=/absent",)):
            code, _, err = run(*flags, "--web.listen-address=127.0.0.1:0")
            self.assertEqual(code, 1, flags)
            self.assertIn(flags[0].split("=")[1], err)

    def test_own_metrics_are_left_out(self):
        code, page, _ = run("--once", "--web.disable-exporter-metrics", *SMALL)
        self.assertEqual(code, 0)
        self.assertIn("\nnode_load1 ", page)
        self.assertNotIn("process_", page)

    def test_sockets_of_systemd(self):
        code, _, err = run("--web.systemd-socket", *SMALL)
        self.assertEqual(code, 1)
        self.assertIn("LISTEN_FDS", err)
        with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
            # The shell is what systemd does: the sockets from 3 on, the variables, then the program in its place.
            script = (f"exec 3<&{first.fileno()} 4<&{second.fileno()}; LISTEN_FDS=2 LISTEN_PID=$$ "
                      f"exec '{options.bin / PROGRAM}' --web.systemd-socket {' '.join(SMALL)}")
            process = subprocess.Popen(["bash", "-c", script], pass_fds=(first.fileno(), second.fileno()),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(process.wait)
            self.addCleanup(process.terminate)
            for each in (first, second):
                self.assertEqual(get(each.getsockname()[1], "/metrics")[0], 200)


class Pages(WebCase):
    def test_more_scrapes_than_allowed(self):
        os.mkdir(f"{self.folder}/proc")
        os.mkfifo(f"{self.folder}/proc/loadavg")
        _, port = self.node_exporter("--collector.disable-defaults", "--collector.loadavg",
                                     f"--path.procfs={self.folder}/proc", "--web.max-requests=1")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            first = pool.submit(get, port, "/metrics")
            with open(f"{self.folder}/proc/loadavg", "w") as file:  # opens when the first scrape has come to reading it
                status, _, body = get(port, "/metrics")
                self.assertEqual(status, 503)
                self.assertIn(b"1 scrapes are under way", body)
                self.assertEqual(get(port, "/")[0], 200)
                file.write("0.5 0.25 0.125 1/100 1000\n")
            self.assertIn(b"\nnode_load1 0.5\n", first.result(10)[2])

    def test_chosen_collectors(self):
        _, port = self.node_exporter(*SMALL)
        for query, families in (("collect[]=uname", {"node_uname_info"}), ("exclude[]=loadavg", {"node_uname_info"}),
                                ("collect%5B%5D=loadavg&collect[]=uname", {"node_uname_info", "node_load1"}),
                                ("exclude[]=nonsense", {"node_uname_info", "node_load1"})):
            with self.subTest(query=query):
                status, _, body = get(port, "/metrics?" + query)
                self.assertEqual(status, 200)
                found = {name for name in ("node_uname_info", "node_load1") if f"# TYPE {name} ".encode() in body}
                self.assertEqual(found, families)
        for query in ("collect[]=uname&exclude[]=loadavg", "collect[]=nonsense", "collect[]=cpu"):
            self.assertEqual(get(port, "/metrics?" + query)[0], 400, query)

    def test_as_node_exporter_answers(self):
        program, their_port = peer("PEER_NODE_EXPORTER"), free_port()
        Process(self, [program, f"--web.listen-address=127.0.0.1:{their_port}", *SMALL]).wait_ready(their_port, "/")
        _, port = self.node_exporter(*SMALL)
        gzip, open_metrics = {"Accept-Encoding": "gzip"}, {"Accept": "application/openmetrics-text;version=1.0.0"}
        text = {"Accept": "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"}
        for path, headers in (("/metrics", {}), ("/metrics", gzip), ("/metrics", text), ("/", {}), ("/absent/page", {}),
                              ("/metrics?collect[]=uname", {}), ("/metrics?exclude[]=uname", {}),
                              ("/metrics?collect[]=uname&exclude[]=loadavg", {}), ("/metrics?collect[]=nonsense", {}),
                              ("/metrics?collect[]=cpu", {}), ("/metrics?exclude[]=nonsense", {})):
            with self.subTest(path=path, headers=headers):
                theirs, ours = (get(each, path, headers) for each in (their_port, port))
                if path != "/absent/page":  # there every unknown path is the landing page; here a 404
                    self.assertEqual(ours[0], theirs[0])
                if path.startswith("/metrics") and ours[0] == 200:
                    self.assertEqual(ours[1].get("Content-Encoding"), theirs[1].get("Content-Encoding"))
                    self.assertEqual(ours[1]["Content-Type"].split(";")[:2], theirs[1]["Content-Type"].split(";")[:2])
        self.assertEqual(get(port, "/metrics", open_metrics)[1]["Content-Type"].split(";")[0], "application/openmetrics-text")

    def test_landing_page(self):
        _, port = self.node_exporter("--web.telemetry-path=/other", *SMALL)
        status, headers, body = get(port, "/")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn(b'<a href="/other">', body)
        self.assertEqual(get(port, "/other")[0], 200)
        self.assertEqual(get(port, "/metrics")[0], 404)


class Commands(WebCase):
    def their_port(self, *flags):
        port = free_port()
        Process(self, [peer("PEER_NODE_EXPORTER"), f"--web.listen-address=127.0.0.1:{port}", *flags]).wait_ready(port, "/")
        return port

    def test_once(self):
        code, page, err = run("--once", *SMALL)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("\nnode_load1 ", page)
        os.mkdir(f"{self.folder}/proc")  # a collector that fails shows on the page
        code, page, _ = run("--once", *SMALL, f"--path.procfs={self.folder}/proc")
        self.assertEqual(code, 0)
        self.assertIn('node_scrape_collector_success{collector="loadavg"} 0\n', page)

    def test_list(self):
        code, table, _ = run("--list-collectors", "--no-collector.cpu", f"--path.sysfs={self.folder}")
        self.assertEqual(code, 0)
        self.assertRegex(table, r"(?m)^loadavg +on +on +3 samples$")
        self.assertRegex(table, r"(?m)^cpu +on +off$")
        self.assertRegex(table, r"(?m)^hwmon +on +on +silent: cannot open .*: No such file or directory$")

    def test_compare_with_the_real_one(self):
        port = self.their_port(*SMALL)
        code, report, err = run("--compare", f"http://127.0.0.1:{port}/metrics", *SMALL)
        self.assertEqual((code, err), (0, ""), report)
        self.assertIn("nothing of theirs is missing here", report)
        self.assertRegex(report, "theirs: go_.*promhttp_")
        code, report, _ = run(f"--compare=http://127.0.0.1:{port}", *SMALL, "--no-collector.loadavg")
        self.assertEqual(code, 1)
        self.assertIn("families of theirs that are missing here:\n  node_load1 (gauge, 1 series)\n", report)
        self.assertIn('series of theirs that are missing here:\n  node_scrape_collector_duration_seconds{collector="loadavg"}',
                      report)
        code, report, _ = run(f"--compare=http://127.0.0.1:{port}", *SMALL, "--collector.stat")
        self.assertEqual(code, 0, report)
        self.assertIn("  node_boot_time_seconds (gauge, 1 series)", report)

    def test_compare_by_https_with_a_password(self):
        self.certificate("ca", "Home", authority=True)
        self.certificate("own", issuer="ca")
        port = self.start(PAIR + f"basic_auth_users:\n  me: {bcrypt('secret')}\n")
        os.environ["SSL_CERT_FILE"] = f"{self.folder}/ca.pem"
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE")
        flags = ("--collector.disable-defaults", "--collector.loadavg")
        self.assertEqual(run(f"--compare=https://me:secret@127.0.0.1:{port}/metrics", *flags)[0], 0)
        code, _, err = run(f"--compare=https://me:wrong@127.0.0.1:{port}/metrics", *flags)
        self.assertEqual(code, 1)
        self.assertIn("status 401", err)
        self.assertNotIn("wrong", err)

    def test_compare_with_nothing(self):
        for url in (f"http://127.0.0.1:{free_port()}/metrics", "ftp://x", "nonsense"):
            code, out, err = run("--compare", url)
            self.assertEqual((code, out), (1, ""))
            self.assertTrue(err.startswith("--compare: "), err)


if __name__ == "__main__":
    main()
