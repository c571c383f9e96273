"""What the tests of pifleet-k8s-state-exporter share: the program beside a stand-in API server, and pages waited for."""
import contextlib
import http.client
import pathlib
import re

import kube_page
from harness import Case, Process, free_port, get, options, until
from kube_pki import Pki
from kube_stand_in import StandIn
from kube_store import CAPTURES, Store

PROGRAM = "pifleet-k8s-state-exporter"
EXPECTED = CAPTURES.parent
ALL_FLAGS = ("--metric-labels-allowlist=*=[*]", "--metric-annotations-allowlist=*=[*]")


def reference(name):
    """A recorded page, right where kube-state-metrics is wrong: what each line says is worked out by hand."""
    page = kube_page.Page((EXPECTED / f"{name}.prom").read_text())
    schedule = 'kube_cronjob_next_schedule_time{namespace="home-automation",cronjob="%s"}'
    if schedule % "dow-dom" in page.samples:
        page.samples[schedule % "dow-dom"] = 1795565100  # Wednesday, 2026-11-25T00:05:00Z: a day of the week is enough
        page.samples[schedule % "step-60"] = 1795330800  # 2026-11-22T07:00:00Z: the full hour after 06:00
    if name != "expected-all":
        page.samples = {series: value for series, value in page.samples.items()
                        if not series.startswith("kube_volumeattachment_labels")}
    return page


class Exporter:
    """A running exporter. Its page is read strictly; what it says of itself is on the other port."""

    def __init__(self, case, server, flags, kubeconfig=None):
        self.case, self.port, self.telemetry = case, free_port(), free_port()
        if kubeconfig is None:
            kubeconfig = server.kubeconfig(pathlib.Path(case.folder) / f"kubeconfig-{self.port}")
        given = [f"--kubeconfig={kubeconfig}"] if kubeconfig else []
        self.program = Process(case, [options.bin / PROGRAM, *given, "--host=127.0.0.1", f"--port={self.port}",
                                      "--telemetry-host=127.0.0.1", f"--telemetry-port={self.telemetry}", *flags])
        self.pid = self.program.process.pid

    def page(self, **headers):
        status, _, body = get(self.port, "/metrics", headers)
        if status != 200:
            raise OSError(f"{status}: {body[:300]}")
        return kube_page.Page(body)

    def health(self, path, telemetry=False):
        """The status at a path of health, 0 when nobody answers."""
        with contextlib.suppress(OSError):
            return get(self.telemetry if telemetry else self.port, path)[0]
        return 0

    def own(self):
        """What the program says of itself: {series: value}."""
        found = {}
        for line in get(self.telemetry, "/metrics")[2].decode().splitlines():
            if not line.startswith("#"):
                series, _, value = line.rpartition(" ")
                found[series] = float(value)
        return found

    def own_sum(self, name, **labels):
        return sum(value for series, value in self.own().items()
                   if series.partition("{")[0] == name and all(f'{key}="{text}"' in series for key, text in labels.items()))

    def log(self):
        return self.program.output()

    def said(self, pattern):
        """How often a line of the log matches."""
        return len(re.findall(pattern, self.log(), re.M))

    def wait_same(self, wanted, families=(), seconds=20, what="the page"):
        """Until the page (or these families of it) is as wanted: {series: value}, or a function that gives it."""
        seen = []

        def alike():
            if self.program.process.poll() is not None:
                raise RuntimeError(f"the exporter ended ({self.program.process.returncode}):\n{self.log()}")
            try:
                page = self.page()
            except (OSError, http.client.HTTPException):  # not listening yet
                return False
            got = page.of(*families) if families else page.samples
            seen[:] = kube_page.differences(got, wanted() if callable(wanted) else wanted)
            return not seen

        try:
            until(alike, seconds)
        except AssertionError:
            raise AssertionError(f"{what}, after {seconds} s:\n" + "\n".join(seen) + "\n" + self.log()[-3000:]) from None
        return self


class KubeCase(Case):
    def stand_in(self, tls=True, store=None):
        """A stand-in with the captured cluster (or with another), over TLS unless told otherwise."""
        server = StandIn(store or Store().load(), Pki(pathlib.Path(self.folder) / "pki") if tls else None)
        self.addCleanup(server.close)
        return server

    def exporter(self, server, *flags, kubeconfig=None):
        return Exporter(self, server, flags, kubeconfig)

    def run_to_end(self, *flags, seconds=20, environment=None):
        """(exit code, what it said) of a program that ends by itself."""
        process = Process(self, ["env", *(environment or []), options.bin / PROGRAM, *flags])
        code = process.process.wait(seconds)
        return code, process.output()

    def assert_from_scratch(self, exporter, server, *flags, seconds=20):
        """A program started now, of the same server, comes to the same page."""
        fresh = self.exporter(server, *flags)

        def samples():
            return fresh.page().samples if fresh.health("/metrics") == 200 else {}

        try:
            exporter.wait_same(samples, seconds=seconds, what="the page beside one from scratch")
            self.assertEqual(exporter.page().families, fresh.page().families)
        finally:
            fresh.program.end()
