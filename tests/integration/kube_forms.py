"""The three forms in which the API server sends objects: whole, metadata only, and the Table whose rows hold what kubectl
prints of them and their metadata; and the Status bodies of its errors, all as captured."""
import base64
import calendar
import json
import time

from kube_store import CAPTURES, dump, part

END = {"k8s.io/initial-events-end": "true"}


class Whole:
    """Object after object as it is stored."""
    rows = b'"items":['

    def __init__(self, resource):
        self.resource = resource
        self.tag = b'{"kind":' + dump(resource.kind) + b',"apiVersion":' + dump(resource.api_version)
        self.list_tag = b'{"kind":' + dump(resource.kind + "List") + b',"apiVersion":' + dump(resource.api_version)

    def head(self, rv, token="", remaining=None):
        metadata = {"resourceVersion": str(rv)}
        if token:
            metadata["continue"] = token
        if remaining is not None:
            metadata["remainingItemCount"] = remaining
        return self.list_tag + b',"metadata":' + dump(metadata) + b"," + self.rows

    def item(self, item):
        return item.body

    def single(self, item, first=False):
        """The object alone, as an event or the answer to a GET has it."""
        return self.tag + b"," + item.body[1:] if item.body.startswith(b"{") else item.body

    def event(self, kind, item, first=False):
        return b'{"type":' + dump(kind) + b',"object":' + self.single(item, first) + b"}\n"

    def bookmark(self, rv, end=False):
        blank = self.resource.bookmark
        metadata = {**blank.get("metadata", {}), "resourceVersion": str(rv)}
        if end:
            metadata["annotations"] = {**metadata.get("annotations", {}), **END}
        return b'{"type":"BOOKMARK","object":' + self.tag + b"," + dump({**blank, "metadata": metadata})[1:] + b"}\n"


class MetadataOnly(Whole):
    tag = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1"'

    def __init__(self, resource):
        super().__init__(resource)
        self.tag = MetadataOnly.tag
        self.list_tag = b'{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1"'

    def item(self, item):
        return self.tag + b',"metadata":' + dump(part(item.object(), "metadata") or {}) + b"}"

    def single(self, item, first=False):
        return self.item(item)

    def bookmark(self, rv, end=False):
        metadata = {"resourceVersion": str(rv), **({"annotations": END} if end else {})}
        return b'{"type":"BOOKMARK","object":' + self.tag + b',"metadata":' + dump(metadata) + b"}}\n"


class Table(Whole):
    """Of secrets: name, type, number of keys, age; the column heads stand in a list and in a watch's first event."""
    rows = b'"rows":['

    def __init__(self, resource, include="Metadata"):
        super().__init__(resource)
        self.include = include
        self.list_tag = b'{"kind":"Table","apiVersion":"meta.k8s.io/v1"'
        captured = json.loads((CAPTURES / "table-list-secrets.json").read_bytes())
        self.columns = dump(captured["columnDefinitions"])

    def head(self, rv, token="", remaining=None):
        whole = super().head(rv, token, remaining)
        return whole[:-len(self.rows)] + b'"columnDefinitions":' + self.columns + b"," + self.rows

    def item(self, item):
        object_ = item.object()
        cells = [item.name, part(object_, "type") or "", len(part(object_, "data") or {}), age(object_)]
        return self.row(cells, self.row_object(item, object_))

    def row_object(self, item, object_):
        if self.include == "None":
            return b"null"
        if self.include == "Object":
            return super().single(item)
        return MetadataOnly.tag + b',"metadata":' + dump(part(object_, "metadata") or {}) + b"}"

    def row(self, cells, object_):
        return b'{"cells":' + dump(cells) + b',"object":' + object_ + b"}"

    def around(self, rv, row, columns):
        return (self.list_tag + b',"metadata":' + dump({"resourceVersion": str(rv)}) + b',"columnDefinitions":' + columns +
                b"," + self.rows + row + b"]}")

    def single(self, item, first=False):
        return self.around(item.rv, self.item(item), self.columns if first else b"null")

    def bookmark(self, rv, end=False):
        metadata = {"resourceVersion": str(rv), **({"annotations": END} if end else {})}
        row = self.row(["", "", 0, "<unknown>"], MetadataOnly.tag + b',"metadata":' + dump(metadata) + b"}")
        return b'{"type":"BOOKMARK","object":' + self.around(rv, row, b"null") + b"}\n"


def negotiate(accept, include, resource):
    """The form that an Accept header asks for; None for one that is not served."""
    for wanted in (accept or "*/*").split(","):
        kind, *parameters = [word.strip() for word in wanted.split(";")]
        parameters = dict(word.partition("=")[::2] for word in parameters)
        if kind not in ("application/json", "application/*", "*/*"):
            continue
        asked = parameters.get("as")
        if not asked:
            return Whole(resource)
        if (parameters.get("g"), parameters.get("v")) != ("meta.k8s.io", "v1"):
            continue
        if asked in ("PartialObjectMetadataList", "PartialObjectMetadata"):
            return MetadataOnly(resource)
        if asked == "Table" and resource.plural == "secrets":
            return Table(resource, include or "Metadata")
    return None


def age(object_):
    """How long ago the object was made, in kubectl's words."""
    try:
        made = calendar.timegm(time.strptime(object_["metadata"]["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ"))
    except (KeyError, TypeError, ValueError):
        return "<unknown>"
    seconds = int(time.time() - made)
    if seconds < 120:
        return f"{seconds}s"
    if seconds < 600:
        return f"{seconds // 60}m{seconds % 60}s" if seconds % 60 else f"{seconds // 60}m"
    if seconds < 3 * 3600:
        return f"{seconds // 60}m"
    return f"{seconds // 3600}h" if seconds < 48 * 3600 else f"{seconds // 86400}d"


def status(code, message, reason="", metadata=None, **details):
    """The body of an error."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": metadata or {}, "status": "Failure", "message": message}
    if reason:
        body["reason"] = reason
    if details or reason == "NotFound":
        body["details"] = details
    return {**body, "code": code}


def error_event(body):
    return b'{"type":"ERROR","object":' + dump(body) + b"}\n"


def token_of(rv, start):
    """A continue token: opaque to clients, JSON in base64 inside."""
    text = dump({"v": "meta.k8s.io/v1", "rv": rv, "start": start + "\0"})
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_token(token):
    """(version, start) of a continue token."""
    value = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return int(value["rv"]), value["start"].rstrip("\0").lstrip("/")
