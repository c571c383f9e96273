"""Those who take OTLP and ask for more than the specification does. Where a vendor's text does not say how it refuses (marked
"form ours"), it is the specification's way: 400, or partial_success for single points."""
import re

from doubles import sigv4
from doubles.base import Refuse
from doubles.otlp import DELTA, Otlp


def one_of_delta(point):
    return point["kind"] in ("sum", "histogram") and point["temporality"] != DELTA


class DatadogOtlp(Otlp):
    """docs.datadoghq.com, "Datadog OTLP Metrics Intake Endpoint": only delta; dd-api-key; 500 KB as sent, 5 MB decompressed."""

    header, bad_key = "dd-api-key", 403
    limit, limit_raw = 512_000, 5_242_880

    def take(self, request):
        if request.headers["dd-protocol"] not in (None, "otlp"):
            raise Refuse(400, f"dd-protocol: {request.headers['dd-protocol']}")
        return super().take(request)

    def complain(self, point):
        if one_of_delta(point):  # "Ensure only delta metrics are sent"; form ours
            return f"{point['name']}: cumulative temporality is not supported"
        return super().complain(point)


class Honeycomb(Otlp):
    """docs.honeycomb.io, "Send application metrics": x-honeycomb-team, and x-honeycomb-dataset, without which data land in
    unknown_metrics."""

    header = "x-honeycomb-team"
    limit_raw = 15_000_000
    dataset = "pi"

    def words(self, code, why):
        return super().words(code, "unknown API key - check your credentials" if code == 401 else why)

    def take(self, request):
        if (request.headers["x-honeycomb-dataset"] or "unknown_metrics") != self.dataset:
            raise Refuse(400, f"dataset {request.headers['x-honeycomb-dataset']}")  # form ours: the real one would take it, elsewhere
        return super().take(request)


class Axiom(Otlp):
    """axiom.co/docs, "Send OpenTelemetry data": protobuf only, x-axiom-metrics-dataset, 4 MiB uncompressed, names of 256 B, values
    of 1 KiB."""

    limit_raw = 4 << 20
    dataset = "pi"

    def take(self, request):
        if request.headers["x-axiom-metrics-dataset"] != self.dataset:
            raise Refuse(400, "x-axiom-metrics-dataset is missing" if not request.headers["x-axiom-metrics-dataset"]
                         else "no such dataset")
        return super().take(request)

    def complain(self, point):
        names = [point["name"], *point["labels"]]
        if any(len(name.encode()) > 256 for name in names):
            return f"{point['name'][:40]}…: a name is longer than 256 bytes"
        if any(len(value.encode()) > 1024 for value in point["labels"].values()):
            return f"{point['name']}: an attribute's value is longer than 1024 bytes"
        return super().complain(point)


class GoogleManagedPrometheus(Otlp):
    """docs.cloud.google.com/stackdriver/docs/otlp-metrics/overview: the rules for names; the resource has gcp.project_id. `tokens`,
    if given, is a token server (tokens.py): its live tokens are taken instead of `key`."""

    tokens = None

    def authorized(self, request):
        return self.tokens.good(request) if self.tokens else super().authorized(request)

    def of_point(self, metric, kind, point, resource, scope):
        if not resource.get("gcp.project_id"):
            raise Refuse(400, 'Resource is missing required attribute "gcp.project_id"')
        return super().of_point(metric, kind, point, resource, scope)

    def complain(self, point):
        if not re.fullmatch("[a-zA-Z][a-zA-Z0-9_:./]*", point["name"]):
            return f"{point['name']}: the metric's name is not legal"
        own = [key for key in point["labels"] if key not in point["resource"]]
        for key in own:
            if not re.fullmatch("[a-zA-Z_][a-zA-Z0-9_.]*", key):
                return f"{point['name']}: the label's name {key} is not legal"
        return super().complain(point)


class CloudWatchOtlp(Otlp):
    """AWS CloudWatch user guide, "OTLP endpoints": SigV4 for the service monitoring, at most 150 labels. Errors are AWS's JSON."""

    service, region, token = "monitoring", "eu-central-1", None
    credentials = sigv4.EXAMPLE
    limit_raw = 1_000_000

    def authorized(self, request):
        sigv4.check(request, self.credentials, self.region, self.service, self.now(), self.token)
        return True

    def complain(self, point):
        if len(point["labels"]) > 150:
            return f"{point['name']}: {len(point['labels'])} labels, more than 150"
        return super().complain(point)


class SolarWinds(Otlp):
    """documentation.solarwinds.com, "OTel direct ingestion": Bearer and the ingestion token; /v1/metrics by analogy to its
    /v1/logs."""


class Dynatrace(Otlp):
    """docs.dynatrace.com, "About OTLP metrics ingest" and "OpenTelemetry metrics ingest API": monotonic sums and histograms delta
    only, no summary, keys of 2 to 255 characters, at most 50 dimensions, 4 MB, Authorization: Api-Token."""

    url_path = "/api/v2/otlp/v1/metrics"
    limit = limit_raw = 4_000_000

    def authorized(self, request):
        return request.headers["Authorization"] == f"Api-Token {self.key}"

    def words(self, code, why):
        return {"error": {"code": code, "message": why}}  # the ErrorEnvelope of all its API

    def complain(self, point):
        name, kind = point["name"], point["kind"].upper()
        if kind == "SUMMARY":
            return f"Unsupported metric: '{name}' - Reason: UNSUPPORTED_METRIC_TYPE_SUMMARY"
        if one_of_delta(point) and (kind == "HISTOGRAM" or point["monotonic"]):
            word = "CUMULATIVE_HISTOGRAM" if kind == "HISTOGRAM" else "MONOTONIC_CUMULATIVE_SUM"
            return f"Unsupported metric: '{name}' - Reason: UNSUPPORTED_METRIC_TYPE_{word}"
        if not 2 <= len(name) <= 255:
            return f"Metric dropped: '{name[:40]}' - Reason: METRIC_KEY_LENGTH"
        if len(point["labels"]) > 50:
            return f"Metric dropped: '{name}' - Reason: DIMENSION_COUNT_EXCEEDED"
        return super().complain(point)


class NewRelicOtlp(Otlp):
    """docs.newrelic.com, "New Relic OTLP endpoint": api-key, 1 MB as sent; names of 255, values of 4095 characters. What is wrong
    with a point is found after the answer: it goes to `errors` (as NrIntegrationError does), the answer is 200."""

    header, bad_key = "api-key", 403
    limit = 1_000_000

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.errors = []

    def wrong(self, point):
        if any(len(name) > 255 for name in (point["name"], *point["labels"])):
            return "a name is longer than 255 characters"
        if any(len(value) > 4095 for value in point["labels"].values()):
            return "an attribute's value is longer than 4095 characters"
        age = self.now() - point["time_ms"] / 1000
        return None if -86400 <= age <= 172800 else "the timestamp is too old or too far ahead"  # 48 h, 24 h: metric-api-limits

    def drop(self, point):
        why = self.wrong(point)
        if why:
            self.refused.append((200, why))
            self.errors.append({"category": "BadRequest", "message": f"{point['name'][:80]}: {why}"})
        return bool(why)
