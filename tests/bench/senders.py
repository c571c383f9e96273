"""What stands in a lane of the bench: a house (pifleet_bench_house: targets and a receiver of remote_write) and one sender,
pifleet-forwarder or a peer, with the same job."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class House:
    """`ports`: {"targets": […], "sink": …, "https": …}."""

    def __init__(self, program, *flags):
        self.process = subprocess.Popen([str(program), *map(str, flags)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        self.ports = json.loads(self.process.stdout.readline() or '{"error": "the house did not start"}')

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"house, {command}: {answer['error']}")
        return answer

    def report(self):
        return self.tell("report")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Sender:
    """One of the programs that are compared. `batch`: samples a request; nothing: its own default."""

    name = ""

    def __init__(self, program, folder, house, interval=5.0, batch=None, authority=None):
        self.program, self.house, self.interval, self.batch, self.authority = program, house, interval, batch, authority
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=type(self).__name__.lower() + "-", dir=folder))
        self.data = self.folder / "data"
        self.data.mkdir()
        scheme, port = ("https", house.ports["https"]) if authority else ("http", house.ports["sink"])
        self.url = f"{scheme}://127.0.0.1:{port}/api/v1/write"
        self.process = None

    def start(self):
        """Starts it, or starts it again on what it has on the disk."""
        self.port = free_port()
        self.log = os.memfd_create(type(self).__name__)  # no file: what it logs is not what it writes to the disk
        config = self.folder / "config.yml"
        config.write_text(self.config())
        self.process = subprocess.Popen([str(word) for word in (self.program, *self.arguments(config))],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 30
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start:\n" + os.pread(self.log, 1 << 16, 0).decode())
            time.sleep(0.1)
        return self

    def ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/-/ready")
            return connection.getresponse().status == 200
        return False

    def end(self, how=signal.SIGTERM):
        """How many seconds it took to end."""
        if self.process is None or self.process.poll() is not None:
            return 0
        began = time.monotonic()
        self.process.send_signal(how)
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.log)
        return time.monotonic() - began

    def scraping(self):
        """The part of the configuration that all of them read alike."""
        targets = ", ".join(f"'127.0.0.1:{port}'" for port in self.house.ports["targets"])
        interval = f"{self.interval * 1000:.0f}ms"
        return (f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}\n"
                f"scrape_configs: [{{job_name: node, static_configs: [{{targets: [{targets}]}}]}}]\n")

    def writing(self, queue=""):
        """remote_write as Prometheus has it."""
        batch = [f"max_samples_per_send: {self.batch}"] if self.batch else []
        tls = f", tls_config: {{ca_file: '{self.authority}'}}" if self.authority else ""
        return f"remote_write: [{{url: '{self.url}'{tls}, queue_config: {{{', '.join([*batch, *filter(None, [queue])])}}}}}]\n"

    # What the kernel says of the process.

    def cpu_seconds(self):
        """Of all its threads since it started: its CPU clock, as clock_getcpuclockid(3) makes it."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def peak_bytes(self):
        return self.proc("status", "VmHWM:") * 1024

    def resident_bytes(self):
        return self.proc("status", "VmRSS:") * 1024

    def written_bytes(self):
        """Pages of files that it made dirty: what a card gets, in units of 4 KiB. (Not wchar, which counts sockets too.)"""
        return self.proc("io", "write_bytes:")

    def proc(self, file, key):
        rows = pathlib.Path(f"/proc/{self.process.pid}/{file}").read_text().split("\n")
        return int(next(row for row in rows if row.startswith(key)).split()[1])

    def stored_bytes(self):
        total = 0
        for path in self.data.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # gone in the meantime
                total += path.stat().st_size if path.is_file() else 0
        return total


class Pifleet(Sender):
    name = "pifleet"

    def config(self):
        return self.scraping() + self.writing()

    def arguments(self, config):
        return [f"--config.file={config}", f"--storage.path={self.data}", f"--web.listen-address=127.0.0.1:{self.port}"]


class Vmagent(Sender):
    name = "vmagent"

    def config(self):
        return self.scraping()

    def arguments(self, config):
        yield from (f"-promscrape.config={config}", f"-httpListenAddr=127.0.0.1:{self.port}",
                    f"-remoteWrite.url={self.url}", f"-remoteWrite.tmpDataPath={self.data}",
                    "-remoteWrite.forcePromProto=true")  # else it asks first whether zstd would do
        if self.batch:  # one queue and time to fill the block, as with the others
            yield from (f"-remoteWrite.maxRowsPerBlock={self.batch}", "-remoteWrite.queues=1",
                        "-remoteWrite.flushInterval=5s")
        if self.authority:
            yield f"-remoteWrite.tlsCAFile={self.authority}"


class Prometheus(Sender):
    name = "Prometheus agent"

    def config(self):
        return self.scraping() + self.writing("max_shards: 1" if self.batch else "")

    def arguments(self, config):
        return ["--agent", f"--config.file={config}", f"--storage.agent.path={self.data}",
                f"--web.listen-address=127.0.0.1:{self.port}"]
