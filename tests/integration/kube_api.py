"""What the stand-in API server answers: LIST a page at a time from one snapshot, WATCH from a version with bookmarks, GET,
watch-list, both forms of 410, reviews for who protects a page; errors in the words of the captures."""
import json
import random
import re
import time

from kube_forms import error_event, negotiate, read_token, status, token_of
from kube_http import Asked, Gone, Handler
from kube_store import dump

OPERATORS = re.compile(r"(.*?)(!=|==|=)(.*)")
TOO_OLD = ("The provided continue parameter is too old to display a consistent list result. You can start a new list without "
           "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
           "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
           "deleted between the time the first chunk was returned and now may show up in the list.")


class Refusal(Exception):
    """An error whose body is a Status."""

    def __init__(self, code, message, reason="", metadata=None, **details):
        super().__init__(message)
        self.code, self.body = code, status(code, message, reason, metadata, **details)


def selector(resource, namespace, text):
    """Whether an item is in this namespace and meets the field selector."""
    readers = {"metadata.name": lambda item: item.name, "metadata.namespace": lambda item: item.namespace}
    if resource.plural == "pods":
        readers["spec.nodeName"] = lambda item: item.node
    tests = [lambda item: item.namespace == namespace] if namespace else []
    for term in filter(None, (text or "").split(",")):
        field, operator, value = OPERATORS.fullmatch(term).groups()
        if field not in readers:
            raise Refusal(400, f"field label not supported: {field}", "BadRequest")
        tests.append(lambda item, read=readers[field], value=value, equal=operator != "!=": (read(item) == value) == equal)
    return lambda item: all(test(item) for test in tests)


class Api(Handler):
    def do_GET(self):
        if self.path.startswith("/control/"):
            return self.server.control(self)
        self.asked = Asked(self)
        self.server.remember(self.asked)
        try:
            self.met_by_fault() or self.authenticated() and self.serve()
        except Refusal as refusal:
            self.whole(refusal.code, dump(refusal.body) + b"\n")

    do_POST = do_GET

    def met_by_fault(self):
        """Whether a fault answered instead of the server; cut and silent leave it to piece and watch."""
        fault = self.asked.fault = self.server.fault_for(self.asked)
        kind = fault.kind if fault else None
        if kind == "delay":
            time.sleep(fault.more["seconds"])
        elif kind == "hang":
            self.hang()
        elif kind == "html":
            self.whole(fault.more.get("status", 200), b"<!DOCTYPE html><html><body>Log in</body></html>\n", "text/html")
        elif kind == "garbage":
            self.whole(200, fault.more.get("body", b'{"kind":"PodList","items":[{"metadata":{"name":"a"},,\x00\xff'))
        elif kind == "status":
            code = fault.more["code"]
            words = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests", 410: "Expired"}
            body = status(code, fault.more.get("message", words.get(code, "error")), words.get(code, "InternalError"))
            self.whole(code, dump(body) + b"\n", headers=fault.more.get("headers", ()))
        return kind in ("html", "garbage", "status")

    def authenticated(self):
        self.who = self.caller()
        if self.who is None:
            raise Refusal(401, "Unauthorized", "Unauthorized")
        return True

    def serve(self):
        path, server = self.asked.path, self.server
        if path == "/version":
            return self.whole(200, server.version)
        if path in ("/livez", "/readyz", "/healthz"):
            return self.whole(200, b"ok", "text/plain; charset=utf-8")
        if self.command == "POST":
            return self.review(path.rpartition("/")[2])
        resource, namespace, name = self.resolve([word for word in path.split("/") if word])
        if resource is None:
            return None
        verb = "watch" if self.asked.watch else "get" if name else "list"
        self.allow(verb, resource, namespace)
        form = negotiate(self.headers.get("Accept"), self.asked.query.get("includeObject"), resource)
        if form is None:
            raise Refusal(406, "only the following media types are accepted: application/json", "NotAcceptable")
        if "labelSelector" in self.asked.query:
            raise Refusal(400, "the stand-in knows no labelSelector", "BadRequest")
        if verb == "get":
            return self.get(resource, namespace, name, form)
        matches = selector(resource, namespace, self.asked.query.get("fieldSelector"))
        return self.watch(resource, matches, form) if verb == "watch" else self.list(resource, matches, form)

    def resolve(self, words):
        """(resource, namespace, name) of a path; (None, …) when the path is answered already."""
        resources = self.server.store.resources.values()
        version = "/".join(words[1:3] if words[:1] == ["apis"] else words[1:2])
        rest = words[3:] if words[:1] == ["apis"] else words[2:]
        versions = {resource.api_version for resource in resources}
        if version not in versions:
            if version.partition("/")[0] not in {known.partition("/")[0] for known in versions}:
                self.whole(404, b"404 page not found\n", "text/plain; charset=utf-8")
                return None, "", ""
            raise Refusal(404, "the server could not find the requested resource", "NotFound")
        if not rest:
            self.whole(200, dump(self.discovery(version, resources)) + b"\n")
            return None, "", ""
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        resource = next((r for r in resources if r.plural == rest[0] and r.api_version == version), None)
        if resource is None or resource.plural in self.server.missing or len(rest) > 2:
            raise Refusal(404, "the server could not find the requested resource", "NotFound")
        return resource, namespace, rest[1] if len(rest) == 2 else ""

    def discovery(self, version, resources):
        rows = [{"name": r.plural, "singularName": "", "namespaced": r.namespaced, "kind": r.kind,
                 "verbs": ["get", "list", "watch"]} for r in resources if r.api_version == version]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": rows}

    def allow(self, verb, resource, namespace):
        if resource.plural in self.server.forbidden:
            where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
            raise Refusal(403, f'{resource.plural} is forbidden: User "{self.who}" cannot {verb} resource "{resource.plural}" '
                               f'in API group "{resource.group}" {where}', "Forbidden", kind=resource.plural)

    def get(self, resource, namespace, name, form):
        item = resource.items.get(resource.key(namespace, name))
        if item is None:
            raise Refusal(404, f'{resource.plural} "{name}" not found', "NotFound", name=name, kind=resource.plural)
        self.whole(200, form.single(item) + b"\n")

    def version_asked(self):
        """resourceVersion as a number, None when there is none; a list of a future one waits for it, in vain."""
        text = self.asked.query.get("resourceVersion", "")
        if not text:
            return None
        if not text.isdigit():
            raise Refusal(500, f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax')
        if not self.asked.watch and int(text) > self.server.store.rv:
            time.sleep(self.server.future_seconds)
            if int(text) > self.server.store.rv:
                raise Refusal(504, f"Timeout: Too large resource version: {text}, current: {self.server.store.rv}", "Timeout",
                              causes=[{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
                              retryAfterSeconds=1)
        return int(text)

    def snapshot(self, resource):
        """(version, items, key to start after, whether there are pages) of what this request lists."""
        query, store = self.asked.query, self.server.store
        asked, start = self.version_asked(), ""
        with store.lock:
            rv = store.rv
            if query.get("continue"):
                try:
                    version, start = read_token(query["continue"])
                except (ValueError, KeyError):
                    raise Refusal(400, "continue key is not valid: invalid token", "BadRequest") from None
                if version != -1 and version < resource.floor:
                    raise Refusal(410, TOO_OLD, "Expired", {"continue": token_of(-1, start)})
                rv = version if version != -1 else rv
            elif query.get("resourceVersionMatch") == "Exact":
                if asked < resource.floor:
                    raise Refusal(410, "The resourceVersion for the provided list is too old.", "Expired")
                rv = asked
            return rv, resource.as_of(rv), start, asked != 0

    def list(self, resource, matches, form):
        rv, items, start, pages = self.snapshot(resource)
        limit = int(self.asked.query.get("limit") or 0) if pages else 0
        keys = sorted(key for key, item in items.items() if key > start and matches(item))
        page = keys[:limit] if limit else keys
        more = len(keys) - len(page)
        head = form.head(rv, token_of(rv, "/" + page[-1]), None if "fieldSelector" in self.asked.query else more) \
            if more else form.head(rv)
        size = sum(len(items[key].body) for key in page)
        self.begin(200, gzip="gzip" in self.headers.get("Accept-Encoding", "") and size >= self.server.gzip_from)
        self.piece(head)
        for count, key in enumerate(page):
            self.piece((b"," if count else b"") + form.item(items[key]))
        self.piece(b"]}\n")
        self.end()

    def watch(self, resource, matches, form):
        query, store, server = self.asked.query, self.server.store, self.server
        rv, initial = self.version_asked(), query.get("sendInitialEvents") == "true"
        if initial and server.watch_list != "ignored":
            self.check_watch_list(query)
        seconds = float(query.get("timeoutSeconds") or random.uniform(1800, 3600))
        self.expirations = server.expirations
        self.begin(200)
        self.hang_if_silent()
        with store.lock:
            if rv and not initial and rv < resource.floor:
                body = status(410, f"too old resource version: {rv} ({store.rv})", "Expired")
                present = None
            else:
                present = [] if rv and not initial else sorted(resource.items.items())
                rv = rv if rv and not initial else store.rv
        if present is None:
            self.piece(error_event(body), flush=True)
            return self.end()
        first = True
        for _, item in present:
            if matches(item):
                self.piece(form.event("ADDED", item, first))
                first = False
        if initial and server.watch_list == "on":
            self.piece(form.bookmark(rv, end=True))
        self.piece(b"", flush=True)
        return self.follow(resource, matches, form, rv, seconds, first)

    def hang_if_silent(self):
        if self.asked.fault and self.asked.fault.kind == "silent":
            self.hang()

    def check_watch_list(self, query):
        if self.server.watch_list == "refused":
            raise Refusal(422, 'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is '
                               "forbidden for watch unless the WatchList feature gate is enabled", "Invalid")
        if query.get("resourceVersionMatch") != "NotOlderThan":
            raise Refusal(422, 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires '
                               "setting resourceVersionMatch to NotOlderThan", "Invalid")

    def follow(self, resource, matches, form, rv, seconds, first):
        """Events as they happen, until the time is up, the client gone, or the test has versions expire."""
        server, store = self.server, self.server.store
        end = time.monotonic() + seconds
        bookmarks = self.asked.query.get("allowWatchBookmarks") in ("true", "1")
        mark = time.monotonic() + server.bookmark_seconds
        while True:
            self.hang_if_silent()
            with store.lock:
                events = resource.after(rv)
                if not events:
                    resource.changed.wait(max(0.001, min(0.5, mark - time.monotonic(), end - time.monotonic())))
                    events = resource.after(rv)
                lost = resource.forgotten > rv
                now, rv = store.rv, events[-1].rv if events else rv
            self.hang_if_silent()
            for event in events if not lost else ():
                seen = visible(event, matches)
                if seen:
                    self.piece(form.event(*seen, first), flush=True)
                    first = False
            if lost or server.expirations != self.expirations:
                self.piece(error_event(status(410, f"too old resource version: {rv} ({now})", "Expired")), flush=True)
                return self.end()
            if time.monotonic() >= mark:
                mark = time.monotonic() + server.bookmark_seconds
                if bookmarks and now >= rv:
                    rv = now
                    self.piece(form.bookmark(rv), flush=True)
            if self.hung_up():
                raise Gone("hung up")
            if time.monotonic() >= end:
                return self.end()

    def review(self, kind):
        """TokenReview and SubjectAccessReview: who a scraper is and what it may."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        spec, server = asked.get("spec", {}), self.server
        if kind == "tokenreviews":
            user = server.scrapers.get(spec.get("token"))
            answer = {"authenticated": True, "user": {"username": user, "groups": ["system:authenticated"]}} if user else \
                {"user": {}, "error": "invalid bearer token"}
        elif kind == "subjectaccessreviews":
            wanted = spec.get("nonResourceAttributes", {})
            answer = {"allowed": (spec.get("user"), wanted.get("verb"), wanted.get("path")) in server.grants}
        else:
            raise Refusal(405, "the server does not allow this method on the requested resource", "MethodNotAllowed")
        self.whole(201, dump({**asked, "metadata": {}, "status": answer}) + b"\n")


def visible(event, matches):
    """(kind, item) of an event for who sees only what matches: what comes into view is added, what leaves it deleted."""
    now = event.kind != "DELETED" and matches(event.item)
    before = event.before is not None and matches(event.before)
    if now:
        return ("MODIFIED" if before else "ADDED"), event.item
    if before:
        return "DELETED", event.item if event.kind == "DELETED" else event.before.at(event.rv)
    return None
