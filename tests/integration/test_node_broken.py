"""Folder machines whose files are missing, empty, cut short or garbage: one file after the other, and all at once. The
node exporter always answers with a whole page, and where a real node_exporter still shows a family, so does ours, but for
what stands in tests/conformance/node/exceptions.tsv (kind "broken")."""
import http.client
import pathlib
import re
import shutil
import subprocess
import sys

from harness import Case, Process, free_port, get, main, options, peer
from node_side_by_side import excepted, parse

CONFORMANCE = pathlib.Path(__file__).resolve().parents[1] / "conformance" / "node"
MACHINES = sorted(path.parent.name for path in CONFORMANCE.glob("*/flags"))
MACHINES.sort(key="server".__ne__)  # which has most of the tables
DAMAGES = {
    "missing": lambda path, content: path.unlink(),
    "empty": lambda path, content: path.write_bytes(b""),
    "cut": lambda path, content: path.write_bytes(content[:len(content) // 2 + 1]),
    "garbage": lambda path, content: path.write_bytes(b"\xff\0{\"= 9e999 \\\n\n\t::\n"),
}


def collectors(binary, flag):
    said = subprocess.run([binary, flag], capture_output=True, text=True, check=True)
    text = re.sub(r"\s+", " ", said.stdout + said.stderr)
    return set(re.findall(r"--(?:\[no-\])?collector\.(\w+) (?:Enable the \w+ collector \(default: enabled\)|Collect )", text))


class Pair:
    """A copy of a machine, with ours and theirs serving it."""

    def __init__(self, case, machine):
        self.case = case
        self.folder = folder = pathlib.Path(case.folder) / machine
        shutil.copytree(CONFORMANCE / machine, folder, symlinks=True)
        self.ours, self.theirs = options.bin / "pifleet-node-exporter", case.theirs
        both = collectors(self.theirs, "--help-long") & collectors(self.ours, "--help-all")
        # Of no folder: the clock and the name of the machine that the test runs on.
        both -= {"timex", "uname"}
        self.flags = ["--web.disable-exporter-metrics", "--collector.disable-defaults",
                      *(f"--collector.{name}" for name in sorted(both)),
                      f"--path.procfs={folder}/proc", f"--path.sysfs={folder}/sys", f"--path.rootfs={folder}/root",
                      f"--path.udev.data={folder}/udev", f"--collector.textfile.directory={folder}/textfile",
                      "--no-collector.netdev.netlink", "--no-collector.arp.netlink",
                      *(CONFORMANCE / machine / "flags").read_text().split("\n")[:-1]]
        self.our_port = self.start(self.ours)
        self.their_port = self.start(self.theirs)
        # What ours lacks of the whole machine is the golden tests' business.
        self.lacked = self.their_families().keys() - parse(get(self.our_port, "/metrics")[2].decode())[0].keys()

    def start(self, binary):
        port = free_port()
        program = Process(self.case, [binary, f"--web.listen-address=127.0.0.1:{port}", *self.flags])
        program.wait_ready(port, "/")
        return port

    def their_families(self):
        """None when it gives no page: some damage makes it end."""
        if self.their_port is None:
            self.their_port = self.start(self.theirs)
        try:
            status, _, body = get(self.their_port, "/metrics")
        except (OSError, http.client.HTTPException):
            self.their_port = None
            return None
        return parse(body.decode())[0] if status == 200 else None


class Broken(Case):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.theirs = peer("PEER_NODE_EXPORTER")
        self.promtool = peer("PEER_PROMTOOL")

    def compare(self, pair, what, lacking):
        page = get(pair.our_port, "/metrics")[2].decode()
        types, series = parse(page)  # strict: it raises where a line is none
        self.assertGreater(sum(name.startswith("node_scrape_collector_success") for name in series), 30, what)
        if lacking is None:
            return page
        theirs = pair.their_families()
        if theirs is None:
            print(f"    {what}: node_exporter gives no page", file=sys.stderr)
        for family in (theirs or {}).keys() - types.keys() - pair.lacked:
            if not excepted(family, "theirs", "broken"):
                lacking.setdefault(family, []).append(what)
        return page

    def check_well_formed(self, page, what):
        """promtool ends with 1 for what it cannot read, with 3 for what it would have named otherwise."""
        ran = subprocess.run([self.promtool, "check", "metrics"], input=page.encode(), capture_output=True, check=False)
        self.assertIn(ran.returncode, (0, 3), what + ": " + ran.stderr.decode()[:500])

    def test_all_files_at_once(self):
        lacking = {}
        for machine in MACHINES:
            pair = Pair(self, machine)
            files = [path for path in sorted(pair.folder.rglob("*")) if path.is_file() and not path.is_symlink()]
            contents = {path: path.read_bytes() for path in files}
            for name, damage in DAMAGES.items():
                for path, content in contents.items():
                    damage(path, content)
                page = self.compare(pair, f"{machine}, all {name}", lacking)
                self.check_well_formed(page, f"{machine}, all {name}")
                for path, content in contents.items():
                    path.write_bytes(content)
                # And all is well again.
                self.compare(pair, f"{machine} after all {name}", lacking)
        self.assertEqual("\n".join(f"{family}: {lacking[family][:3]}" for family in sorted(lacking)), "")

    def test_one_file_after_the_other(self):
        """Tables of /proc, each of one machine. Of a table that ends within a line upstream shows what stands before: here
        that is a failure, as half a table is no smaller table, so those pages are only looked at, not compared."""
        lacking, seen = {}, set()
        for machine in MACHINES:
            pair = Pair(self, machine)
            for path in sorted((pair.folder / "proc").rglob("*")):
                if not path.is_file() or path.is_symlink() or re.search(r"/proc/\d+/(stat|task)", str(path)):
                    continue
                table = str(path.relative_to(pair.folder))
                if table in seen:
                    continue
                seen.add(table)
                content = path.read_bytes()
                for name, damage in DAMAGES.items():
                    damage(path, content)
                    self.compare(pair, f"{machine}/{table} {name}", None if name == "cut" else lacking)
                    path.write_bytes(content)
        self.assertEqual("\n".join(f"{family}: {lacking[family][:3]}" for family in sorted(lacking)), "")


if __name__ == "__main__":
    main()
