"""One configuration, given to the real Prometheus (as an agent) and to the forwarder, each with a receiver of its own: the same
targets, the same series, the same ends."""
import json
import time

from harness import STALE, Case, Process, Receiver, Target, free_port, get, main, page, peer, until

# What differs, and why. Values of a series that is alive are compared for all but these.
TIMINGS = {"scrape_duration_seconds"}  # no two scrapes take the same time
# Of a page that breaks a limit or has a broken line the samples are not counted on, because it is not read on.
COUNTS_OF_A_BAD_PAGE = {"scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added"}
BAD_PAGES = {"limited", "broken"}
# Of such a page every series ends here. Prometheus 3.5 ends only those that it had not read before the fault: the others get no
# stale marker, however long the page stays bad.
NOT_ENDED_BY_PROMETHEUS = {"b", "d", "e"}


class AnyReceiver(Receiver):
    """As strict, whoever sends."""

    def check(self, headers):
        if headers["X-Prometheus-Remote-Write-Version"] != "0.1.0":
            raise ValueError("version")


class House:
    """Targets whose pages are those of a phase: 0 all is well, 1 something has gone."""

    def __init__(self, case):
        self.case, self.phase = case, 0

    def target(self, first, then=None, kind="text/plain; version=0.0.4"):
        then = first if then is None else then

        def text():
            now = (first, then)[self.phase]
            return now() if callable(now) else now

        return Target(self.case, page(text, kind=kind)).address


PAGE = """# HELP a Some help.
# TYPE a counter
a{room="attic"} 1
a{room="hall"} 2
clash{job="own",instance="here",exported_job="mine",site="page"} 3
blank{job="",room=""} 4
noise_total 5
old_name{id="7",keep="yes"} 6
twice 7
twice 8
nan NaN
inf +Inf
"""
OPEN_METRICS = """# TYPE requests counter
# HELP requests Some.
requests_total{code="200"} 17 # {trace_id="abc"} 1 1700000000
requests_created{code="200"} 1700000000
# TYPE delay_seconds histogram
# UNIT delay_seconds seconds
delay_seconds_bucket{le="1.0"} 1
delay_seconds_bucket{le="+Inf"} 2
delay_seconds_sum 1.5
delay_seconds_count 2
# TYPE build info
build_info{version="1"} 1
# TYPE state stateset
state{state="on"} 1
# EOF
"""


def stamped():
    return f"timed 1 {int(time.time() * 1000) - 500}\nplain 2\n"


def targets_there(port):
    active = json.loads(get(port, "/api/v1/targets?state=active")[2])["data"]["activeTargets"]
    return sorted((t["scrapeUrl"], t["health"], json.dumps([t["labels"], t["discoveredLabels"]], sort_keys=True)) for t in active)


def targets_here(rows):
    return sorted((t["url"], t["health"], json.dumps([t["labels"], t["discovered"]], sort_keys=True)) for t in rows)


class SameAsPrometheus(Case):
    def agent(self, config):
        port = free_port()
        program = Process(self, [peer("PEER_PROMETHEUS"), "--agent", f"--config.file={self.file('prometheus.yml', config)}",
                                 f"--storage.agent.path={self.folder}/agent", f"--web.listen-address=127.0.0.1:{port}"],
                          "prometheus")
        program.wait_ready(port, "/-/ready")
        return port

    def lists(self):
        """An http_sd."""
        body = [[]]
        server = Target(self, page(lambda: json.dumps(body[0]), kind="application/json"))
        return body, server.address

    def test_targets_series_and_ends(self):
        house = House(self)
        static = house.target(PAGE, PAGE.replace('a{room="hall"} 2\n', ""))
        honoring = house.target(PAGE)
        timed, untimed = house.target(stamped), house.target(stamped)
        openly = house.target(OPEN_METRICS, kind="application/openmetrics-text; version=1.0.0; charset=utf-8")
        broken = house.target("b 1\nc 1\n", "b 1\nc x\n")
        limited = house.target("d 1\ne 1\n", "d 1\ne 1\nf 1\n")
        filed, listed = house.target("h 1\n"), house.target("i 1\n")
        crowd = [house.target("j 1\n") for _ in range(2)]
        dead = f"127.0.0.1:{free_port()}"
        body, sd = self.lists()
        body[0] = [{"targets": [listed], "labels": {"room": "cellar", "__meta_floor": "-1"}}]
        self.file("list.yml", f"- targets: ['{filed}']\n  labels: {{room: hall}}\n")
        config = f"""
global: {{scrape_interval: 1s, scrape_timeout: 900ms, external_labels: {{site: home, region: north}}}}
scrape_configs:
  - job_name: static
    static_configs: [{{targets: ['{static}'], labels: {{room: attic, zone: z}}}}]
    relabel_configs: [{{source_labels: [__address__], regex: '.*:(.*)', target_label: port, replacement: 'p$1'}}]
    metric_relabel_configs:
      - {{action: drop, source_labels: [__name__], regex: 'noise_.*'}}
      - {{source_labels: [__name__], regex: 'old_(.*)', target_label: __name__, replacement: 'new_$1'}}
      - {{action: labeldrop, regex: id}}
  - {{job_name: honor, honor_labels: true, static_configs: [{{targets: ['{honoring}']}}]}}
  - {{job_name: timed, static_configs: [{{targets: ['{timed}']}}]}}
  - {{job_name: untimed, honor_timestamps: false, static_configs: [{{targets: ['{untimed}']}}]}}
  - {{job_name: open, static_configs: [{{targets: ['{openly}']}}]}}
  - {{job_name: broken, static_configs: [{{targets: ['{broken}']}}]}}
  - {{job_name: limited, sample_limit: 2, static_configs: [{{targets: ['{limited}']}}]}}
  - {{job_name: crowded, target_limit: 1, static_configs: [{{targets: {json.dumps(crowd)}}}]}}
  - {{job_name: dead, static_configs: [{{targets: ['{dead}']}}]}}
  - job_name: file
    file_sd_configs: [{{files: [list.yml], refresh_interval: 1s}}]
  - job_name: http
    http_sd_configs: [{{url: 'http://{sd}/', refresh_interval: 1s}}]
    relabel_configs: [{{action: labelmap, regex: '__meta_(floor)'}}]
remote_write: [{{url: 'URL', queue_config: {{batch_send_deadline: 100ms}}}}]
"""
        theirs, ours = AnyReceiver(self), Receiver(self)
        their_port = self.agent(config.replace("URL", theirs.url))
        _, our_port = self.forwarder(config.replace("URL", ours.url))
        for receiver in (theirs, ours):
            for job in ("static", "open", "file", "http", "limited"):
                until(lambda r=receiver, j=job: [v for _, v in r.samples("up", job=j)][-3:] == [1.0] * 3, 40, job)
        self.assertEqual(targets_here(self.status(our_port)["targets"]), targets_there(their_port))
        self.compare(theirs, ours, house.phase)

        house.phase = 1
        body[0] = []
        self.file("list.yml", "[]\n")
        for receiver in (theirs, ours):
            for job in ("file", "http"):
                until(lambda r=receiver, j=job: [v for _, v in r.samples("up", job=j)][-1:] == ["stale"], 40, job)
            for job in ("broken", "limited"):
                until(lambda r=receiver, j=job: [v for _, v in r.samples("up", job=j)][-2:] == [0.0] * 2, 40, job)
        self.assertEqual(targets_here(self.status(our_port)["targets"]), targets_there(their_port))
        ended = self.compare(theirs, ours, house.phase)
        self.assertLessEqual({"a", "b", "c", "d", "e", "h", "i", "up"}, {dict(labels)["__name__"] for labels in ended})
        self.assertEqual(theirs.faults + ours.faults, [])

    def compare(self, theirs, ours, phase):
        """The series of both are the same, their last values too; gives those that have ended."""
        def last(receiver):
            with receiver.lock:
                return {labels: samples[-1][1] for labels, samples in receiver.series.items()}

        def outcome(row, bits):
            bad = phase == 1 and row.get("job") in BAD_PAGES
            if bad and row["__name__"] in COUNTS_OF_A_BAD_PAGE | NOT_ENDED_BY_PROMETHEUS:
                return "any"
            if bits == STALE:
                return "stale"
            return "any" if row["__name__"] in TIMINGS else hex(bits)

        def shown(values):
            return sorted((json.dumps(dict(labels), sort_keys=True), outcome(dict(labels), bits)) for labels, bits in values.items())

        try:
            until(lambda: shown(last(ours)) == shown(last(theirs)), 15)
        except AssertionError:
            here, there = set(shown(last(ours))), set(shown(last(theirs)))
            self.fail("only ours: " + "\n".join(map(str, sorted(here - there))) +
                      "\nonly Prometheus's: " + "\n".join(map(str, sorted(there - here))))
        return [labels for labels, bits in last(ours).items() if bits == STALE]


if __name__ == "__main__":
    main()
