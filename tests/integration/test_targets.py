"""What a target is called and when it is scraped at all: node_name, target_limit, environment variables."""
import os
import time

from harness import Case, Receiver, Target, get, main, page, until


class Targets(Case):
    def start(self, receiver, jobs, extra=""):
        return self.forwarder(f"""
global: {{scrape_interval: 500ms, scrape_timeout: 500ms{extra}}}
scrape_configs:
{jobs}
remote_write:
  - url: {receiver.url}
    queue_config: {{batch_send_deadline: 50ms}}
""")

    def names(self, receiver, metric):
        with receiver.lock:
            found = [dict(labels) for labels in receiver.series]
        return sorted(row.get("node_name", "none") for row in found if row["__name__"] == metric)

    def test_a_target_is_named_by_its_page_before_any_sample_is_sent(self):
        uname = 'a 1\nz 2\nnode_uname_info{nodename="pi-in-the-attic",machine="armv7l"} 1\n'
        named, plain, own = (Target(self, page(text)) for text in (uname, "b 1\n", uname.replace("a 1", "c 1")))
        receiver = Receiver(self)
        config = f"""  - job_name: n
    static_configs:
      - targets: ['{named.address}', '{plain.address}']
      - {{targets: ['{own.address}'], labels: {{node_name: given}}}}"""
        _, port = self.start(receiver, config, ", node_name: auto")
        until(lambda: all(len(receiver.samples(name)) >= 3 for name in "abc"))
        self.assertEqual([self.names(receiver, name) for name in ("a", "b", "c")], [["pi-in-the-attic"], ["127.0.0.1"], ["given"]])
        self.assertEqual(self.names(receiver, "up"), ["127.0.0.1", "given", "pi-in-the-attic"])
        self.assertEqual(self.target(port, named.address)["labels"]["node_name"], "pi-in-the-attic")
        scrapes = self.target(port, named.address)["scrapes"]
        self.assertEqual(get(port, "/-/reload", method="POST")[0], 200)
        time.sleep(0.3)
        self.assertGreaterEqual(self.target(port, named.address)["scrapes"], scrapes, "it was begun anew")
        self.assertEqual(receiver.faults, [])

        plain_receiver = Receiver(self)
        self.start(plain_receiver, config)
        until(lambda: all(plain_receiver.samples(name) for name in "abc"))
        self.assertEqual([self.names(plain_receiver, name) for name in ("a", "b", "c")], [["none"], ["none"], ["given"]])

    def test_a_target_that_is_down_at_first_goes_by_its_host_until_its_page_names_it(self):
        answers = ["broken"]
        target, receiver = Target(self, page(lambda: answers[0])), Receiver(self)
        self.start(receiver, f"  - {{job_name: n, static_configs: [{{targets: ['{target.address}']}}]}}", ", node_name: auto")
        until(lambda: len(receiver.samples("up", node_name="127.0.0.1")) >= 2)
        answers[0] = 'node_uname_info{nodename="late"} 1\n'
        until(lambda: len(receiver.samples("up", node_name="late")) >= 2)
        by_host = [value for _, value in receiver.samples("up", node_name="127.0.0.1")]
        self.assertEqual(set(by_host[:-1]), {0.0})
        self.assertEqual(by_host[-1], "stale")
        self.assertEqual({value for _, value in receiver.samples("up", node_name="late")}, {1.0})
        answers[0] = "a 1\n"  # the name stays
        until(lambda: receiver.samples("a"))
        self.assertEqual(self.names(receiver, "a"), ["late"])
        self.assertEqual(receiver.faults, [])

    def test_a_job_with_too_many_targets_fails_and_recovers(self):
        first, second = (Target(self, page("a 1\n")) for _ in range(2))
        receiver = Receiver(self)
        self.file("list.yml", f"- targets: ['{first.address}']\n")
        _, port = self.start(receiver, "  - {job_name: n, target_limit: 1, file_sd_configs: [{files: [list.yml]}]}")
        until(lambda: receiver.samples("a", instance=first.address))
        self.file("list.yml", f"- targets: ['{first.address}', '{second.address}']\n")
        until(lambda: [value for _, value in receiver.samples("a", instance=first.address)][-1:] == ["stale"])
        for target in (first, second):
            until(lambda t=target: 0.0 in [value for _, value in receiver.samples("up", instance=t.address)])
            self.assertEqual(self.target(port, target.address)["error"], "the job has 2 targets, more than 1 (target_limit)")
        self.assertEqual(receiver.samples("a", instance=second.address), [])
        self.file("list.yml", f"- targets: ['{second.address}']\n")
        until(lambda: [value for _, value in receiver.samples("up", instance=second.address)][-1:] == [1.0])
        until(lambda: receiver.samples("a", instance=second.address))
        self.assertEqual(receiver.faults, [])

    def test_external_labels_take_the_environment(self):
        os.environ["PIFLEET_TEST_SITE"] = "home"
        os.environ.pop("PIFLEET_TEST_UNSET", None)
        self.addCleanup(os.environ.pop, "PIFLEET_TEST_SITE")
        target, receiver = Target(self, page("a 1\n")), Receiver(self)
        program, _ = self.start(receiver, f"  - {{job_name: n, static_configs: [{{targets: ['{target.address}']}}]}}",
                                ", external_labels: {site: 'at ${PIFLEET_TEST_SITE}', unset: $PIFLEET_TEST_UNSET}")
        until(lambda: receiver.samples("a", site="at home"))
        self.assertIn("PIFLEET_TEST_UNSET", program.output())
        self.assertEqual(receiver.faults, [])

    def test_names_of_utf_8_are_escaped_for_1_0_and_refused_when_they_are_to_be_legacy(self):
        text = 'a_b 1\n{"a.b"} 2\n{"c d","e.f"="g"} 3\n'
        target, receiver = Target(self, page(text)), Receiver(self)
        _, port = self.start(receiver, f"""  - {{job_name: n, static_configs: [{{targets: ['{target.address}']}}]}}
  - job_name: strict
    metric_name_validation_scheme: legacy
    metric_name_escaping_scheme: underscores
    static_configs: [{{targets: ['{target.address}'], labels: {{strict: 'yes'}}}}]""")
        until(lambda: len(receiver.samples("up", job="n")) >= 3)
        self.assertEqual({value for _, value in receiver.samples("a_b")}, {1.0})
        self.assertEqual({value for _, value in receiver.samples("c_d", e_f="g")}, {3.0})
        collisions = self.status(port)["backends"][0]["left_out"]["collision"]
        self.assertGreaterEqual(collisions, 2)
        self.assertIn("pifleet_backend_name_collisions_total{", get(port, "/metrics")[2].decode())
        until(lambda: receiver.samples("up", job="strict"))
        self.assertEqual({value for _, value in receiver.samples("up", job="strict")}, {0.0})
        self.assertEqual({row["error"] for row in self.status(port)["targets"] if row["job"] == "strict"},
                         {"line 2: the metric name 'a.b' is not allowed by metric_name_validation_scheme legacy"})
        self.assertEqual(receiver.faults, [])


if __name__ == "__main__":
    main()
