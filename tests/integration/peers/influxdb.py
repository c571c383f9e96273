"""InfluxDB 1.6: /write, remote_write (/api/v1/prom/write), Graphite and OpenTSDB."""
import json
import urllib.parse

from harness import Process, free_port, peer
from peers import Peer, good, request, wait_ready

CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[http]
  bind-address = "127.0.0.1:{port}"
  auth-enabled = {auth}
  log-enabled = false
[monitor]
  store-enabled = false
[[graphite]]
  enabled = true
  bind-address = "127.0.0.1:{graphite}"
  database = "pi"
  batch-size = 1
  templates = ["measurement*"]
[[opentsdb]]
  enabled = true
  bind-address = "127.0.0.1:{opentsdb}"
  database = "pi"
  batch-size = 1
"""


class Influxdb(Peer):
    """user, password: wanted from everybody. `databases` are created; "pi" is that of Graphite and OpenTSDB."""

    def __init__(self, case, user=None, password=None, databases=("pi",)):
        self.port, self.graphite_port, self.opentsdb_port = free_port(), free_port(), free_port()
        config = CONFIG.format(rpc=free_port(), folder=f"{case.folder}/influx-{self.port}", port=self.port,
                               graphite=self.graphite_port,
                               opentsdb=self.opentsdb_port, auth="true" if user else "false")
        path = case.file(f"influxdb-{self.port}.conf", config)
        self.process = wait_ready(Process(case, [peer("PEER_INFLUXDB"), "run", "-config", path], "influxd"), self.port, "/ping")
        self.url, self.credentials = f"http://127.0.0.1:{self.port}", {}
        if user:
            self.query(f"CREATE USER \"{user}\" WITH PASSWORD '{password}' WITH ALL PRIVILEGES")
            self.credentials = {"u": user, "p": password}
        for database in databases:
            self.query(f'CREATE DATABASE "{database}"')

    def query(self, text, **parameters):
        """The series of the first statement's answer."""
        path = "/query?" + urllib.parse.urlencode({"q": text, **parameters, **self.credentials})
        answer = json.loads(good(request(self.port, "POST", path)))
        result = answer["results"][0]
        if "error" in result:
            raise AssertionError(result["error"])
        return result.get("series", [])

    def received(self, database="pi"):
        """Names as the doubles have them: the measurement where the field is `value`, else measurement.field."""
        found = {}
        for series in self.query("SELECT * FROM /.*/ GROUP BY *", db=database, epoch="ms"):
            for row in series["values"]:
                for field, value in zip(series["columns"][1:], row[1:]):
                    if value is not None:
                        name = series["name"] if field == "value" else f"{series['name']}.{field}"
                        labels = tuple(sorted((tag, text) for tag, text in series.get("tags", {}).items() if text))
                        found.setdefault((name, labels), []).append((row[0], float(value)))
        return found
