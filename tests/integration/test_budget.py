"""Sizes are promises: the programs' resident memory, measured while they work."""
import time

from harness import Case, Receiver, Target, get, main, page, until

MIB = 1024


def thousand_series(target):
    """A page of 1,000 series whose values move with the time."""

    def text():
        now = time.time()
        return "".join(f'some_metric_name_total{{device="device{i}",mode="mode{i % 7}",target="{target}"}} {now + i:.3f}\n'
                       for i in range(1000))

    return text


class Budget(Case):
    def test_node_exporter_stays_under_8_mb(self):
        program, port = self.node_exporter()
        for _ in range(200):
            self.assertEqual(get(port, "/metrics")[0], 200)
        print(f"\n    node exporter after 200 scrapes: {program.resident_kib() / MIB:.1f} MiB resident")
        self.assertLess(program.resident_kib(), 8 * MIB)

    def test_forwarder_with_five_targets_stays_under_12_mb(self):
        receiver = Receiver(self)
        targets = [Target(self, page(thousand_series(i))) for i in range(5)]
        names = ", ".join(f"'{t.address}'" for t in targets)
        program, port = self.forwarder(f"""
global: {{scrape_interval: 1s}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: [{names}]}}]}}]
remote_write: [{{url: '{receiver.url}'}}]
""")
        until(lambda: self.status(port)["backends"][0]["sent"] > 60_000, 60, "60,000 samples sent")
        print(f"\n    forwarder with 5 targets of 1,000 series: {program.resident_kib() / MIB:.1f} MiB resident")
        self.assertEqual(receiver.faults, [])
        self.assertLess(program.resident_kib(), 12 * MIB)


if __name__ == "__main__":
    main()
