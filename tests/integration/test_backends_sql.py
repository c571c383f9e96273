"""SQL: every sample is in the real PostgreSQL exactly once, whatever happens on the way to it: the server killed, an answer lost,
a second run that repeats what the first has sent, a partition in the way. And what the owner is told of a wrong entry.

One server for all tests, which takes long to make on a loaded machine; each test has a database of its own."""
import itertools
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import STALE, Case, Process, Receiver, Target, free_port, main, options, page, until
from http_doubles import Certificates
from peers.postgres import Postgres

QUEUE = "queue_config: {batch_send_deadline: 50ms, min_backoff: 20ms, max_backoff: 200ms}"
STALE_HEX = f"{STALE:016x}"
DAY = 86_400
PATIENCE = 90  # seconds: what a machine with ten times its load may need
ROWS = """SELECT name, labels->>'kind', (extract(epoch FROM ts) * 1000)::bigint, encode(float8send(value), 'hex')
          FROM samples JOIN series ON id = series_id WHERE labels->>'job' = 'pi' ORDER BY ts"""


class Shared:
    """Where the server lives: until the last test has ended."""

    addCleanup, server, numbers = staticmethod(unittest.addModuleCleanup), None, itertools.count()

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pifleet-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.certificates = Certificates(self.folder)
        self.server = Postgres(self, tls=(self.certificates.path("server.pem"), self.certificates.path("server.key")))

    def file(self, name, text):
        path = pathlib.Path(self.folder) / name
        path.write_text(text)
        return path

    def again(self):
        self.server.process = Process(self, self.server.process.process.args, "postgres")
        self.addCleanup(self.server.end, signal.SIGINT)  # it would wait for its clients
        until(self.server.answers, PATIENCE, "PostgreSQL again")

    @classmethod
    def get(cls):
        cls.server = cls.server or cls()
        return cls.server


class Database:
    def __init__(self):
        shared = Shared.get()
        self.server, self.certificates = shared.server, shared.certificates
        self.name, self.port = f"pi_{next(Shared.numbers)}", self.server.port
        self.server.sql(f'CREATE DATABASE "{self.name}"', database="postgres")

    def sql(self, text):
        return self.server.sql(text, self.name)


class Gate:
    """Lets connections to a server through; with `lose` the next answer that would say "INSERT" is swallowed, and the
    connection with it: the server has done it, nobody knows."""

    def __init__(self, case, port):
        self.server, self.lose, self.lost = port, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.loop, daemon=True).start()
        case.addCleanup(self.listener.close)

    def loop(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.through, args=(client,), daemon=True).start()

    def through(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.server))
        except OSError:
            return client.close()
        with client, server:
            ways = [threading.Thread(target=self.pass_on, args=way, daemon=True)
                    for way in ((client, server, False), (server, client, True))]
            for way in ways:
                way.start()
            for way in ways:
                way.join()
        return None

    def pass_on(self, one, other, answers):
        try:
            while data := one.recv(65536):
                if answers and self.lose and b"INSERT 0" in data:
                    self.lose -= 1
                    self.lost += 1
                    break
                other.sendall(data)
        except OSError:
            pass
        for connection in (one, other):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Scene(Case):
    def setUp(self):
        super().setUp()
        self.scrapes, self.more, self.gone = 0, "", False
        self.target, self.scraped = Target(self, page(self.text)), Receiver(self)

    def text(self):
        self.scrapes += 1
        if self.gone:
            return "no page"
        return (f'n {self.scrapes}\nn{{kind="half"}} {self.scrapes}.5\nodd{{kind="nan"}} NaN\nodd{{kind="inf"}} -Inf\n'
                f'odd{{kind="say \\"hi\\" \\\\ ü"}} 1e300\n{self.more}')

    def start(self, server, more=", sslmode: disable", password="s3cret", port=0, database="", storage="data"):
        """`server`: a Database, or None; `port`: of what stands in its place."""
        database = database or (server.name if server else "pi")
        secret = self.file("secret", password + "\n")
        config = self.file("forwarder.yml", f"""
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
clock: {{check: false}}
scrape_configs: [{{job_name: pi, static_configs: [{{targets: ['{self.target.address}']}}]}}]
remote_write: [{{url: '{self.scraped.url}', {QUEUE}}}]
backends:
  - {{name: sql, protocol: postgres, host: 127.0.0.1, port: {port or server.port}, database: {database},
      user: pi, password_file: '{secret}', {QUEUE} {more}}}
""")
        self.port = free_port()
        self.program = Process(self, [options.bin / "pifleet-forwarder", f"--config.file={config}",
                                      f"--web.listen-address=127.0.0.1:{self.port}", f"--storage.path={self.folder}/{storage}"])
        return self.program.wait_ready(self.port, "/-/ready")

    def backend(self):
        return self.status(self.port)["backends"][1]

    def rows(self, server):
        """{(name, kind): [(time, bits of the value in hex), …]}"""
        found = {}
        if server.sql("SELECT to_regclass('samples')") == [[""]]:
            return found
        for name, kind, time_ms, bits in server.sql(ROWS):
            found.setdefault((name, kind), []).append((int(time_ms), bits))
        return found

    def wanted(self):
        """The same of what the receiver of remote_write has got, to whom nothing happens."""
        with self.scraped.lock:
            return {(dict(labels)["__name__"], dict(labels).get("kind", "")): [(at, f"{bits:016x}") for at, bits in samples]
                    for labels, samples in self.scraped.series.items()}

    def check_all(self, server, more=2):
        """What was scraped until now, and some scrapes more, is in the database, each sample once and to the bit."""
        count = len(self.scraped.samples("n", kind="half")) + more
        until(lambda: len(self.scraped.samples("n", kind="half")) >= count, PATIENCE, f"scrapes: {self.program.output()}")
        wanted = self.wanted()

        def whole():
            rows = self.rows(server)
            return all(set(samples) <= set(rows.get(series, [])) for series, samples in wanted.items())

        until(whole, PATIENCE, f"all samples: {self.program.output()}")
        for series, samples in self.rows(server).items():
            self.assertEqual(len(samples), len({at for at, _ in samples}), series)
        self.assertEqual(sum(self.backend()["dropped"].values()), 0)


class PostgreSql(Scene):
    def test_every_sample_is_read_back_bit_by_bit(self):
        server = Database()
        self.start(server)
        self.check_all(server, 4)
        self.gone = True  # the target fails: its series end
        until(lambda: any(bits == STALE_HEX for _, bits in self.rows(server).get(("n", ""), [])), PATIENCE, "stale markers")
        rows = self.rows(server)
        self.assertEqual({bits for _, bits in rows["odd", "nan"]} - {STALE_HEX}, {"7ff8000000000001"})
        self.assertEqual({bits for _, bits in rows["odd", "inf"]} - {STALE_HEX}, {"fff0000000000000"})
        self.assertEqual({bits for _, bits in rows["odd", 'say "hi" \\ ü']} - {STALE_HEX}, {"7e37e43c8800759c"})
        self.assertEqual(sum(self.backend()["left_out"].values()), 0)
        parts = server.sql("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'samples'::regclass")
        self.assertIn([time.strftime("samples_%Y%m%d", time.gmtime())], parts)
        self.assertEqual(server.sql("SELECT count(*) FROM samples_other"), [["0"]])

    def test_a_server_that_is_killed_and_comes_back(self):
        server = Database()
        self.start(server)
        self.check_all(server)
        shared = Shared.get()
        shared.server.end(signal.SIGINT)
        until(lambda: self.backend()["state"] == "retrying", PATIENCE)
        shared.again()
        self.check_all(server)

    def test_lost_answers_and_a_second_run_repeat_nothing(self):
        server = Database()
        gate = Gate(self, server.port)
        self.start(server, port=gate.port)
        self.check_all(server)
        gate.lose = 3
        until(lambda: gate.lost == 3, PATIENCE, "three answers lost")
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pifleet-forwarder'")
        self.check_all(server)
        self.assertGreaterEqual(self.backend()["failures"], 3)

    def test_what_was_sent_before_is_sent_again_to_no_effect(self):
        server = Database()
        gate = Gate(self, server.port)
        self.start(server, port=gate.port)
        self.check_all(server)
        gate.lose = 1_000_000  # from now on all of it is taken, and for all the forwarder knows nothing is
        until(lambda: gate.lost > 1, PATIENCE, "lost answers")
        self.assertEqual(self.program.end(signal.SIGTERM), 0)
        shutil.copytree(f"{self.folder}/data", f"{self.folder}/copy")
        for storage in ("data", "copy"):
            self.start(server, storage=storage)
            self.check_all(server)
            self.assertEqual(self.program.end(signal.SIGTERM), 0)

    def test_retention_drops_days_and_what_it_would_drop_is_not_sent(self):
        server = Database()
        self.start(server)
        now = int(time.time())
        self.more = "".join(f'old{{days="{days}"}} {days} {(now - days * DAY) * 1000}\n' for days in (1, 3, 10, 800))
        until(lambda: server.sql("SELECT count(*) FROM pg_class WHERE relname = 'samples'") == [["1"]], PATIENCE)
        until(lambda: len(server.sql("SELECT DISTINCT value FROM samples JOIN series ON id = series_id WHERE name = 'old'")) == 4,
              PATIENCE, "old samples")
        self.assertEqual(server.sql("SELECT count(*) FROM samples_other"), [["1"]])  # of 800 days ago
        self.more = ""
        self.program.end(signal.SIGTERM)
        self.more = f'old{{days="4"}} 4 {(now - 4 * DAY) * 1000}\n'
        self.start(server, ", retention: 2d", storage="other")
        left = "SELECT value FROM samples JOIN series ON id = series_id WHERE name = 'old'"
        until(lambda: server.sql(left) == [["1"]], PATIENCE, "only yesterday's is left")
        until(lambda: self.backend()["left_out"]["too_old"] > 0, PATIENCE)
        days = server.sql("SELECT relname FROM pg_class WHERE relname ~ '^samples_[0-9]+$' AND relkind = 'r'")
        self.assertEqual(len(days), 2)
        self.assertEqual(server.sql("SELECT count(*) FROM samples_other"), [["0"]])

    def test_by_tls_with_a_certificate_that_is_checked(self):
        server = Database()
        certificates = server.certificates
        self.start(server, f", sslmode: verify-ca, tls_config: {{ca_file: '{certificates.path('ca.pem')}'}}")
        self.check_all(server)
        self.program.end(signal.SIGTERM)
        self.start(server, f", sslmode: verify-full, tls_config: {{ca_file: '{certificates.path('ca.pem')}'}}")
        until(lambda: self.backend()["state"] == "retrying", PATIENCE)
        self.assertIn("127.0.0.1", self.backend()["error"])


class Mistakes(Scene):
    def told(self, state, *words):
        until(lambda: self.backend()["state"] == state, PATIENCE, f"{state}: {self.backend()}")
        for word in words:
            self.assertIn(word, self.backend()["error"])
        self.assertEqual(sum(self.backend()["dropped"].values()), 0)
        self.assertEqual(self.program.end(signal.SIGTERM), 0)

    def test_a_wrong_password_a_missing_database_and_a_user_without_rights(self):
        server = Database()
        self.start(server, password="wrong")
        self.told("denied", "password authentication failed", "28P01")
        self.assertNotIn("wrong", self.program.output())
        self.start(server, database="other")
        self.told("denied", '"other" does not exist', "CREATE DATABASE")
        server.sql("CREATE TABLE series (id text); CREATE TABLE samples (series_id text)")
        self.start(server)
        self.told("denied", "are not ours")

    def test_no_server_and_one_that_says_nothing(self):
        self.start(None, port=free_port())
        self.told("retrying", "refused")
        silent = Target(self, lambda connection: connection.recv(1) and time.sleep(30))
        self.start(None, ", remote_timeout: 1s", port=silent.port)
        self.told("retrying", "no answer in time")

    def test_no_module(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(options.bin / "pifleet-forwarder", folder)
            before, options.bin = options.bin, folder_path(folder)
            try:
                self.start(None, port=free_port())
            finally:
                options.bin = before
            self.told("denied", "pifleet-forwarder-postgres.so")

    def test_nothing_is_loaded_that_is_not_asked_for(self):
        needed = subprocess.run(["ldd", options.bin / "pifleet-forwarder"], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("libpq", needed)


def folder_path(text):
    return type(options.bin)(text)


if __name__ == "__main__":
    main()
