"""VictoriaMetrics: remote_write, Influx v1 and v2, Graphite, OpenTSDB, Datadog v1 and v2, OTLP; what it has is read by export,
sample by sample."""
import json
import urllib.parse

from harness import Process, free_port, peer
from peers import Peer, good, request


class Victoria(Peer):
    """Without deduplication a sample sent twice is there twice: give -dedup.minScrapeInterval=1ms to have it once. VARIABLE:
    PEER_VICTORIA_12 for that of Debian 12 (no OTLP, no Datadog v2)."""

    def __init__(self, case, *flags, variable="PEER_VICTORIA"):
        self.port, self.graphite_port, self.opentsdb_port = free_port(), free_port(), free_port()
        self.process = Process(case, [
            peer(variable), f"-httpListenAddr=127.0.0.1:{self.port}", f"-graphiteListenAddr=127.0.0.1:{self.graphite_port}",
            f"-opentsdbHTTPListenAddr=127.0.0.1:{self.opentsdb_port}", f"-storageDataPath={case.folder}/victoria-{self.port}",
            "-search.latencyOffset=0s", "-retentionPeriod=100y", *flags], "victoria").wait_ready(self.port, "/health")
        self.url = f"http://127.0.0.1:{self.port}"
        self.remote_write, self.otlp = f"{self.url}/api/v1/write", f"{self.url}/opentelemetry/v1/metrics"
        self.influx_v1 = f"{self.url}/write?db=pi&precision=ms"
        self.influx_v2 = f"{self.url}/api/v2/write?org=home&bucket=pi&precision=ms"
        self.datadog_v1, self.datadog_v2 = f"{self.url}/datadog/api/v1/series", f"{self.url}/datadog/api/v2/series"
        self.opentsdb = f"http://127.0.0.1:{self.opentsdb_port}/api/put"

    def received(self, match='{__name__!=""}'):
        good(request(self.port, "GET", "/internal/force_flush"))
        found = {}
        for line in good(request(self.port, "GET",
                                 "/api/v1/export?reduce_mem_usage=1&match[]=" + urllib.parse.quote(match))).splitlines():
            row = json.loads(line)
            name = row["metric"].pop("__name__", "")
            samples = found.setdefault((name, tuple(sorted(row["metric"].items()))), [])
            samples += [(time, "stale" if value is None else float(value)) for time, value in zip(row["timestamps"],
                                                                                                  row["values"])]
        return {key: sorted(samples, key=lambda sample: sample[0]) for key, samples in found.items()}
