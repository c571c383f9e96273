"""Doubles that check proofs of identity: AWS's signatures, held to AWS's vectors; Entra's and Google's token servers."""
import hashlib
import json
import pathlib
import time
import urllib.parse

from double_cases import remote_write, send
from doubles import sigv4, tokens
from doubles.remote_write import AmazonPrometheus, AzureMonitor
from harness import Case, main

VECTORS = pathlib.Path(__file__).parents[1] / "conformance/sigv4/vectors.json"


class Auth(Case):
    def test_amazons_vectors(self):
        known = json.loads(VECTORS.read_text())
        self.assertGreaterEqual(len(known["vectors"]), 20)
        for vector in known["vectors"]:
            with self.subTest(vector["name"]):
                payload = hashlib.sha256(vector["body"].encode()).hexdigest()
                canonical = sigv4.canonical_request(vector["method"], vector["path"], vector["query"], vector["headers"], payload)
                scope = f"{known['date'][:8]}/{known['region']}/{vector['service']}/aws4_request"
                text = sigv4.string_to_sign(canonical, known["date"], scope)
                self.assertEqual((canonical, text), (vector["canonical_request"], vector["string_to_sign"]))
                self.assertEqual(sigv4.signature(known["secret_key"], scope, text), vector["signature"])

    def test_signatures_that_are_no_good(self):
        double = AmazonPrometheus(self)
        double.token = "session"
        vendor = remote_write.CASES["AmazonPrometheus"]
        body, path, host = vendor.right["body"], double.url_path, {"Host": f"127.0.0.1:{double.port}"}
        double.now = lambda: vendor.now

        def ask(secret=double.credentials[1], region=double.region, service="aps", late=0, token="session", sent=body, **more):
            added = sigv4.sign("POST", path, "", host, body, (double.credentials[0], secret), region, service, vendor.now - late,
                               token)
            status, _, answer = send(double, sent, {**vendor.right["headers"], **host, **added, **more})
            return status, json.loads(answer).get("message", "") if answer else ""

        self.assertEqual(ask(), (200, ""))
        for change, words in (({"secret": "other"}, "does not match the signature"), ({"region": "us-east-1"}, "valid region"),
                              ({"service": "monitoring"}, "valid region and service"), ({"late": 301}, "expired"),
                              ({"late": -301}, "not yet current"),
                              ({"token": None}, "security token"), ({"token": "other"}, "security token"), ({"sent": body + b"x"},
                                                                                                            "does not match"),
                              ({"X-Amz-Meta": "unsigned"}, "must be a 'SignedHeader'"), ({"X-Amz-Content-Sha256": "0"},
                                                                                         "must be a 'SignedHeader'")):
            with self.subTest(change=list(change)):
                status, message = ask(**change)
                self.assertEqual(status, 403)
                self.assertIn(words, message)
        self.assertEqual(len(double.received()), 1)

    def test_entra(self):
        server = tokens.EntraTokens(self)
        form = {"grant_type": "client_credentials", "client_id": "client-1", "client_secret": "s3cret",
                "scope": "https://monitor.azure.com//.default"}
        head = {"Content-Type": "application/x-www-form-urlencoded"}

        def ask(headers=head, path=None, **change):
            fields = {name: value for name, value in {**form, **change}.items() if value is not None}
            status, _, answer = send(server, urllib.parse.urlencode(fields), headers, path)
            return status, json.loads(answer)

        status, answer = ask()
        self.assertEqual((status, answer["token_type"], answer["expires_in"], server.given), (200, "Bearer", 3599, 1))
        for change, code, words in (({"client_secret": "other"}, 401, "AADSTS7000215"), ({"client_id": "other"}, 400,
                                                                                         "AADSTS700016"),
                                    ({"scope": "https://monitor.azure.com/.default"}, 400, "AADSTS70011"),
                                    ({"grant_type": "password"}, 400, "AADSTS70003"),
                                    ({"client_id": None}, 400, "AADSTS900144"), ({"scope": None}, 400, "AADSTS900144"),
                                    ({"client_secret": None}, 400, "AADSTS900144"),
                                    ({"resource": "x"}, 400, "unknown parameter"), ({"path": "/other/oauth2/v2.0/token"}, 404,
                                                                                    "no such path"),
                                    ({"headers": {"Content-Type": "application/json"}}, 400, "content type")):
            with self.subTest(change=list(change)):
                status, refusal = ask(**change)
                self.assertEqual(status, code)
                self.assertIn(words, refusal["error_description"])
        self.assertEqual((server.given, len(server.refused)), (1, 10))
        self.use(server, answer["access_token"])

    def use(self, server, token):
        """Ingestion asks the token server."""
        double = AzureMonitor(self)
        double.tokens = server
        vendor = remote_write.CASES["AzureMonitor"]
        double.now = lambda: vendor.now
        ask = lambda bearer: send(double, vendor.right["body"], {**vendor.right["headers"],
                                                                 "Authorization": f"Bearer {bearer}"})[0]  # noqa: E731
        self.assertEqual([ask("token-99"), ask(token)], [401, 204])
        server.expire()
        self.assertEqual(ask(token), 401)

    def test_google(self):
        server = tokens.GoogleTokens(self)
        account = json.loads(server.account(self.folder).read_text())
        other = tokens.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        now = int(time.time())
        good = {"iss": account["client_email"], "scope": server.scope, "aud": account["token_uri"], "iat": now, "exp": now + 3600}
        head = {"alg": "RS256", "typ": "JWT", "kid": account["private_key_id"]}

        def ask(private=account["private_key"], header=head, grant=server.grant, cut=0, **change):
            claims = {name: value for name, value in {**good, **change}.items() if value is not None}
            jwt = tokens.sign_jwt(private, header, claims)
            status, _, answer = send(server, urllib.parse.urlencode({"grant_type": grant, "assertion": jwt[:len(jwt) - cut]}),
                                     {"Content-Type": "application/x-www-form-urlencoded"})
            return status, json.loads(answer)

        status, answer = ask()
        self.assertEqual((status, answer["access_token"], server.given), (200, "token-1", 1), answer)
        for change in ({"private": other}, {"header": {**head, "alg": "HS256"}}, {"header": {**head, "kid": "x"}},
                       {"grant": "client_credentials"},
                       {"iss": "other@home"}, {"aud": "https://oauth2.googleapis.com/token"}, {"scope": "email"},
                       {"exp": now + 3700}, {"exp": None},
                       {"iat": now - 7200, "exp": now - 3600}, {"iat": now + 3000, "exp": now + 3600}, {"cut": 4},
                       {"admin": True}):
            with self.subTest(change=list(change)):
                status, refusal = ask(**change)
                self.assertEqual(status, 400, refusal)
                self.assertIn(refusal["error"], ("invalid_grant", "invalid_scope", "unsupported_grant_type"))
        self.assertEqual(server.given, 1)


if __name__ == "__main__":
    main()
