"""What the tests of the node exporter's optional collectors share: the same collectors asked of ours and of the real
node_exporter, and their pages held against each other series by series."""
import contextlib
import functools
import math
import re

from harness import Case, Process, free_port, get, options, peer
from node_side_by_side import parse

OURS = "pifleet-node-exporter"


real = functools.cache(lambda: peer("PEER_NODE_EXPORTER"))


class PeerCase(Case):
    def start(self, program, flags):
        port = free_port()
        running = Process(self, [program, f"--web.listen-address=127.0.0.1:{port}", "--web.disable-exporter-metrics",
                                 "--collector.disable-defaults", *flags])
        running.wait_ready(port, "/")
        return running, port

    def ours(self, *flags):
        return self.start(options.bin / OURS, flags)

    @contextlib.contextmanager
    def both(self, *flags):
        """Ours and the real one, running with these flags; a function that asks both: [(types, series), (types, series)]."""
        running = [self.start(program, flags) for program in (options.bin / OURS, real())]
        yield lambda: [self.page(port) for _, port in running]
        for program, _ in running:
            program.end()

    @staticmethod
    def page(port):
        types, series = parse(get(port, "/metrics")[2].decode())
        keep = lambda name: not name.startswith(("node_scrape_collector_duration", "node_exporter_build_info"))  # noqa: E731
        return ({name: kind for name, kind in types.items() if keep(name)},
                {key: value for key, value in series.items() if keep(key)})

    def same(self, pages, loose=None, least=1):
        """Both pages are the same, but for series that `loose` matches: they only have to be there. Gives our series."""
        (our_types, ours), (their_types, theirs) = pages
        self.assertEqual(our_types, their_types)
        self.assertEqual(sorted(set(ours) ^ set(theirs)), [])
        for key, value in theirs.items():
            if not (loose and re.match(loose, key)):
                self.assertTrue(math.isclose(ours[key], value, rel_tol=1e-12, abs_tol=0), f"{key}: {ours[key]} and {value}")
        self.assertGreaterEqual(len(ours), least)
        return ours

    def compare(self, *flags, loose=None, least=1):
        with self.both(*flags) as ask:
            return self.same(ask(), loose, least)

    def success(self, page, collector):
        return page[1][f'node_scrape_collector_success{{collector="{collector}"}}']
