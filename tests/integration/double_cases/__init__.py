"""What test_doubles.py sends to each double: one right request, taken from the vendor's text, and wrong ones.

A Vendor has `right` ({"body": bytes, "headers": {…}}), what it keeps of it, its status, and `wrong`: {what: (status, changes)},
where changes may be body, headers (None removes one), path, method, limit, now, and kept=True where the request is refused in
part only. `common` is derived: see wrongs().
"""
import dataclasses
import gzip
import http.client
import json


@dataclasses.dataclass
class Vendor:
    make: object
    right: dict
    keeps: list
    status: int
    wrong: dict
    codes: dict = dataclasses.field(default_factory=dict)  # of the common ones that this vendor answers in its own way; None: it does not apply
    now: float = None


COMMON = {"no key": 401, "wrong path": 404, "GET": 405, "unknown encoding": 415, "cut gzip": 400, "too large": 413,
          "not a body": 400}


def changes(what, vendor):
    body, headers = vendor.right["body"], vendor.right["headers"]
    secret = {name: None for name in headers if name.lower() not in ("content-type", "content-encoding", "user-agent")
              and "dataset" not in name.lower()
              and not name.startswith("X-Prometheus")}
    return {"no key": {"headers": secret}, "wrong path": {"path": "/nowhere"}, "GET": {"method": "GET"},
            "too large": {"limit": len(body) - 1},
            "unknown encoding": {"headers": {"Content-Encoding": "br"}}, "not a body": {"body": b"\xff\x00garbage"},
            "cut gzip": {"headers": {"Content-Encoding": "gzip"}, "body": gzip.compress(body)[:-3]}}[what]


def wrongs(vendor):
    """(what, status, changes) of every wrong request."""
    for what, status in {**COMMON, **vendor.codes}.items():
        if status is not None:
            yield what, status, changes(what, vendor)
    for what, (status, change) in vendor.wrong.items():
        yield what, status, change


def send(double, body, headers, path=None, method="POST", context=None):
    """(status, headers, body); status 0 when the connection was closed without an answer."""
    kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
    connection = kind("127.0.0.1", double.port, timeout=10, **({"context": context} if context else {}))
    try:
        connection.request(method, path or double.url_path, body if method != "GET" else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        return 0, {}, b""
    finally:
        connection.close()


def dumps(value):
    return json.dumps(value).encode()


def altered(value, path, new):
    """A copy of a JSON value with the item at path (a list of keys) replaced, or removed if new is ... ."""
    copy = json.loads(json.dumps(value))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if new is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return dumps(copy)
