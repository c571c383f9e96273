"""AWS Signature Version 4, for checking what came in and for making what tests send. The rules: AWS's "Create a signed AWS API
request"; held to AWS's own vectors in tests/conformance/sigv4."""
import calendar
import hashlib
import hmac
import re
import time
import urllib.parse

from doubles.base import Refuse

ALGORITHM = "AWS4-HMAC-SHA256"
UNRESERVED = "-._~"
SKEW = 300  # seconds
EXAMPLE = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")  # those of AWS's documentation


def encode(text, safe=""):
    return urllib.parse.quote(text, safe=UNRESERVED + safe)


def canonical_query(query):
    """query: as it stands in the URL."""
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    return "&".join(sorted(f"{encode(urllib.parse.unquote(name))}={encode(urllib.parse.unquote(value))}" for name,
                           value in pairs))


def canonical_request(method, path, query, headers, payload_hash):
    """path is encoded here once more than it comes, as every service but S3 wants it. headers: [(name, value), …], those that are
    signed."""
    lines = {}
    for name, value in headers:
        lines.setdefault(name.lower(), []).append(re.sub(" +", " ", value.strip()))
    names = sorted(lines)
    head = "".join(f"{name}:{','.join(lines[name])}\n" for name in names)
    return "\n".join([method, encode(path, "/") or "/", canonical_query(query), head, ";".join(names), payload_hash])


def string_to_sign(canonical, date, scope):
    return "\n".join([ALGORITHM, date, scope, hashlib.sha256(canonical.encode()).hexdigest()])


def signature(secret, scope, text):
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def sign(method, path, query, headers, body, credentials, region, service, now=None, token=None):
    """The headers to add to a request with these."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now if now is not None else time.time()))
    added = {"X-Amz-Date": date, **({"X-Amz-Security-Token": token} if token else {})}
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    signed = [*headers.items(), *added.items()]
    canonical = canonical_request(method, path, query, signed, hashlib.sha256(body).hexdigest())
    names = ";".join(sorted({name.lower() for name, _ in signed}))
    proof = signature(credentials[1], scope, string_to_sign(canonical, date, scope))
    return {**added, "Authorization": f"{ALGORITHM} Credential={credentials[0]}/{scope}, SignedHeaders={names}, Signature={proof}"}


def check(request, credentials, region, service, now, token=None):
    """Refuses with 403 in AWS's words what is not signed well; request is doubles.base.Request."""

    def no(kind, text):
        raise Refuse(403, text, {"message": text}, {"x-amzn-ErrorType": kind})

    found = re.fullmatch(ALGORITHM + r" Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})",
                         request.headers["Authorization"] or "")
    if not found:
        no("MissingAuthenticationTokenException", "Missing Authentication Token")
    key, day, its_region, its_service, names, proof = found.groups()
    names, date = names.split(";"), request.headers["X-Amz-Date"] or ""
    if key != credentials[0]:
        no("UnrecognizedClientException", "The security token included in the request is invalid.")
    if token is not None and request.headers["X-Amz-Security-Token"] != token:
        no("UnrecognizedClientException", "The security token included in the request is invalid.")
    if (its_region, its_service) != (region, service):
        no("SignatureDoesNotMatch",
           f"Credential should be scoped to a valid region and service, not '{its_region}/{its_service}'.")
    if not re.fullmatch(r"\d{8}T\d{6}Z", date) or date[:8] != day:
        no("IncompleteSignature", f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: {date}")
    age = now - calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    if abs(age) > SKEW:
        word = "Signature expired" if age > 0 else "Signature not yet current"
        no("InvalidSignatureException",
           f"{word}: {date} is {abs(int(age))} s {'earlier' if age > 0 else 'later'} than the server's clock")
    needed = {"host", *(name.lower() for name in request.headers if name.lower().startswith("x-amz-"))}
    if names != sorted(names) or not needed <= set(names):
        no("InvalidSignatureException",
           f"'{', '.join(sorted(needed - set(names)))}' must be a 'SignedHeader' in the AWS Authorization.")
    payload = hashlib.sha256(request.sent).hexdigest()
    if request.headers["X-Amz-Content-Sha256"] not in (None, payload):
        no("InvalidSignatureException", "The value passed in as x-amz-content-sha256 does not match the body.")
    signed = [(name, value) for name in names for value in request.headers.get_all(name, [])]
    scope = f"{day}/{its_region}/{its_service}/aws4_request"
    canonical = canonical_request(request.method, request.path, request.raw_query, signed, payload)
    if not hmac.compare_digest(signature(credentials[1], scope, string_to_sign(canonical, date, scope)), proof):
        no("SignatureDoesNotMatch",
           "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
           "Access Key and signing method. Consult the service documentation for details.")
