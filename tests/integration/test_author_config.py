"""The configuration that the original owner ran, unchanged: the same targets as in the real Prometheus. It names addresses of a
house and a service on the Internet, so both run where there is no network but loopback."""
import os
import pathlib

from harness import Case, Process, free_port, main, peer, until
from test_dns import INSIDE, enter_namespace, loopback_up
from test_same_as_prometheus import targets_here, targets_there


class AuthorConfig(Case):
    def test_the_same_targets_as_prometheus(self):
        text = pathlib.Path(__file__).with_name("author-prometheus.yml").read_text()
        program, port = self.forwarder(text)
        self.assertIn("rules and alarms live in the backend", program.output())
        ours = [(url, labels) for url, _, labels in targets_here(self.status(port)["targets"])]
        self.assertEqual(len(ours), 7)
        self.file("alert.yml", "groups: []\n")  # which its rule_files name
        their_port = free_port()
        prometheus = Process(self, [peer("PEER_PROMETHEUS"), f"--config.file={self.file('author.yml', text)}",
                                    f"--storage.tsdb.path={self.folder}/tsdb", f"--web.listen-address=127.0.0.1:{their_port}"],
                             "prometheus")
        prometheus.wait_ready(their_port, "/-/ready")
        until(lambda: len(targets_there(their_port)) == len(ours), 20, "all of Prometheus's targets")
        self.assertEqual(ours, [(url, labels) for url, _, labels in targets_there(their_port)])


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_namespace()
    loopback_up()
    main()
