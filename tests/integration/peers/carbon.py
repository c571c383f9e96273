"""graphite-carbon: plaintext (with tags) over TCP; whisper files are read by whisper-fetch. One value a second, for RETENTION
back."""
import json
import pathlib
import subprocess

from harness import Process, free_port, peer, until
from peers import Peer

CONFIG = """
[cache]
STORAGE_DIR = {folder}
LOCAL_DATA_DIR = {folder}/whisper
CONF_DIR = {folder}
LOG_DIR = {folder}/log
PID_DIR = {folder}
USER =
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {port}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickle}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {query}
ENABLE_UDP_LISTENER = False
ENABLE_LOGROTATION = False
ENABLE_TAGS = False
TAG_HASH_FILENAMES = False
MAX_CACHE_SIZE = inf
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
CARBON_METRIC_INTERVAL = 0
LOG_UPDATES = False
"""
RETENTION = "1s:1h"


class Carbon(Peer):
    """Names are paths with their tags: samples("a.b", tag="v") or received() with labels from the tags. What came is on disk after
a second or so."""

    def __init__(self, case, retention=RETENTION):
        self.port = free_port()
        self.fetch = peer("PEER_WHISPER")
        self.folder = pathlib.Path(case.folder) / f"carbon-{self.port}"
        (self.folder / "log").mkdir(parents=True)
        (self.folder / "whisper").mkdir()
        (self.folder / "carbon.conf").write_text(CONFIG.format(folder=self.folder, port=self.port, pickle=free_port(),
                                                               query=free_port()))
        (self.folder / "storage-schemas.conf").write_text(f"[all]\npattern = .*\nretentions = {retention}\n")
        self.process = Process(case, [peer("PEER_CARBON"), f"--config={self.folder}/carbon.conf", "--nodaemon", "start"],
                               "carbon-cache")
        self.address = f"127.0.0.1:{self.port}"
        until(self.listens, 30, "carbon")

    def listens(self):
        if self.process.process.poll() is not None:
            raise AssertionError(self.process.output())
        inodes = pathlib.Path("/proc/net/tcp").read_text()
        return f"0100007F:{self.port:04X} 00000000:0000 0A" in inodes

    def received(self):
        found = {}
        for path in (self.folder / "whisper").rglob("*.wsp"):
            parts = path.relative_to(self.folder / "whisper").with_suffix("").parts
            text = parts[-1].replace("_DOT_", ".") if parts[0] == "_tagged" else ".".join(parts)
            name, *tags = text.split(";")
            said = json.loads(subprocess.run([self.fetch, "--json", "--from=0", str(path)], capture_output=True,
                                             check=True).stdout)
            values = [((said["start"] + at * said["step"]) * 1000, value) for at, value in enumerate(said["values"])
                      if value is not None]
            found[name, tuple(sorted(tag.partition("=")[::2] for tag in tags))] = values
        return found
