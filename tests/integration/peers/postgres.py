"""PostgreSQL, as a user that is not root; passwords are checked (scram), encryption by a certificate on request."""
import csv
import io
import os
import pathlib
import pwd
import subprocess
import tempfile

from harness import Process, free_port, peer, until


class Postgres:
    """sql(text) gives rows as lists of texts. uri: for libpq. tls: (certificate, key) paths."""

    user, password, database = "pi", "s3cret", "pi"

    def __init__(self, case, *settings, tls=None):
        self.port = free_port()
        self.programs = {name: peer(f"PEER_{name}") for name in ("INITDB", "POSTGRES", "PSQL")}
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="postgres-", dir=case.folder))
        secret = case.file(f"password-{self.port}", self.password)
        flags = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.data}", "fsync=off",
                 "max_connections=20", "shared_buffers=8MB", *settings]
        if tls:
            flags += ["ssl=on", *(f"ssl_{what}_file={self.own(case, path, what)}" for what, path in zip(("cert", "key"), tls))]
        self.account = self.give_to_nobody(case, self.data, secret) if os.geteuid() == 0 else None
        done = subprocess.run([self.programs["INITDB"], "-D", self.data / "db", "-U", self.user, "--auth=scram-sha-256",
                               f"--pwfile={secret}",
                               "--no-sync", "-E", "UTF8", "--locale=C"], user=self.account, cwd="/", capture_output=True,
                              text=True, check=False)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        command = [self.programs["POSTGRES"], "-D", self.data / "db", *(part for flag in flags for part in ("-c", flag))]
        if self.account:
            command = ["setpriv", f"--reuid={self.account}", "--clear-groups", *command]
        self.process = Process(case, command, "postgres")
        until(lambda: self.process.process.poll() is not None or self.answers(), 30, "PostgreSQL")
        if self.process.process.poll() is not None:
            raise AssertionError(self.process.output())
        self.sql(f'CREATE DATABASE "{self.database}"', database="postgres")
        self.uri = f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    def own(self, case, path, what):
        copy = case.file(f"{what}-{self.port}.pem", pathlib.Path(path).read_text())
        copy.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(copy, pwd.getpwnam("nobody").pw_uid, -1)
        return copy

    @staticmethod
    def give_to_nobody(case, *paths):
        """PostgreSQL refuses root."""
        nobody = pwd.getpwnam("nobody").pw_uid
        os.chmod(case.folder, 0o755)
        for path in paths:
            os.chown(path, nobody, -1)
        return nobody

    def psql(self, text, database):
        environment = {**os.environ, "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10"}
        return subprocess.run([self.programs["PSQL"], "-X", "-q", "--csv", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                               str(self.port),
                               "-U", self.user, "-d", database, "-c", text], env=environment, capture_output=True, text=True,
                              check=False)

    def answers(self):
        return self.psql("SELECT 1", "postgres").returncode == 0

    def sql(self, text, database=None):
        done = self.psql(text, database or self.database)
        if done.returncode:
            raise AssertionError(done.stderr)
        return list(csv.reader(io.StringIO(done.stdout)))

    def end(self, *how):
        return self.process.end(*how)
