"""Folder machines whose files are missing, empty, cut short or garbage: one file after the other, and all at once. The
node exporter always answers with a whole page, and where a real node_exporter still shows a family, so does ours, but for
what stands in tests/conformance/node/exceptions.tsv (kind "broken": of a file that was cut or is garbage, upstream shows
what it could read; ours shows nothing of it and says that its collector failed)."""
import pathlib
import re
import shutil
import subprocess
import unittest

from harness import Case, Process, free_port, get, main, options, peer
from node_side_by_side import excepted, parse

CONFORMANCE = pathlib.Path(__file__).resolve().parents[1] / "conformance" / "node"
MACHINES = sorted(path.parent.name for path in CONFORMANCE.glob("*/flags"))
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


class Broken(Case):
    def setUp(self):
        super().setUp()
        self.theirs = peer("PEER_NODE_EXPORTER")
        self.promtool = peer("PEER_PROMTOOL")

    def pair(self, machine):
        """A copy of the machine; ports of ours and theirs that serve it."""
        folder = pathlib.Path(self.folder) / machine
        shutil.copytree(CONFORMANCE / machine, folder, symlinks=True)
        both = collectors(self.theirs, "--help-long") & collectors(options.bin / "pifleet-node-exporter", "--help-all")
        # Of folders no files, or of this machine whatever the folder says.
        both -= {"timex", "uname"}
        flags = ["--web.disable-exporter-metrics", "--collector.disable-defaults",
                 *(f"--collector.{name}" for name in sorted(both)),
                 f"--path.procfs={folder}/proc", f"--path.sysfs={folder}/sys", f"--path.rootfs={folder}/root",
                 f"--path.udev.data={folder}/udev", f"--collector.textfile.directory={folder}/textfile",
                 "--no-collector.netdev.netlink", "--no-collector.arp.netlink",
                 *(CONFORMANCE / machine / "flags").read_text().split("\n")[:-1]]
        ports = []
        for binary in (options.bin / "pifleet-node-exporter", self.theirs):
            port = free_port()
            program = Process(self, [binary, f"--web.listen-address=127.0.0.1:{port}", *flags])
            program.wait_ready(port, "/")
            ports.append(port)
        return folder, *ports

    def compare(self, what, ours, theirs, kinds, lacking):
        page = get(ours, "/metrics")[2].decode()
        types, series = parse(page)  # strict: it raises where a line is none
        self.assertGreater(sum(name.startswith("node_scrape_collector_success") for name in series), 30, what)
        their_answer = get(theirs, "/metrics")
        if their_answer[0] != 200:
            return page  # it gave up: there is nothing that we could lack
        for family in parse(their_answer[2].decode())[0].keys() - types.keys():
            if not excepted(family, *kinds):
                lacking.setdefault(family, []).append(what)
        return page

    def check_well_formed(self, page, what):
        """promtool ends with 1 for what it cannot read, with 3 for what it would have named otherwise."""
        ran = subprocess.run([self.promtool, "check", "metrics"], input=page.encode(), capture_output=True, check=False)
        self.assertIn(ran.returncode, (0, 3), what + ": " + ran.stderr.decode()[:500])

    def test_all_files_at_once(self):
        lacking = {}
        for machine in MACHINES:
            folder, ours, theirs = self.pair(machine)
            files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
            contents = {path: path.read_bytes() for path in files}
            for name, damage in DAMAGES.items():
                for path, content in contents.items():
                    damage(path, content)
                page = self.compare(f"{machine}, all {name}", ours, theirs, ("theirs", "broken"), lacking)
                self.check_well_formed(page, f"{machine}, all {name}")
                for path, content in contents.items():
                    path.write_bytes(content)
            self.check_well_formed(self.compare(machine, ours, theirs, ("theirs",), lacking), machine)
        self.assertEqual(lacking, {})

    def test_one_file_after_the_other(self):
        """Tables of /proc: what a collector makes of a table is seen in its families."""
        lacking = {}
        for machine in MACHINES:
            folder, ours, theirs = self.pair(machine)
            for path in sorted((folder / "proc").rglob("*")):
                if not path.is_file() or path.is_symlink() or re.search(r"/proc/\d+/(stat|task)", str(path)):
                    continue
                content = path.read_bytes()
                for name, damage in DAMAGES.items():
                    damage(path, content)
                    kinds = ("theirs",) if name in ("missing", "empty") else ("theirs", "broken")
                    what = f"{path.relative_to(folder.parent)} {name}"
                    self.check_well_formed(self.compare(what, ours, theirs, kinds, lacking), what)
                    path.write_bytes(content)
        self.assertEqual(lacking, {})


if __name__ == "__main__":
    main()
