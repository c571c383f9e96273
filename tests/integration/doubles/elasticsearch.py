"""Elasticsearch's and OpenSearch's _bulk."""
from doubles.base import Answer, Double, Refuse
from doubles.rows import ROW, rows_of
from doubles.shapes import shape, strict_json, string


class Elasticsearch(Double):
    """elastic.co "Bulk API" on a data stream: create only, @timestamp, per-item status, 409 for an _id that is there; ndjson with a
    last newline; ApiKey. .item_faults: {position: status} for the next request (429 is es_rejected_execution_exception)."""

    url_path = "/_bulk"
    content_types = ("application/x-ndjson", "application/json")
    bad_type = 406
    methods = ("POST", "PUT")
    columns = {"@timestamp": ROW["timestamp"], **{name: check for name, check in ROW.items() if name != "timestamp"}}
    stream = "metrics-prom-default"

    def __init__(self, case, **keys):
        super().__init__(case, **keys)
        self.ids, self.item_faults = set(), {}

    def authorized(self, request):
        return request.headers["Authorization"] == f"ApiKey {self.key}"

    def check_path(self, request):
        if request.path not in ("/_bulk", f"/{self.stream}/_bulk"):
            raise Refuse(404, f"no handler found for uri [{request.path}]")

    def words(self, code, why):
        kind = {401: "security_exception", 429: "es_rejected_execution_exception"}.get(code, "illegal_argument_exception")
        return {"error": {"type": kind, "reason": why, "root_cause": [{"type": kind, "reason": why}]}, "status": code}

    def take(self, request):
        if not request.body.endswith(b"\n"):
            raise Refuse(400, "The bulk request must be terminated by a newline [\\n]")
        lines = rows_of(request.body)
        if len(lines) % 2:
            raise Refuse(400, "Malformed action/metadata line, an action without a document")
        items, faults = [], self.item_faults
        self.item_faults = {}
        for at in range(0, len(lines), 2):
            action = strict_json(lines[at][1])
            if not isinstance(action, dict) or len(action) != 1 or not set(action) <= {"create", "index", "update", "delete"}:
                raise Refuse(400, f"Malformed action/metadata line [{at + 1}]")
            items.append(self.item(*action.popitem(), lines[at + 1][1], faults.get(at // 2), request))
        return Answer(200, {"took": 3, "errors": any("error" in item["create"] for item in items), "items": items})

    def item(self, verb, target, line, fault, request):
        shape(target, "action", {}, {"_index": string, "_id": string, "require_data_stream": lambda v: isinstance(v, bool)})
        status, kind, why, index = 201, "", "", target.get("_index") or request.path.rpartition("/")[0].strip("/")
        try:
            row = shape(strict_json(line), "document", self.columns)
        except Refuse as no:
            status, kind, why = 400, "document_parsing_exception", no.why
        if fault:
            status, kind, why = fault, "es_rejected_execution_exception", "by order of the test"
        elif verb != "create":
            status, kind, why = 400, "illegal_argument_exception", "only write ops with an op_type of create are allowed in data streams"
        elif index != self.stream:
            status, kind, why = 404, "index_not_found_exception", f"no such index [{index}]"
        elif status == 201 and target.get("_id") in self.ids:
            status, kind, why = 409, "version_conflict_engine_exception", f"[{target['_id']}]: version conflict, document already exists"
        if status == 201:
            self.ids |= {target["_id"]} if "_id" in target else set()
            self.keep([(row["name"], row["labels"], row["@timestamp"], float(row["value"]))])
        elif status != 409:
            self.refused.append((status, why))
        error = {"error": {"type": kind, "reason": why}} if status != 201 else {}
        return {"create": {"_index": index, "_id": target.get("_id", ""), "status": status, **error}}
