"""Token servers: Microsoft Entra's client credentials and Google's service accounts.

    tokens.given        how many tokens were given; tokens.lifetime  their expires_in; tokens.expire()  those given so far are good no more
    tokens.good(request) whether a request carries a live one; double.tokens = tokens makes an ingestion's double ask it
"""
import base64
import hashlib
import json
import pathlib
import subprocess
import tempfile
import urllib.parse

from doubles.base import Answer, Double, Refuse
from doubles.shapes import strict_json


class Tokens(Double):
    content_types = ("application/x-www-form-urlencoded",)
    bad_type = 400
    lifetime = 3599

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.given, self.live = 0, {}

    def authorized(self, request):
        return True

    def form(self, request):
        pairs = urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)
        if len(dict(pairs)) != len(pairs):
            raise self.no(400, "invalid_request", "a parameter twice")
        return dict(pairs)

    def no(self, status, error, text):
        return Refuse(status, text, {"error": error, "error_description": text})

    def words(self, code, why):
        return {"error": "invalid_request" if code < 500 else "temporarily_unavailable", "error_description": why}

    def give(self, **more):
        self.given += 1
        token = f"token-{self.given}"
        self.live[token] = self.now() + self.lifetime
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime, **more})

    def expire(self):
        with self.lock:
            self.live.clear()

    def good(self, request):
        scheme, _, token = (request.headers["Authorization"] or "").partition(" ")
        return scheme == "Bearer" and self.live.get(token, 0) > self.now()


class EntraTokens(Tokens):
    """learn.microsoft.com, "OAuth 2.0 client credentials flow": the form's four fields; AADSTS numbers of its reference."""

    tenant, client, scope = "tenant-1", "client-1", "https://monitor.azure.com//.default"

    @property
    def url_path(self):
        return f"/{self.tenant}/oauth2/v2.0/token"

    def take(self, request):
        form = self.form(request)
        for name in ("grant_type", "client_id", "client_secret", "scope"):
            if not form.get(name):
                raise self.no(400, "invalid_request",
                              f"AADSTS900144: The request body must contain the following parameter: '{name}'.")
        if set(form) - {"grant_type", "client_id", "client_secret", "scope"}:
            raise self.no(400, "invalid_request", f"unknown parameter in {sorted(form)}")  # form ours
        if form["grant_type"] != "client_credentials":
            raise self.no(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
        if form["client_id"] != self.client:
            raise self.no(400, "unauthorized_client",
                          f"AADSTS700016: Application with identifier '{form['client_id']}' was not found in the directory.")
        if form["client_secret"] != self.key:
            raise self.no(401, "invalid_client",
                          f"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client "
                          f"secret value, not the client secret ID, for a secret added to app '{self.client}'.")
        if form["scope"] != self.scope:
            raise self.no(400, "invalid_scope",
                          f"AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope {form['scope']} is not valid.")
        return self.give(ext_expires_in=self.lifetime)


class GoogleTokens(Tokens):
    """developers.google.com, "Using OAuth 2.0 for server to server applications": an RS256 JWT of a service account.
    account(folder) writes the key file that the user would have downloaded, and gives its path."""

    url_path = "/token"
    email, scope = "pi@home.iam.gserviceaccount.com", "https://www.googleapis.com/auth/monitoring.write"
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    DIGEST = bytes.fromhex("3031300d060960864801650304020105000420")  # DigestInfo of SHA-256: RFC 8017, 9.2

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.private = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        self.modulus = int(openssl("rsa", "-noout", "-modulus", text=self.private).partition("=")[2], 16)
        self.key_id = hashlib.sha1(self.private.encode()).hexdigest()

    def account(self, folder):
        path = pathlib.Path(folder) / "service-account.json"
        path.write_text(json.dumps({"type": "service_account", "project_id": "home", "private_key_id": self.key_id,
                                    "private_key": self.private,
                                    "client_email": self.email, "client_id": "1", "token_uri": self.url}))
        path.chmod(0o600)
        return path

    def take(self, request):
        form = self.form(request)
        if form.get("grant_type") != self.grant:
            raise self.no(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
        if set(form) != {"grant_type", "assertion"}:
            raise self.no(400, "invalid_request", "Missing required parameter: assertion")
        parts = form["assertion"].split(".")
        if len(parts) != 3 or "=" in form["assertion"]:
            raise self.no(400, "invalid_grant", "Invalid JWT: not three parts of base64url")
        header, claims = (strict_json(unbase64(part)) for part in parts[:2])
        if header.get("alg") != "RS256" or header.get("typ", "JWT") != "JWT" or header.get("kid", self.key_id) != self.key_id:
            raise self.no(400, "invalid_grant", "Invalid JWT Signature.")
        if claims.get("iss") != self.email:
            raise self.no(400, "invalid_grant", "Invalid grant: account not found")
        if not self.proves(".".join(parts[:2]).encode(), unbase64(parts[2])):
            raise self.no(400, "invalid_grant", "Invalid JWT Signature.")
        if claims.get("aud") != self.url:
            raise self.no(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        if claims.get("scope") != self.scope:
            raise self.no(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        start, end = claims.get("iat"), claims.get("exp")
        whole = isinstance(start, int) and isinstance(end, int)
        if not whole or not 0 < end - start <= 3600 or not start - 300 <= self.now() < end:
            raise self.no(400, "invalid_grant",
                          "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat "
                          "and exp values in the JWT claim.")
        if set(claims) - {"iss", "scope", "aud", "iat", "exp", "sub"}:
            raise self.no(400, "invalid_grant", f"unknown claims in {sorted(claims)}")  # form ours
        return self.give()

    def proves(self, signed, proof):
        size = (self.modulus.bit_length() + 7) // 8
        if len(proof) != size:
            return False
        digest = self.DIGEST + hashlib.sha256(signed).digest()
        wanted = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
        return pow(int.from_bytes(proof, "big"), 65537, self.modulus).to_bytes(size, "big") == wanted


def unbase64(text):
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, text=""):
    return subprocess.run(["openssl", *arguments], input=text, check=True, capture_output=True, text=True).stdout


def sign_jwt(private, header, claims):
    """For tests: a JWT signed by this key (PEM) with the openssl program."""
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(private)
        file.flush()
        proof = subprocess.run(["openssl", "dgst", "-sha256", "-sign", file.name], input=signed.encode(), check=True,
                               capture_output=True).stdout
    return f"{signed}.{base64url(proof)}"
