"""oauth2: tokens are fetched once, renewed before they end and when they are refused; for scraping and sending alike."""
import time

from harness import Case, Receiver, main, until
from http_doubles import PAGE, TEXT, Jobs, JobsCase, TokenServer, Web, wanting


class Tokens(JobsCase):
    def test_a_token_is_fetched_once_however_the_server_takes_the_secret(self):
        servers = [TokenServer(self), TokenServer(self, in_form=True)]
        target = Web(self, wanting("Authorization", "Bearer token-1"))
        jobs = Jobs()
        jobs.add("by-header", target.address, 1, servers[0].key())
        jobs.add("by-form", target.address, 1, servers[1].key())
        jobs.add("denied", target.address, 0, servers[0].key("passw0rd"),
                 error=f"oauth2: cannot get a token from http://{servers[0].address}/t?x=***: status 401: invalid_client")
        self.run_jobs(jobs)
        self.assertEqual([server.given for server in servers], [1, 1])
        self.assertEqual(servers[0].asked[0][1]["Content-Type"], "application/x-www-form-urlencoded")

    def test_prometheus_agrees(self):
        server = TokenServer(self)
        target = Web(self, lambda request: (200, TEXT, PAGE) if "token-" in request.headers.get("Authorization", "")
                     else (401, {}, b""))
        jobs = Jobs()
        jobs.add("right", target.address, 1, server.key())
        jobs.add("denied", Web(self).address, 0, server.key("passw0rd"))
        self.run_jobs(jobs)
        self.compare_with_prometheus(jobs)

    def test_a_token_is_renewed_before_it_ends_and_when_it_is_refused(self):
        short = TokenServer(self, lifetime=11)  # renewed 10 s before its end
        revoking = TokenServer(self)
        newest = lambda server: lambda request: (  # noqa: E731
            (200, TEXT, PAGE) if request.headers.get("Authorization") == f"Bearer token-{server.given}" else (401, {}, b""))
        valid = [1]
        revoked = Web(self, lambda request: (200, TEXT, PAGE)
                      if request.headers.get("Authorization") == f"Bearer token-{valid[0]}" else (401, {}, b""))
        jobs = Jobs()
        jobs.add("short", Web(self, newest(short)).address, 1, short.key())
        jobs.add("revoked", revoked.address, 1, revoking.key())
        _, port = self.run_jobs(jobs)
        until(lambda: short.given >= 3, 10, "a third token")
        self.assertEqual(revoking.given, 1)
        valid[0] = 2
        until(lambda: revoking.given == 2, 10, "a token in place of the refused one")
        time.sleep(1.2)
        rows = self.rows(port)
        self.assertEqual({name: row["health"] for name, row in rows.items()}, {"short": "up", "revoked": "up"})
        self.assertEqual([row["failures"] for row in rows.values()], [0, 0])  # nobody has noticed
        self.assertEqual(revoking.given, 2)
        valid[0] = 99  # no token will do: one attempt a scrape
        until(lambda: self.rows(port)["revoked"]["health"] == "down", 10, "the target is down")
        self.assertIn("status 401", self.rows(port)["revoked"]["error"])


class Backends(Case):
    def test_remote_write_has_the_same_options(self):
        tokens = TokenServer(self)
        receiver = Receiver(self, judge=lambda series, headers: 204 if headers["Authorization"] == "Bearer token-1"
                            and headers["X-Scope"] == "s3cret" else 401)
        target = Web(self)
        proxy = Web(self, lambda request: (308, {"Location": receiver.url}, b""))
        program, port = self.forwarder(f"""
scrape_configs: [{{job_name: t, scrape_interval: 1s, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write:
  - url: http://127.0.0.1:{proxy.port}/moved
    {tokens.key()}
    http_headers: {{X-Scope: {{secrets: [s3cret]}}}}
    queue_config: {{batch_send_deadline: 100ms}}
""")
        until(lambda: receiver.samples("up"), 20, "samples by a redirect within the host, with token and header")
        self.assertEqual(receiver.faults, [])
        self.assertNotIn("s3cret", program.output())


if __name__ == "__main__":
    main()
