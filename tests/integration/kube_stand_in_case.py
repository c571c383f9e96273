"""What the tests of the stand-in API server itself share: questions to it over plain HTTP."""
import http.client
import urllib.parse

from harness import Case, get
from kube_stand_in import StandIn
from kube_store import CAPTURES

METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


def captured(name):
    return (CAPTURES / name).read_bytes()


class StandInCase(Case):
    def serve(self, **more):
        self.server = StandIn(**more)
        self.addCleanup(self.server.close)
        return self.server

    def ask(self, path, accept="application/json", **query):
        """The answer to a GET over plain HTTP: (status, headers, body)."""
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        return get(self.server.port, target, {"Accept": accept})

    def watch(self, path, accept="application/json", **query):
        """(connection, answer) of a watch."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", path + "?" + urllib.parse.urlencode({"watch": "true", **query}), headers={"Accept": accept})
        return connection, connection.getresponse()

    def events(self, path, accept="application/json", **query):
        """All events of a watch that ends by its own time."""
        connection, answer = self.watch(path, accept, timeoutSeconds=query.pop("timeoutSeconds", "0.3"), **query)
        self.assertEqual(answer.status, 200)
        return answer.read()
