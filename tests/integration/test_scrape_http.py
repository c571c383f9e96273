"""The HTTP options of a job: TLS, proxies, redirects, credentials, formats; a real nginx as front, and where Prometheus is there,
it is given the same configuration and must come to the same `up`."""
import gzip
import shutil
import socket
import subprocess
import unittest

from harness import Process, free_port, main, until
from http_doubles import PAGE, TEXT, Certificates, JobsCase, Jobs, Web, basic, wanting


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class ScrapeHttp(JobsCase):
    def test_tls(self):
        files = Certificates(self.folder)
        plain = Web(self, context=files.context())
        mutual = Web(self, context=files.context(clients=True))
        ca = f"ca_file: {files.path('ca.pem')}"
        own = f"cert_file: {files.path('client.pem')}, key_file: {files.path('client.key')}"
        jobs = Jobs()

        def https(name, target, up, tls, **more):
            jobs.add(name, target.address, up, "scheme: https", f"tls_config: {{{tls}}}", **more)

        https("named", plain, 1, f"{ca}, server_name: pi.lan")
        https("unnamed", plain, 0, ca, error="the certificate is for another name than '127.0.0.1'")
        https("other-name", plain, 0, f"{ca}, server_name: pi2.lan", error="another name than 'pi2.lan'")
        https("unknown-authority", plain, 0, "server_name: pi.lan", error="unknown authority")
        https("careless", plain, 1, "insecure_skip_verify: true")
        https("newest", plain, 1, f"{ca}, server_name: pi.lan, min_version: TLS13")
        https("mutual", mutual, 1, f"{ca}, server_name: pi.lan, {own}")
        https("mutual-without", mutual, 0, f"{ca}, server_name: pi.lan", error="client certificate")
        inline = "\n".join("        " + line for line in files.path("ca.pem").read_text().splitlines())
        jobs.add("inline", plain.address, 1, "scheme: https",
                 f"tls_config:\n      server_name: pi.lan\n      ca: |\n{inline}")
        self.run_jobs(jobs)
        self.compare_with_prometheus(jobs)

    def test_redirects(self):
        def moving(request):
            ways = {"/metrics": "moved?key=passw0rd", "/moved?key=passw0rd": "/page", "/loop": "/loop2", "/loop2": "/loop"}
            if request.path in ways:
                return 302, {"Location": ways[request.path]}, b"elsewhere\n"
            return 200, TEXT, PAGE

        target = Web(self, moving)
        other = Web(self)
        away = Web(self, lambda request: (307, {"Location": f"http://localhost:{other.port}/metrics"}, b""))
        jobs = Jobs()
        jobs.add("moved", target.address, 1)
        jobs.add("not-followed", target.address, 0, "follow_redirects: false", error="status 302")
        jobs.add("loop", target.address, 0, "metrics_path: /loop", error="redirect loop: ")
        jobs.add("away", away.address, 1, "basic_auth: {username: me, password: s3cret}",
                 "http_headers: {X-Public: {values: [a]}, X-Secret: {secrets: [s3cret]}}")
        self.run_jobs(jobs)
        self.assertEqual(away.asked[0][1]["Authorization"], basic("me", "s3cret"))
        for _, headers in list(other.asked):
            self.assertEqual(headers["X-Public"], "a")
            self.assertNotIn("s3cret", str(headers))
            self.assertNotIn("Authorization", headers)
        self.compare_with_prometheus(jobs)

    def test_proxies(self):
        files = Certificates(self.folder)
        target = Web(self, context=files.context())

        def tunnel(request):
            allowed = request.headers.get("Proxy-Authorization") == basic("me", "passw0rd")
            return (200, target.port) if allowed or request.headers.get("X-Key") == "s3cret" else (407, 0)

        proxy = Web(self, connect=tunnel)
        tls = f"tls_config: {{ca_file: {files.path('ca.pem')}}}"
        jobs = Jobs()
        jobs.add("plain", "far.invalid:9100", 1, f"proxy_url: 'http://{proxy.address}'")
        jobs.add("tunnel", "pi.lan:443", 1, "scheme: https", tls, f"proxy_url: 'http://me:passw0rd@{proxy.address}'")
        jobs.add("tunnel-header", "pi.lan:443", 1, "scheme: https", tls, f"proxy_url: 'http://{proxy.address}'",
                 "proxy_connect_header: {X-Key: [s3cret]}")
        jobs.add("refused", "pi.lan:443", 0, "scheme: https", tls, f"proxy_url: 'http://{proxy.address}'",
                 error="the proxy answered with status 407")
        jobs.add("gone", "far.invalid:9100", 0, f"proxy_url: 'http://127.0.0.1:{free_port()}'",
                 error="cannot connect to the proxy 127.0.0.1:")
        jobs.add("exempt", target.address, 1, "scheme: https", "tls_config: {insecure_skip_verify: true}",
                 f"proxy_url: 'http://127.0.0.1:{free_port()}'", "no_proxy: far.invalid")
        self.run_jobs(jobs)
        ways = [path for path, _ in proxy.asked]
        self.assertIn("http://far.invalid:9100/metrics", ways)
        self.assertIn("pi.lan:443", ways)
        self.compare_with_prometheus(jobs)

    def test_credentials_and_headers(self):
        jobs = Jobs()
        secret = self.file("secret", "s3cret\n")
        user = self.file("user", "me\n")
        for name, header, value, keys in (
            ("basic", "Authorization", basic("me", "s3cret"), ["basic_auth: {username: me, password: s3cret}"]),
            ("basic-files", "Authorization", basic("me", "s3cret"),
             [f"basic_auth: {{username_file: {user}, password_file: {secret}}}"]),
            ("token", "Authorization", "Token s3cret", [f"authorization: {{type: Token, credentials_file: {secret}}}"]),
            ("bearer", "Authorization", "Bearer s3cret", ["bearer_token: s3cret"]),
            ("header", "X-Key", "s3cret", [f"http_headers: {{X-Key: {{files: [{secret}]}}}}"]),
            ("identity", "Accept-Encoding", "identity", ["enable_compression: false"]),
            ("gzip", "Accept-Encoding", "gzip", []),
        ):
            jobs.add(name, Web(self, wanting(header, value)).address, 1, *keys)
        jobs.add("wrong", Web(self, wanting("Authorization", basic("me", "s3cret"))).address, 0,
                 "basic_auth: {username: me, password: passw0rd}", error="status 401")
        self.run_jobs(jobs)
        self.compare_with_prometheus(jobs)

    def test_formats(self):
        blank = Web(self, lambda request: (200, {}, PAGE))
        bomb = gzip.compress(b"a" * 10_000_000 + b" 1\n")
        packed = Web(self, lambda request: (200, {**TEXT, "Content-Encoding": "gzip"}, bomb))
        lists = {
            "all": [],
            "old": ["scrape_protocols: [PrometheusText0.0.4]"],
            "dots": ["scrape_protocols: [PrometheusText1.0.0, OpenMetricsText1.0.0]", "metric_name_escaping_scheme: dots"],
            "legacy": ["metric_name_validation_scheme: legacy", "metric_name_escaping_scheme: underscores"],
        }
        targets = {name: Web(self) for name in lists}
        jobs = Jobs()
        for name, keys in lists.items():
            jobs.add(name, targets[name].address, 1, *keys)
        jobs.add("blank", blank.address, 0, error="no Content-Type; if it is metrics all the same, set fallback_scrape_protocol")
        jobs.add("fallback", blank.address, 1, "fallback_scrape_protocol: PrometheusText0.0.4")
        jobs.add("bomb", packed.address, 0, "body_size_limit: 1MB", error="larger than 1048576 bytes (body_size_limit)")
        program, _ = self.run_jobs(jobs)
        program.end()
        ours = {name: target.asked[-1][1]["Accept"] for name, target in targets.items()}
        if self.compare_with_prometheus(jobs):
            theirs = {name: target.asked[-1][1]["Accept"] for name, target in targets.items()}
            self.assertEqual(ours, theirs)


class Nginx(JobsCase):
    def test_behind_nginx(self):
        program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
        if not program:
            raise unittest.SkipTest("no nginx: Debian's nginx-light has it")
        files = Certificates(self.folder)
        target, port, mutual = Web(self), free_port(), free_port()
        hashed = subprocess.run(["openssl", "passwd", "-apr1", "s3cret"], capture_output=True, check=True, text=True).stdout
        passwords = self.file("htpasswd", f"me:{hashed}")
        server = (f"ssl_certificate {files.path('server.pem')}; ssl_certificate_key {files.path('server.key')};"
                  f"location / {{ proxy_pass http://{target.address}; }}")
        config = self.file("nginx.conf", f"""
daemon off; master_process off; pid {self.folder}/nginx.pid; error_log stderr; events {{}}
http {{ access_log off;
  client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f;
  uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  server {{ listen 127.0.0.1:{port} ssl; auth_basic pi; auth_basic_user_file {passwords}; {server} }}
  server {{ listen 127.0.0.1:{mutual} ssl; ssl_verify_client on; ssl_client_certificate {files.path('ca.pem')}; {server} }}
}}
""")
        Process(self, [program, "-e", "stderr", "-c", config], name="nginx")
        until(lambda: listening(mutual), 10, "nginx")
        trust = f"ca_file: {files.path('ca.pem')}, server_name: pi.lan"
        own = f"cert_file: {files.path('client.pem')}, key_file: {files.path('client.key')}"
        auth = "basic_auth: {username: me, password: %s}"
        jobs = Jobs()
        jobs.add("right", f"127.0.0.1:{port}", 1, "scheme: https", f"tls_config: {{{trust}}}", auth % "s3cret")
        jobs.add("wrong", f"127.0.0.1:{port}", 0, "scheme: https", f"tls_config: {{{trust}}}", auth % "passw0rd",
                 error="status 401")
        jobs.add("known", f"127.0.0.1:{mutual}", 1, "scheme: https", f"tls_config: {{{trust}, {own}}}")
        jobs.add("unknown", f"127.0.0.1:{mutual}", 0, "scheme: https", f"tls_config: {{{trust}}}", error="status 400")
        self.run_jobs(jobs)
        self.compare_with_prometheus(jobs)


if __name__ == "__main__":
    main()
