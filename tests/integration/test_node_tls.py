"""TLS and passwords by the exporter-toolkit's file, taken and refused as node_exporter does; nothing is renewed by a restart."""
import contextlib
import pathlib
import socket
import ssl
import time

from harness import Process, free_port, get, main, options, peer, until
from node_web import PAIR, PROGRAM, WebCase, basic, bcrypt


class Secured(WebCase):
    def setUp(self):
        super().setUp()
        self.certificate("ca", "Home", authority=True)
        self.certificate("own", issuer="ca")

    def test_tls_and_password(self):
        port = self.start(PAIR + f"basic_auth_users:\n  me: {bcrypt('secret')}\n"
                          "http_server_config:\n  headers:\n    X-Frame-Options: deny\n")
        status, headers, body = self.https(port)
        self.assertEqual((status, headers["WWW-Authenticate"], headers["X-Frame-Options"]), (401, "Basic", "deny"))
        self.assertNotIn(b"node_load1", body)
        for wrong in (basic("me", "Secret"), basic("you", "secret"), {"Authorization": "Bearer secret"},
                      {"Authorization": "Basic ???"}):
            self.assertEqual(self.https(port, headers=wrong)[0], 401)
        status, headers, body = self.https(port, headers=basic("me", "secret"))
        self.assertEqual((status, headers["X-Frame-Options"]), (200, "deny"))
        self.assertIn(b"node_load1 ", body)
        self.assertEqual(self.program.end(), 0, self.program.output())
        self.assertNotIn("secret", self.program.output().lower())

    def test_plain_http_is_told(self):
        self.assertEqual(get(self.start(PAIR), "/metrics")[0], 400)

    def test_renewed_without_restart(self):
        port = self.start(PAIR)
        self.assertEqual(self.https(port)[0], 200)
        self.certificate("other", "Another home", authority=True)
        self.certificate("own", issuer="other")
        with self.assertRaises(ssl.SSLError):
            self.https(port)
        self.assertEqual(self.https(port, authority="other")[0], 200)

    def test_passwords_changed_without_restart(self):
        port = self.start(f"basic_auth_users:\n  me: {bcrypt('secret')}\n")
        self.assertEqual(get(port, "/metrics", basic("me", "secret"))[0], 200)
        self.file("web.yml", f"basic_auth_users:\n  me: {bcrypt('changed')}\n")
        self.assertEqual(get(port, "/metrics", basic("me", "secret"))[0], 401)
        self.assertEqual(get(port, "/metrics", basic("me", "changed"))[0], 200)
        self.file("web.yml", "basic_auth_users: [me\n")  # a typing error neither shuts nor opens the door
        self.assertEqual(get(port, "/metrics", basic("me", "changed"))[0], 200)
        self.assertEqual(get(port, "/metrics")[0], 401)
        self.assertIn("web.yml:", self.program.output())

    def test_client_certificate(self):
        self.certificate("scraper", "scraper.home", issuer="ca")
        self.certificate("guest", "guest.home", issuer="ca")
        self.certificate("stranger", "scraper.home")
        port = self.start(PAIR + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
                          "  client_allowed_sans: [scraper.home]\n")
        self.assertEqual(self.https(port, client="scraper")[0], 200)
        for client in (None, "guest", "stranger"):
            with self.assertRaises(OSError, msg=client):
                self.https(port, client=client)

    def test_a_hash_does_not_hold_up_scrapes(self):
        port = self.start(f"basic_auth_users:\n  me: {bcrypt('secret', 4)}\n  slow: {bcrypt('slow', 13)}\n")
        self.assertEqual(get(port, "/metrics", basic("me", "secret"))[0], 200)
        with socket.create_connection(("127.0.0.1", port), 30) as waiting:
            fields = "".join(f"{k}: {v}\r\n" for k, v in basic("slow", "slow").items())
            began = time.monotonic()
            waiting.sendall(f"GET /metrics HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode())
            self.assertEqual(get(port, "/metrics", basic("me", "secret"))[0], 200)
            between = time.monotonic() - began
            self.assertTrue(waiting.recv(100).startswith(b"HTTP/1.1 200"))
            whole = time.monotonic() - began
        self.assertLess(between, whole / 2, "the remembered password waited for the other one's hash")
        began = time.monotonic()
        self.assertEqual(get(port, "/metrics", basic("slow", "slow"))[0], 200)
        self.assertLess(time.monotonic() - began, whole / 2, "a verified password is not computed again")

    def test_rate(self):
        port = self.start("rate_limit: {interval: 1h, burst: 2}\n")
        self.assertEqual([get(port, "/metrics")[0] for _ in range(4)], [200, 200, 429, 429])


# Web configuration files, and whether ours and node_exporter's take them.
HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
BOTH_TAKE = (
    "",
    PAIR,
    "tls_server_config: {}\n",
    PAIR + "  min_version: TLS10\n  max_version: TLS12\n  prefer_server_cipher_suites: true\n",
    PAIR + "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]\n  curve_preferences: [X25519]\n",
    PAIR + "  client_auth_type: VerifyClientCertIfGiven\n",
    PAIR + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  client_allowed_sans: [a, b]\n",
    f"basic_auth_users:\n  me: {HASH}\n",
    "basic_auth_users:\n",
    "http_server_config:\n  http2: false\n  headers:\n    Content-Security-Policy: default-src 'self'\n",
    "rate_limit: {interval: 1m30s, burst: 5}\n",
)
BOTH_REFUSE = (
    "web: {}\n",
    "tls_server_config: [own.pem]\n",
    "tls_server_config:\n  cert_file: own.pem\n",
    "tls_server_config:\n  cert_file: absent.pem\n  key_file: own.key\n",
    "tls_server_config:\n  cert_file: own.pem\n  key_file: ca.key\n",
    PAIR + "  client_auth_type: Sometimes\n",
    PAIR + "  client_ca_file: ca.pem\n",
    PAIR + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: absent.pem\n",
    PAIR + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
    PAIR + "  curve_preferences: [Curve448]\n",
    PAIR + "  min_version: '1.2'\n",
    "basic_auth_users:\n  me: secret\n",
    f"basic_auth_users:\n  me: {HASH}\n  me: {HASH}\n",
    "http_server_config:\n  headers:\n    Server: pi\n",
    "http_server_config:\n  headers:\n    X-Frame-Options: allow\n",
    "rate_limit: {interval: 1d}\n",
    "basic_auth_users: {me: [\n",
)
# Taken there, refused here: nobody could connect; a list of names which keeps nobody out (newer toolkits refuse it too).
OURS_REFUSES = (
    PAIR + "  min_version: TLS13\n  max_version: TLS12\n",
    PAIR + "  client_allowed_sans: [a]\n",
)


class Files(WebCase):
    def setUp(self):
        super().setUp()
        self.certificate("ca", "Home", authority=True)
        self.certificate("own")

    def takes(self, program, config):
        port = free_port()
        path = self.file("web.yml", config)
        run = Process(self, [program, f"--web.config.file={path}", f"--web.listen-address=127.0.0.1:{port}",
                             "--collector.disable-defaults", "--collector.loadavg"])

        def outcome():
            if run.process.poll() is not None:
                self.assertEqual(run.process.returncode, 1, run.output())
                return "refused"
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                time.sleep(0.2)  # node_exporter listens before it reads the file
                return "taken" if run.process.poll() is None else None
            return None

        result = until(outcome, 20, f"{program} with {config!r}")
        if result == "taken":
            run.end()
        return result, run.output()

    def check(self, program, expected):
        for configs, verdict in expected:
            for config in configs:
                with self.subTest(config=config):
                    result, output = self.takes(program, config)
                    self.assertEqual(result, verdict, output)

    def test_ours(self):
        self.check(options.bin / PROGRAM,
                   ((BOTH_TAKE, "taken"), (BOTH_REFUSE, "refused"), (OURS_REFUSES, "refused")))

    def test_theirs(self):
        program = peer("PEER_NODE_EXPORTER")
        self.check(program, ((BOTH_TAKE, "taken"), (BOTH_REFUSE, "refused"), (OURS_REFUSES, "taken")))

    def test_faults_have_places(self):
        for config in BOTH_REFUSE:
            with self.subTest(config=config):
                self.assertRegex(self.takes(options.bin / PROGRAM, config)[1], r"--web\.config\.file: .*web\.yml:\d+:\d+: ")


class Memory(WebCase):
    def test_plain_http_has_no_tls_loaded(self):
        program, _ = self.node_exporter()
        maps = pathlib.Path(f"/proc/{program.process.pid}/maps").read_text()
        for library in ("libssl", "libcrypto", "libcrypt.", "libyaml-cpp"):
            self.assertNotIn(library, maps)


if __name__ == "__main__":
    main()
