"""remote_write 1.0 as its hosted edges take it: New Relic, Grafana Cloud (Mimir), Amazon Managed Prometheus, Azure Monitor.
Headers and body as the specification of remote_write 1.0 has them (harness.write_request is the strict decoder); metadata
requests are taken and kept in .metadata."""
import struct

from doubles import sigv4
from doubles.auth import basic
from doubles.base import Answer, Double, Refuse
from harness import STALE, write_metadata, write_request


class RemoteWrite(Double):
    content_types = ("application/x-protobuf",)
    encodings = ("snappy",)
    answer = 200

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.metadata = {}

    def words(self, code, why):
        return why.encode() + b"\n"

    def take(self, request):
        for name, value in (("Content-Encoding", "snappy"), ("X-Prometheus-Remote-Write-Version", "0.1.0")):
            if request.headers[name] != value:
                raise Refuse(400, f"{name}: {request.headers[name]}")
        if not request.headers["User-Agent"]:
            raise Refuse(400, "User-Agent is missing")
        try:
            found = write_metadata(request.body)
            series = [] if found else write_request(request.body)
        except (ValueError, IndexError, KeyError, struct.error) as wrong:
            raise Refuse(400, f"snappy or protobuf: {wrong!r}") from None
        self.metadata.update(found or {})
        return self.take_series([(dict(labels), [(time, value_of(bits)) for time, bits in samples]) for labels,
                                 samples in series])

    def take_series(self, series):
        self.keep(point for labels, samples in series for point in points(labels, samples))
        return Answer(self.answer)


def value_of(bits):
    return "stale" if bits == STALE else struct.unpack("<d", struct.pack("<Q", bits))[0]


def points(labels, samples):
    rest = {name: value for name, value in labels.items() if name != "__name__"}
    return [(labels["__name__"], rest, time, value) for time, value in samples]


class NewRelicRemoteWrite(RemoteWrite):
    """docs.newrelic.com, "Set up your Prometheus remote write integration", its errors, metric-api-limits: Bearer (or X-License-Key
    in the URL), ?prometheus_server, 10^6 bytes; what is wrong with a series is found after 202 and stands in .errors. .kinds:
    what it takes a series for, by suffix or by the label newrelic_metric_type, which it removes."""

    url_path = "/prometheus/v1/write?prometheus_server=home"
    limit = 1_000_000
    bad_key, answer = 403, 202
    prometheus_server = "home"

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.errors, self.kinds = [], {}

    def authorized(self, request):
        header = request.headers["Authorization"] or request.headers["X-License-Key"]
        return header in (f"Bearer {self.key}", self.key) or not header and request.query.get("X-License-Key") == self.key

    def take(self, request):
        if request.query.get("prometheus_server") != self.prometheus_server:
            raise Refuse(400, f"prometheus_server is missing or wrong: {request.query.get('prometheus_server')}")
        if set(request.query) - {"prometheus_server", "X-License-Key"}:
            raise Refuse(400, f"unknown parameters in {sorted(request.query)}")  # form ours
        return super().take(request)

    def take_series(self, series):
        good = []
        for labels, samples in series:
            why = self.wrong(labels, samples)
            if why:
                self.refused.append((202, why))
                self.errors.append({"category": "BadRequest", "message": f"{labels['__name__'][:80]}: {why}",
                                    "newRelicFeature": "Metrics"})
                continue
            self.kinds[labels["__name__"]] = labels.pop("newrelic_metric_type", None) or self.guess(labels["__name__"])
            good.append((labels, samples))
        return super().take_series(good)

    @staticmethod
    def guess(name):
        return "counter" if name.endswith(("_bucket", "_count", "_total")) else "summary" if name.endswith("_sum") else "gauge"

    def wrong(self, labels, samples):
        if len(labels) > 150:
            return f"{len(labels)} attributes, more than 150"
        if any(len(name) > 255 or len(value) > (255 if name == "__name__" else 4096) for name, value in labels.items()):
            return "a name longer than 255 or a value longer than 4096 characters"
        if labels.get("newrelic_metric_type", "gauge") not in ("counter", "gauge", "summary"):
            return f"newrelic_metric_type {labels['newrelic_metric_type']}"
        if any(not -86400 <= self.now() - time / 1000 <= 172800 for time, _ in samples):
            return "a timestamp older than 48 h or more than 24 h ahead"
        return None


class Mimir(RemoteWrite):
    """Mimir's limits and words (grafana.com/docs/mimir, "Mimir runbooks"): single series and samples are refused with 400, the good
    ones of the request are kept; a sample that is there already is taken and not kept twice."""

    url_path = "/api/v1/push"
    out_of_order_ms = 0
    max_series = None
    max_labels, max_name, max_value = 40, 1024, 2048

    def take_series(self, series):
        errors = []
        for labels, samples in series:
            for point in points(labels, samples):
                why = self.wrong(labels, point)
                if why:
                    errors.append(f"failed pushing to ingester: user=1234: {why}")
                elif point[2:] not in self.kept.get((point[0], tuple(sorted(point[1].items()))), []):
                    self.keep([point])
        self.refused += [(400, why) for why in errors]
        return Answer(400, self.words(400, errors[0])) if errors else Answer(self.answer)

    def wrong(self, labels, point):
        name, rest, time, value = point
        known = self.kept.get((name, tuple(sorted(rest.items()))), [])
        where = f"The affected sample has timestamp {time} and is from series {name}{rest}"
        if len(labels) > self.max_labels:
            return (f"received a series whose number of labels exceeds the limit (actual: {len(labels)}, limit: {self.max_labels}) series: '{name}' "
                    "(err-mimir-max-label-names-per-series)")
        if any(len(key) > self.max_name or len(text) > self.max_value for key, text in labels.items()):
            return f"received a series whose label value length exceeds the limit of {self.max_value}, series: '{name}' (err-mimir-label-value-too-long)"
        if time / 1000 - self.now() > 600:
            return f"received a sample whose timestamp is too far in the future, timestamp: {time} series: '{name}' (err-mimir-too-far-in-future)"
        if self.max_series and not known and len(self.kept) >= self.max_series:
            return f"per-user series limit of {self.max_series} exceeded (err-mimir-max-series-per-user)"
        if any(time == t and value != v for t, v in known):
            return f"the sample has been rejected because another sample with the same timestamp, but a different value, has already been ingested (err-mimir-sample-duplicate-timestamp). {where}"
        if known and time < known[-1][0] - self.out_of_order_ms and (time, value) not in known:
            return ("the sample has been rejected because another sample with a more recent timestamp has already been ingested and out-of-order samples are "
                    f"not allowed (err-mimir-sample-out-of-order). {where}")
        return None

    def words(self, code, why):
        if code == 429:
            why = ("the request has been rejected because the tenant exceeded the request rate limit, set to 75 requests/s across all distributors with a "
                   "maximum allowed burst of 750 (err-mimir-tenant-max-request-rate)")
        return super().words(code, why)


class GrafanaCloud(Mimir):
    """grafana.com/docs/grafana-cloud: Basic, the instance's number and an access policy's token."""

    url_path = "/api/prom/push"
    user, max_series = "123456", 10_000

    def authorized(self, request):
        return request.headers["Authorization"] == basic(self.user, self.key)

    def words(self, code, why):
        if code == 401:
            return {"status": "error", "error": "authentication error: invalid token"}
        return super().words(code, why)


class AmazonPrometheus(Mimir):
    """AWS, "Amazon Managed Service for Prometheus" user guide, RemoteWrite: SigV4 for aps; 1 MB a request."""

    url_path = "/workspaces/ws-1/api/v1/remote_write"
    service, region, token = "aps", "eu-central-1", None
    credentials = sigv4.EXAMPLE
    limit = 1_000_000

    def authorized(self, request):
        sigv4.check(request, self.credentials, self.region, self.service, self.now(), self.token)
        return True

    def words(self, code, why):
        return {"message": why}


class AzureMonitor(Mimir):
    """learn.microsoft.com, "Send Prometheus data to Azure Monitor by remote write": a token of Entra (tokens.py: `tokens`),
    api-version, 1 MB a request."""

    url_path = "/dataCollectionRules/dcr-1/streams/Microsoft-PrometheusMetrics/api/v1/write?api-version=2023-04-24"
    limit = 1_000_000
    tokens = None
    answer = 204

    def authorized(self, request):
        return self.tokens.good(request) if self.tokens else super().authorized(request)

    def words(self, code, why):
        return {"error": {"code": {401: "InvalidToken", 403: "OperationFailed", 413: "ContentTooLarge"}.get(code,
                "InvalidRequest"), "message": why}}

    def take(self, request):
        if request.query.get("api-version") != "2023-04-24":
            raise Refuse(400, "api-version is missing or not supported")
        return super().take(request)


class Gnocchi(RemoteWrite):
    """gnocchi.osci.io, "Prometheus support", and what its API does with a request: Basic, 202; a resource for each job and instance,
    a metric of it for each name. What it would take and lose is refused here, for ours to be seen: other labels, and a second
    series of that name for that resource."""

    url_path = "/v1/prometheus/write"
    user, answer = "admin", 202

    def authorized(self, request):
        return request.headers["Authorization"] == basic(self.user, self.key)

    def take_series(self, series):
        metrics = set()
        for labels, _ in series:
            metric = tuple(labels.get(name, "none") for name in ("job", "instance", "__name__"))
            if set(labels) - {"job", "instance", "__name__"}:
                raise Refuse(400, f"labels that would be lost: {sorted(labels)}")
            if metric in metrics:
                raise Refuse(400, f"a second series would take the place of the first: {metric}")
            if "/" in labels["__name__"]:
                raise Refuse(400, "'/' is not supported in metric name")
            if len(labels["__name__"]) > 255 or any(not 1 <= len(text) <= 512 for text in metric[:2]):
                raise Refuse(400, "a name longer than its column")
            metrics.add(metric)
        return super().take_series(series)
