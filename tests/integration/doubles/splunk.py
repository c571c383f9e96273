"""Splunk's HTTP event collector, metrics."""
import json

from doubles.base import Answer, Double, Refuse
from doubles.shapes import number, texts


class SplunkHec(Double):
    """help.splunk.com "Format events for HTTP Event Collector", "Get metrics in from other sources", error codes of "Troubleshoot
    HTTP Event Collector". The events before the invalid one are indexed, it and those after are not. Labels: the fields but
    metric_name:…, and host."""

    url_path = "/services/collector"
    key = "12345678-1234-1234-1234-1234567890ab"
    limit = 1_000_000
    index = None  # the token's index; another one is code 7
    TEXTS = {2: "Token is required", 3: "Invalid authorization", 4: "Invalid token", 5: "No data", 6: "Invalid data format",
             7: "Incorrect index",
             9: "Server is busy", 12: "Event field is required", 13: "Event field cannot be blank",
             15: "Error in handling indexed fields"}

    def no(self, status, code, event=None):
        number = {} if event is None else {"invalid-event-number": event}
        return Refuse(status, f"{self.TEXTS[code]} {number or ''}", {"text": self.TEXTS[code], "code": code, **number})

    def words(self, code, why):
        return {"text": self.TEXTS[9] if code == 503 else why, "code": 9 if code == 503 else 6}

    def authorized(self, request):
        given = request.headers["Authorization"]
        if not given:
            raise self.no(401, 2)
        if not given.startswith("Splunk "):
            raise self.no(401, 3)
        if given != f"Splunk {self.key}":
            raise self.no(403, 4)
        return True

    def take(self, request):
        text, at, count = request.body.decode(), 0, 0
        decoder = json.JSONDecoder(parse_constant=self.constant)
        while text[at:].strip():
            at += len(text[at:]) - len(text[at:].lstrip())
            try:
                event, at = decoder.raw_decode(text, at)
            except ValueError:
                raise self.no(400, 6, count) from None
            self.keep(self.event(event, count))
            count += 1
        if not count:
            raise self.no(400, 5)
        return Answer(200, {"text": "Success", "code": 0})

    @staticmethod
    def constant(text):
        raise ValueError(text)

    def event(self, event, number_):
        if not isinstance(event, dict) or set(event) - {"time", "event", "host", "source", "sourcetype", "index", "fields"}:
            raise self.no(400, 6, number_)
        if "event" not in event:
            raise self.no(400, 12, number_)
        if not event["event"]:
            raise self.no(400, 13, number_)
        if self.index and event.get("index", self.index) != self.index:
            raise self.no(400, 7, number_)
        fields = event.get("fields")
        if event["event"] != "metric" or not isinstance(fields, dict):
            raise self.no(400, 6, number_)
        if not number(event.get("time")) or not 10**9 < event["time"] < 10**10:
            raise self.no(400, 6, number_)
        values = {name[12:]: value for name, value in fields.items() if name.startswith("metric_name:")}
        labels = {name: value for name, value in fields.items() if not name.startswith("metric_name:")}
        if not values or "" in values or not all(map(number, values.values())):
            raise self.no(400, 15, number_)
        if not texts(labels) or any(name.startswith("_") for name in labels):
            raise self.no(400, 15, number_)
        labels |= {"host": event["host"]} if "host" in event else {}
        return [(name, labels, round(event["time"] * 1000), float(value)) for name, value in values.items()]
