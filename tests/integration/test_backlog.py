"""Three hours without the internet, then a real Prometheus that has to take them all, while one backend stays well and
another stays dead."""
import itertools
import json
import struct
import time
import urllib.parse

from harness import Process, Receiver, Target, free_port, get, main, page, peer, until
from turned_clock import TurnedClock

HOURS = 3
SERIES = 50


def counting():
    """A page whose values are never twice the same."""
    scrapes = itertools.count(1)
    return page(lambda: "".join(f'a{{n="{i}"}} {scrape * 1000 + i}\n' for scrape in [next(scrapes)] for i in range(SERIES)))


def stored(port):
    """{labels: [(time in ms, value), …]} of every series of the job."""
    question = urllib.parse.urlencode({"query": f'{{job="t"}}[{HOURS + 1}h]'})
    status, _, body = get(port, "/api/v1/query?" + question)
    assert status == 200, body
    return {tuple(sorted(row["metric"].items())): [(round(t * 1000), float(v)) for t, v in row["values"]]
            for row in json.loads(body)["data"]["result"]}


class Backlog(TurnedClock):
    def backends(self, port):
        return {row["name"]: row for row in self.status(port)["backends"]}

    def test_three_hours_arrive_sample_by_sample_and_no_backend_hinders_another(self):
        program, port = peer("PEER_PROMETHEUS"), free_port()
        targets = [Target(self, counting()) for _ in range(3)]
        well = Receiver(self)
        self.turn(-HOURS * 3600, True)
        _, status = self.forwarder(f"""
global: {{scrape_interval: 200ms}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: [{', '.join(f"'{t.address}'" for t in targets)}]}}]}}]
remote_write:
  - {{name: dead, url: 'http://127.0.0.1:{free_port()}/', queue_config: {{batch_send_deadline: 100ms}}}}
  - {{name: prometheus, url: 'http://127.0.0.1:{port}/api/v1/write', queue_config: {{batch_send_deadline: 100ms}}}}
  - {{name: well, url: '{well.url}', queue_config: {{batch_send_deadline: 100ms}}}}
""")
        began = time.monotonic()
        while (passed := time.monotonic() - began) < 40:
            self.turn(-HOURS * 3600 * (1 - passed / 40), True)
            time.sleep(0.1)
        self.turn(0, True)
        rows = self.backends(status)
        self.assertLess(rows["well"]["waiting"], 4 * SERIES * len(targets), "the well one kept up all the while")
        self.assertGreater(rows["prometheus"]["waiting"], 100 * SERIES * len(targets))

        with self.untouched():
            Process(self, [program, f"--config.file={self.file('prometheus.yml', 'scrape_configs: []')}",
                           f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={self.folder}/tsdb",
                           "--web.enable-remote-write-receiver"], "prometheus").wait_ready(port, "/-/ready")
        until(lambda: self.backends(status)["prometheus"]["waiting"] < 1000, 60,
              "Prometheus has the backlog")
        rows = self.backends(status)
        self.assertEqual((rows["prometheus"]["dropped"], rows["well"]["failures"], rows["dead"]["sent"]),
                         ({"refused": 0, "set_aside": 0, "too_large": 0, "other_status": 0}, 0, 0), rows)
        self.assertEqual(well.faults, [])

        sent = {labels: [(at, struct.unpack("<d", struct.pack("<Q", bits))[0]) for at, bits in samples]
                for labels, samples in well.series.items()}
        found = stored(port)
        self.assertEqual(set(found), set(sent))
        for labels, samples in sent.items():
            until_then = [sample for sample in found[labels] if sample[0] <= samples[-1][0]]
            expected = [sample for sample in samples if sample[0] <= found[labels][-1][0]]
            self.assertEqual(until_then, expected, labels)
            self.assertGreater(expected[-1][0] - expected[0][0], (HOURS * 3600 - 60) * 1000)


if __name__ == "__main__":
    main()
