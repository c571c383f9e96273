"""The objects of the stand-in API server: per resource what is there now, and the events that led to it, so that a
list can be read as of an older version and a watch can begin at one, as in etcd; compaction forgets the events."""
import bisect
import collections
import json
import pathlib
import threading

CAPTURES = pathlib.Path(__file__).resolve().parents[1] / "conformance/k8s/captures"
KEPT_EVENTS = 20_000  # per resource; what is older is compacted

Event = collections.namedtuple("Event", "rv kind item before")  # before: the item that this one replaced, or None


def dump(value):
    """JSON as the API server writes it: no spaces, and <, > and & escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()


def part(value, *keys):
    """value[key][key]…, or None where something on the way is missing or of another type."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


class Item:
    """An object as it goes over the wire in a list: without kind and apiVersion, which stand in front of it elsewhere."""
    __slots__ = ("namespace", "name", "rv", "body", "node")

    def __init__(self, namespace, name, rv, object_):
        self.namespace, self.name, self.rv = namespace, name, rv
        self.body = object_ if isinstance(object_, bytes) else dump(object_)
        self.node = "" if isinstance(object_, bytes) else part(object_, "spec", "nodeName") or ""

    def object(self):
        return json.loads(self.body)

    def at(self, rv):
        """The same object with another version, as a deletion tells it."""
        object_ = self.object()
        if isinstance(part(object_, "metadata"), dict):
            object_["metadata"]["resourceVersion"] = str(rv)
        return Item(self.namespace, self.name, rv, object_)


class Resource:
    def __init__(self, plural, kind, api_version, namespaced, lock, bookmark=None):
        self.plural, self.kind, self.api_version, self.namespaced = plural, kind, api_version, namespaced
        self.bookmark = bookmark or {"metadata": {}}  # what a bookmark's object looks like: zero values of the kind
        self.items = {}  # key -> Item
        self.events = []
        self.floor = 0  # the newest version that is forgotten
        self.forgotten = 0  # the newest version that an event had which is forgotten
        self.changed = threading.Condition(lock)

    @property
    def path(self):
        return f"/{'apis' if '/' in self.api_version else 'api'}/{self.api_version}"

    @property
    def group(self):
        return self.api_version.rpartition("/")[0]

    def key(self, namespace, name):
        return f"{namespace}/{name}" if self.namespaced else name

    def after(self, rv):
        return self.events[bisect.bisect_right(self.events, rv, key=lambda event: event.rv):]

    def as_of(self, rv):
        """The items that there were at this version."""
        items = dict(self.items)
        for event in reversed(self.events):
            if event.rv <= rv:
                break
            key = self.key(event.item.namespace, event.item.name)
            items[key] = event.before
        return {key: item for key, item in items.items() if item is not None}


class Store:
    """All methods may be called from any thread."""

    def __init__(self, rv=1):
        self.lock = threading.RLock()
        self.rv = rv
        self.resources = {}  # plural -> Resource

    def declare(self, plural, kind, api_version, namespaced=True, bookmark=None):
        self.resources[plural] = Resource(plural, kind, api_version, namespaced, self.lock, bookmark)

    def load(self, folder=CAPTURES):
        """Every captured list, with the versions that its objects had."""
        for path in sorted(folder.glob("list-*.json")):
            plural, listing = path.stem.removeprefix("list-"), json.loads(path.read_bytes())
            if "-" in plural:
                continue  # list-rv0-pods: the pods again
            namespaced = any("namespace" in item["metadata"] for item in listing["items"])
            self.declare(plural, listing["kind"].removesuffix("List"), listing["apiVersion"], namespaced,
                         captured_bookmark(folder / f"watch-{plural}.jsonl"))
            for item in listing["items"]:
                self.place(plural, item)
            self.rv = max(self.rv, int(listing["metadata"]["resourceVersion"]))
        return self

    def place(self, plural, object_):
        """An object with the version it brings, and no event: a world that was there before anybody looked."""
        metadata, resource = object_["metadata"], self.resources[plural]
        item = Item(metadata.get("namespace", ""), metadata["name"], int(metadata["resourceVersion"]), object_)
        resource.items[resource.key(item.namespace, item.name)] = item

    def put(self, plural, object_, rv=None):
        """Adds the object or replaces that of its name; its version is set, to the next one unless given."""
        metadata = object_["metadata"]
        with self.lock:
            self.rv = rv or self.rv + 1
            metadata["resourceVersion"] = str(self.rv)
            return self.record(plural, Item(metadata.get("namespace", ""), metadata["name"], self.rv, object_))

    def put_raw(self, plural, namespace, name, body):
        """Any bytes in place of an object: what no server should send, and one will."""
        with self.lock:
            self.rv += 1
            return self.record(plural, Item(namespace, name, self.rv, body))

    def record(self, plural, item):
        resource = self.resources[plural]
        key = resource.key(item.namespace, item.name)
        before = resource.items.get(key)
        resource.items[key] = item
        self.tell(resource, Event(item.rv, "MODIFIED" if before else "ADDED", item, before))
        return item

    def delete(self, plural, name, namespace=""):
        with self.lock:
            resource = self.resources[plural]
            before = resource.items.pop(resource.key(namespace, name))
            self.rv += 1
            self.tell(resource, Event(self.rv, "DELETED", before.at(self.rv), before))

    def tell(self, resource, event):
        resource.events.append(event)
        if len(resource.events) > KEPT_EVENTS:
            resource.floor = resource.forgotten = resource.events[KEPT_EVENTS // 2].rv
            del resource.events[:KEPT_EVENTS // 2 + 1]
        resource.changed.notify_all()

    def compact(self):
        """Forgets every event: lists and watches of older versions are answered with 410."""
        with self.lock:
            for resource in self.resources.values():
                if resource.events:
                    resource.forgotten = resource.events[-1].rv
                resource.floor, resource.events = self.rv, []

    def objects(self, plural):
        with self.lock:
            items = list(self.resources[plural].items.values())
        return [item.object() for item in items]

    def get(self, plural, name, namespace=""):
        resource = self.resources[plural]
        return resource.items[resource.key(namespace, name)].object()

    def count(self, plural):
        return len(self.resources[plural].items)


def captured_bookmark(path):
    """The object of the first bookmark in a captured watch."""
    for line in path.read_text().splitlines():
        event = json.loads(line)
        if event["type"] == "BOOKMARK":
            return {key: value for key, value in event["object"].items() if key not in ("kind", "apiVersion")}
    return None
