"""Relabeling against the real Prometheus: one configuration with every action, given to both, yields the same targets,
labels and dropped targets; and what promtool says of a rule is what we say."""
import json
import subprocess
import time

from harness import Case, Process, Target, free_port, get, main, options, page, peer, query, until

# A job each: its rules, a line each. All have the targets and labels of CONFIG.
RULES = {
    "none": [],
    "replace": ["{source_labels: [room], target_label: place}",
                "{source_labels: [room, __meta_floor, absent], separator: '/', target_label: joined}",
                "{source_labels: [__address__], regex: '([^:]+):(\\d+)', target_label: at, replacement: '$2 at ${1}'}",
                "{target_label: fixed, replacement: value}",
                "{source_labels: [room], regex: 'att', target_label: anchored, replacement: wrong}",
                "{source_labels: [room], regex: 'att|attic', target_label: alternatives, replacement: right}",
                "{source_labels: [text], regex: 'one.two', target_label: dot, replacement: line end}"],
    "expansion": ["{source_labels: [__address__], regex: '(.+)[.](?P<last>\\d+):(.+)', target_label: a, replacement: '$1x'}",
                  "{source_labels: [__address__], regex: '(.+)[.](?P<last>\\d+):(.+)', target_label: b, replacement: '${1}x$last$$-$'}",
                  "{source_labels: [__address__], regex: '(.+)[.](?<last>\\d+):(.+)', target_label: c, replacement: '$last$01${}${3$9$3'}",
                  "{source_labels: [__address__], regex: '(.+)[.](?P<last>\\d+):(.+)', target_label: 'port_$3', replacement: '$3'}",
                  "{source_labels: [__address__], regex: '(.+)', target_label: '$2', replacement: 'nowhere'}",
                  "{source_labels: [room], regex: '(a)?(.+)', target_label: d, replacement: '<$1|$2>'}",
                  "{source_labels: [room], regex: '(.+)', target_label: e, replacement: '$1µ $1° $1é'}"],
    "nothing": ["{source_labels: [room, same], separator: , target_label: a}",
                "{source_labels: [room], target_label: same, replacement: }",
                "{source_labels: [absent], regex: , target_label: b, replacement: empty}",
                "{source_labels: [room], regex: , target_label: c, replacement: x}"],
    "removal": ["{source_labels: [room], regex: 'attic(.*)', target_label: room}",
                "{target_label: text, replacement: ''}"],
    "keep": ["{action: keep, source_labels: [room], regex: 'attic|hall'}",
             "{action: drop, source_labels: [__address__], regex: '.*:1'}"],
    "drop": ["{action: drop, source_labels: [absent], regex: ''}"],
    "keepequal": ["{action: keepequal, source_labels: [room], target_label: same}"],
    "dropequal": ["{action: dropequal, source_labels: [room], target_label: same}"],
    "hashmod": ["{action: hashmod, source_labels: [__address__], modulus: 3, target_label: shard}",
                "{action: hashmod, source_labels: [room, text], modulus: 1000000007, target_label: large}",
                "{action: HashMod, source_labels: [absent], modulus: 17, target_label: nothing}",
                "{action: keep, source_labels: [shard], regex: '[12]'}"],
    "labelmap": ["{action: labelmap, regex: '__meta_(.+)'}",
                 "{action: labelmap, regex: '(room|same)', replacement: 'was_${1}'}",
                 "{action: labelmap, regex: '__address__', replacement: instance}"],
    "labeldrop": ["{action: labeldrop, regex: 'room|tex.*'}"],
    "labelkeep": ["{action: labelkeep, regex: '__(address|scheme|metrics_path|scrape_interval|scrape_timeout)__|job|room'}"],
    "case": ["{action: lowercase, source_labels: [shout], target_label: quiet}",
             "{action: Uppercase, source_labels: [room], target_label: room}",
             "{action: uppercase, source_labels: [shout, room], target_label: both}"],
    "addresses": ["{source_labels: [__address__], target_label: __param_target}",
                  "{source_labels: [__param_target], target_label: instance}",
                  "{target_label: __address__, replacement: 'probe.invalid:9115'}",
                  "{target_label: __scheme__, replacement: https}",
                  "{target_label: __metrics_path__, replacement: '/probe it'}",
                  "{target_label: __scrape_interval__, replacement: 2m}",
                  "{target_label: __scrape_timeout__, replacement: 1m30s}", "{target_label: __tmp_x, replacement: unseen}"],
    "no address": ["{source_labels: [room], regex: attic, target_label: __address__, replacement: ''}"],
    "slash": ["{source_labels: [room], regex: attic, target_label: __address__, replacement: 'a/b'}"],
    "interval": ["{source_labels: [room], regex: attic, target_label: __scrape_interval__, replacement: 5 minutes}",
                 "{source_labels: [room], regex: hall, target_label: __scrape_timeout__, replacement: 2h}"],
    "utf-8": ["{source_labels: [room], target_label: 'a.label with blanks'}",
              "{source_labels: ['a.label with blanks'], target_label: copy}"],
}

JOB = """
  - job_name: '{name}'
    params: {{module: [icmp, tcp], 'a b': ['c&d']}}
    relabel_configs: [{rules}]
    static_configs:
      - {{targets: ['127.0.0.1:1', '127.0.0.2:2'],
         labels: {{room: attic, same: attic, text: "one\\ntwo", shout: 'ÄRGER Ж İ', __meta_floor: '2'}}}}
      - {{targets: ['127.0.0.3:1'], labels: {{room: hall, same: other, empty: '', __meta_floor: '0', __meta_x: y}}}}
      - {{targets: ['[::1]:4'], labels: {{job: 'own {name}', __param_module: given}}}}
"""

# What a configuration may and may not say; whether it may is promtool's word.
SAID = [
    "{}", "{action: kep}", "{action: keep, regex: '(a'}", "{action: keep, regex: 'a**'}", "{action: keep, regex: '(?<=a)b'}",
    "{action: keep, regex: 'x{1001}'}", "{action: hashmod, target_label: a}", "{action: hashmod, modulus: 3}",
    "{action: hashmod, modulus: 0, target_label: a}", "{action: hashmod, modulus: -1, target_label: a}",
    "{action: keepequal, source_labels: [a]}", "{action: keepequal, source_labels: [a], target_label: b}",
    "{action: keepequal, source_labels: [a], target_label: b, regex: x}",
    "{action: dropequal, source_labels: [a], target_label: b, separator: x}",
    "{action: dropequal, target_label: b, modulus: 4}", "{action: keepequal, target_label: b, replacement: x}",
    "{action: labeldrop, regex: x}", "{action: labeldrop, source_labels: [a], regex: x}",
    "{action: labelkeep, target_label: a}",
    "{action: labelkeep, separator: x}", "{action: labeldrop, modulus: 1}", "{action: labeldrop, replacement: x}",
    "{action: labeldrop, replacement: $1}",
    "{action: labelmap, regex: x, replacement: ''}", "{action: labelmap, regex: x, replacement: 'a b'}",
    "{action: lowercase, target_label: a, replacement: x}",
    "{action: uppercase, target_label: a, regex: x, modulus: 1}", "{action: lowercase}", "{action: keep}",
    "{action: drop, target_label: x, modulus: 2}",
    "{target_label: ''}", "{target_label: 'ä b'}", "{target_label: '${1'}", "{source_labels: [''], target_label: a}",
    "{source_labels: a, target_label: a}",
    "{source_labels: ['a b'], target_label: a}", "{regex: [a], target_label: a}",
    "{regex: 5, target_label: 7, replacement: 9, separator: 1}",
    "{source_label: [a], target_label: a}", "~", "[]", "text", "{action: ~, target_label: a}",
    "{action: '', target_label: a}", "{action: REPLACE, target_label: a}",
]


class Relabel(Case):
    def prometheus(self, config, name="prometheus", flags=()):
        program, port = peer("PEER_PROMETHEUS"), free_port()
        path = self.file(name + ".yml", config)
        process = Process(self, [program, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}",
                                 f"--storage.tsdb.path={self.folder}/tsdb-{name}", *flags], name)
        process.wait_ready(port, "/-/ready")
        return process, port

    def test_the_same_configuration_gives_the_same_targets(self):
        jobs = "".join(JOB.format(name=name, rules=", ".join(rules)) for name, rules in RULES.items())
        config = "global: {scrape_interval: 1h, scrape_timeout: 1s}\nscrape_configs:" + jobs
        _, port = self.prometheus(config)

        def discovered():  # a few seconds after the start, one job after the other
            data = json.loads(get(port, "/api/v1/targets")[2])["data"]
            pools = {target["scrapePool"] for target in data["activeTargets"] + data["droppedTargets"]}
            return data if pools == set(RULES) else None

        theirs = until(discovered, 30, "Prometheus's targets")
        _, own_port = self.forwarder(config)
        ours = self.status(own_port)

        def row(labels, discovered, interval=None):
            return json.dumps([labels, discovered, interval], sort_keys=True, ensure_ascii=False)

        milliseconds = {"1h": 3_600_000, "2m": 120_000}
        self.assertEqual(sorted(row(t["labels"], t["discoveredLabels"], milliseconds[t["scrapeInterval"]])
                                for t in theirs["activeTargets"]),
                         sorted(row(t["labels"], t["discovered"], t["interval_ms"]) for t in ours["targets"]))
        self.assertEqual(sorted(row({}, t["discoveredLabels"]) for t in theirs["droppedTargets"]),
                         sorted(row({}, t["discovered"]) for t in ours["dropped_targets"]))
        self.assertEqual(ours["dropped_targets_count"], len(theirs["droppedTargets"]))
        self.assertGreater(len(theirs["droppedTargets"]), 5)
        jobs = {t["discoveredLabels"]["job"].removeprefix("own ") for t in theirs["activeTargets"]}
        self.assertEqual(jobs, set(RULES) - {"drop"})

    def test_what_promtool_refuses_is_refused(self):
        tool = peer("PEER_PROMTOOL")
        for rule in SAID:
            for place in ("scrape_configs: [{job_name: a, relabel_configs: [RULE]}]",
                          "remote_write: [{url: 'http://h/', write_relabel_configs: [RULE]}]"):
                path = self.file("said.yml", place.replace("RULE", rule))
                said = subprocess.run([tool, "check", "config", "--syntax-only", path],
                                      capture_output=True, text=True, check=False)
                ours = self.read(path)
                with self.subTest(rule=rule, place=place[:14]):
                    self.assertEqual(ours == "", said.returncode == 0, f"promtool: {said.stdout}{said.stderr}\nwe: {ours}")
                    if ours:
                        self.assertRegex(ours, r"said\.yml:1:\d+: ")

    def read(self, path):
        """What the forwarder says of a configuration; empty: nothing. A flag that is none ends it once it has been read."""
        done = subprocess.run([options.bin / "pifleet-forwarder", f"--config.file={path}", "--web.listen-address=nowhere",
                               "--storage.path="],
                              capture_output=True, text=True, timeout=20, check=False)
        return "\n".join(line for line in done.stderr.splitlines() if "said.yml" in line)

    def test_write_relabel_configs_send_what_prometheus_sends(self):
        target = Target(self, page('a{room="attic"} 1\na{room="hall"} 2\nnoise_total 3\nb{site="own",x="y"} 4\n'))
        config = f"""
global: {{scrape_interval: 1s, external_labels: {{site: home, region: north}}}}
scrape_configs: [{{job_name: page, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write:
  - url: 'http://127.0.0.1:STORE/api/v1/write'
    queue_config: {{batch_send_deadline: 200ms}}
    write_relabel_configs:
      - {{action: drop, source_labels: [__name__], regex: 'noise.*|scrape_.*'}}
      - {{source_labels: [__name__, room], regex: 'a;(.+)', target_label: __name__, replacement: 'a_$1'}}
      - {{action: uppercase, source_labels: [site], target_label: place}}
      - {{action: hashmod, source_labels: [instance, room], modulus: 97, target_label: shard}}
      - {{action: labeldrop, regex: 'region|x'}}
"""
        stored = []
        for send in (lambda text: self.prometheus(text, "sender"), self.forwarder):
            _, store = self.prometheus("scrape_configs: []", f"store-{len(stored)}", ["--web.enable-remote-write-receiver"])
            _, sender = send(config.replace("STORE", str(store)))
            until(lambda: len(query(store, "{job='page'}")) >= 4, 30, "what is sent")
            time.sleep(1.5)  # a second scrape: what should not be there would be by now
            stored.append(sorted(json.dumps(labels, sort_keys=True) for labels, _ in query(store, "{__name__=~'.+'}")))
        self.assertEqual(stored[0], stored[1])
        self.assertEqual({json.loads(row)["__name__"] for row in stored[1]}, {"a_attic", "a_hall", "b", "up"})
        backend = self.status(sender)["backends"][0]
        self.assertGreater(backend["left_out"]["rules"], 0)
        self.assertEqual(backend["failures"], 0)
        self.assertIn("pifleet_backend_samples_left_out_total{", get(sender, "/metrics")[2].decode())


if __name__ == "__main__":
    main()
