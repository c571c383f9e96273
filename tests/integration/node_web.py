"""What the tests of the node exporter's web side share: an exporter with a web configuration, certificates, passwords."""
import base64
import contextlib
import ctypes
import ctypes.util
import socket
import ssl
import subprocess

from harness import Case, Process, free_port, options, until

PROGRAM = "pifleet-node-exporter"
PAIR = "tls_server_config:\n  cert_file: own.pem\n  key_file: own.key\n"
SMALL = ("--collector.disable-defaults", "--collector.loadavg", "--collector.uname")


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def bcrypt(password, cost=4):
    library = ctypes.CDLL(ctypes.util.find_library("crypt"))
    library.crypt.restype = ctypes.c_char_p
    return library.crypt(password.encode(), f"$2b${cost:02}$abcdefghijklmnopqrstuu".encode()).decode()


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class WebCase(Case):
    def certificate(self, name, subject="localhost", issuer=None, authority=False):
        """NAME.pem and NAME.key in the test's folder, signed by ISSUER's or by itself."""
        at = lambda suffix: f"{self.folder}/{name}.{suffix}"  # noqa: E731
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", at("key")]
        extra = ["-addext", f"subjectAltName=DNS:{subject},IP:127.0.0.1",
                 "-addext", f"basicConstraints=critical,CA:{'TRUE' if authority else 'FALSE'}"]
        if not issuer:
            openssl("req", "-x509", *key, "-out", at("pem"), "-days", "2", "-subj", f"/CN={subject}", *extra)
            return
        openssl("req", "-new", *key, "-out", at("csr"), "-subj", f"/CN={subject}", *extra)
        openssl("x509", "-req", "-in", at("csr"), "-copy_extensions", "copy", "-days", "2", "-out", at("pem"),
                "-CA", f"{self.folder}/{issuer}.pem", "-CAkey", f"{self.folder}/{issuer}.key", "-CAcreateserial")

    def start(self, config, *flags):
        """Our exporter with this web configuration; its port."""
        port = free_port()
        path = self.file("web.yml", config)
        self.program = Process(self, [options.bin / PROGRAM, f"--web.config.file={path}",
                                      f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults",
                                      "--collector.loadavg", *flags])
        self.wait_listening(self.program, port)
        return port

    def wait_listening(self, program, port):
        def answers():
            self.assertIsNone(program.process.poll(), program.output())
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            return False

        until(answers, 20, "a listening port")

    def https(self, port, authority="ca", client=None, path="/metrics", headers=None):
        """(status, headers, body), the server proven by AUTHORITY, the client by the certificate CLIENT."""
        context = ssl.create_default_context(cafile=f"{self.folder}/{authority}.pem")
        if client:
            context.load_cert_chain(f"{self.folder}/{client}.pem", f"{self.folder}/{client}.key")
        with socket.create_connection(("127.0.0.1", port), 10) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as connection:
            fields = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n".encode())
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def run(*flags, program=None):
    """(exit code, stdout, stderr) of a run that ends by itself."""
    done = subprocess.run([str(program or options.bin / PROGRAM), *flags], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr
