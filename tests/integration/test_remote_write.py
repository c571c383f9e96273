"""remote_write 2.0 and metadata: what a receiver of each kind gets, and what a wrong choice costs (nothing)."""
from harness import Case, Receiver, Target, fields, get, main, page, unpack_snappy, until

PAGE = """# HELP a_seconds Some \\\\ help.
# TYPE a_seconds histogram
a_seconds_bucket{le="+Inf"} 1
a_seconds_sum 2
a_seconds_count 1
# TYPE b_total counter
b_total 7
c 0
"""
V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"


def varints(data):
    out, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            out.append(value)
            value = shift = 0
    return out


def request_v2(body):
    """[(labels, [(time, bits), …], (type, help, unit)), …]; refuses what the specification refuses."""
    symbols, series = [], []
    for number, message in fields(unpack_snappy(body)):
        if number == 4:
            symbols.append(message.decode())
            continue
        if number != 5:
            raise ValueError(f"Request field {number}")
        parts = list(fields(message))
        refs = varints(next(value for number, value in parts if number == 1))
        samples = [dict(fields(value)) for number, value in parts if number == 2]
        metadata = dict(fields(next((value for number, value in parts if number == 5), b"")))
        texts = [symbols[ref] for ref in refs]
        labels = tuple(zip(texts[::2], texts[1::2]))
        if [name for name, _ in labels] != sorted({name for name, _ in labels}) or not all(map(all, labels)) or not samples:
            raise ValueError(f"labels {labels}, {len(samples)} samples")
        series.append((labels, [(sample.get(2, 0), sample.get(1, 0)) for sample in samples],
                       (metadata.get(1, 0), symbols[metadata.get(3, 0)], symbols[metadata.get(4, 0)])))
    if symbols[0] != "" or len(symbols) != len(set(symbols)):
        raise ValueError("symbols")
    return series


class ReceiverV2(Receiver):
    """Takes 2.0 (`status` 204) and says so, or answers it as an older receiver does; takes 1.0 as well."""

    def __init__(self, case, status=204, says=True):
        self.status, self.says, self.attempts = status, says, 0
        super().__init__(case)

    def take_samples(self, headers, body):
        if headers["X-Prometheus-Remote-Write-Version"] != "2.0.0":
            return super().take_samples(headers, body)
        self.attempts += 1
        if headers["Content-Type"] != V2 or headers["Content-Encoding"] != "snappy":
            self.faults.append(dict(headers))
        if self.status >= 300 or not self.says:
            return self.status, {}
        written = 0
        for labels, samples, metadata in request_v2(body):
            known = self.series.setdefault(labels, [])
            if known and samples[0][0] <= known[-1][0]:
                self.faults.append(f"out of order: {labels}")
            known.extend(samples)
            self.metadata[dict(labels)["__name__"]] = metadata
            written += len(samples)
        return 204, {"X-Prometheus-Remote-Write-Samples-Written": str(written)}


class RemoteWrite(Case):
    def relay(self, receiver, extra=""):
        target = Target(self, page(PAGE))
        return self.forwarder(f"""
global: {{scrape_interval: 1s, external_labels: {{site: test}}}}
scrape_configs: [{{job_name: t, static_configs: [{{targets: ['{target.address}']}}]}}]
remote_write:
  - {{url: '{receiver.url}', queue_config: {{batch_send_deadline: 100ms}}, {extra}}}
""")

    def test_metadata_goes_to_a_receiver_of_1_0_once_an_interval(self):
        receiver = Receiver(self)
        self.relay(receiver, "metadata_config: {send_interval: 1s}")
        until(lambda: len(receiver.metadata) == 2, what="metadata")
        self.assertEqual(receiver.metadata, {"a_seconds": (3, "Some \\ help.", ""), "b_total": (1, "", "")})
        receiver.metadata.clear()
        until(lambda: len(receiver.metadata) == 2, what="metadata again")
        self.assertEqual(receiver.faults, [])

    def test_a_receiver_that_refuses_metadata_gets_samples_only(self):
        receiver = Receiver(self)
        receiver.metadata_status = 400
        program, port = self.relay(receiver, "metadata_config: {send_interval: 100ms}")
        until(lambda: len(receiver.samples("c")) >= 4)
        self.assertEqual((receiver.metadata_requests, receiver.faults), (1, []))
        self.assertEqual(program.output().count("refuses metadata"), 1)
        row = self.status(port)["backends"][0]
        self.assertEqual((sum(row["dropped"].values()), row["failures"]), (0, 0))

    def test_no_metadata_when_the_owner_does_not_want_any(self):
        receiver = Receiver(self)
        self.relay(receiver, "metadata_config: {send: false, send_interval: 100ms}")
        until(lambda: len(receiver.samples("c")) >= 3)
        self.assertEqual(receiver.metadata, {})

    def test_a_receiver_of_2_0_gets_samples_with_metadata(self):
        receiver = ReceiverV2(self)
        program, port = self.relay(receiver, "protobuf_message: io.prometheus.write.v2.Request")
        until(lambda: len(receiver.samples("b_total", site="test", job="t")) >= 3)
        self.assertEqual({value for _, value in receiver.samples("b_total")}, {7.0})
        self.assertEqual({value for _, value in receiver.samples("c")}, {0.0})
        histogram = (3, "Some \\ help.", "")
        self.assertEqual(receiver.metadata["a_seconds_bucket"], histogram)
        self.assertEqual(receiver.metadata["a_seconds_count"], histogram)
        self.assertEqual(receiver.metadata["b_total"], (1, "", ""))
        self.assertEqual(receiver.metadata["c"], (0, "", ""))
        self.assertEqual((receiver.faults, receiver.requests), ([], []))
        self.assertNotIn("does not understand", program.output())

    def test_a_receiver_that_does_not_know_2_0_loses_nothing(self):
        for status, says in ((204, False), (200, False), (415, True), (400, True)):
            with self.subTest(status):
                receiver = ReceiverV2(self, status, says)
                program, port = self.relay(receiver, "protobuf_message: io.prometheus.write.v2.Request")
                until(lambda: len(receiver.samples("b_total")) >= 3)
                self.assertGreaterEqual(len(receiver.samples("b_total")), self.target_scrapes(port) - 1)
                self.assertEqual(receiver.attempts, 1, "the next batches are 1.0 from the start")
                self.assertEqual(receiver.faults, [])
                self.assertEqual(program.output().count("does not understand"), 1)
                self.assertEqual(sum(self.status(port)["backends"][0]["dropped"].values()), 0)
                # A reload asks again.
                self.assertEqual(get(port, "/-/reload", method="POST")[0], 200)
                until(lambda: receiver.attempts == 2)
                count = len(receiver.samples("b_total"))
                until(lambda: len(receiver.samples("b_total")) >= count + 2)
                self.assertEqual((receiver.faults, receiver.attempts), ([], 2))

    def target_scrapes(self, port):
        return self.status(port)["targets"][0]["scrapes"]

    def test_2_0_is_retried_by_the_same_rules(self):
        receiver = ReceiverV2(self, 503)
        program, port = self.relay(receiver, "protobuf_message: io.prometheus.write.v2.Request")
        until(lambda: receiver.attempts >= 3)
        receiver.status = 204
        until(lambda: len(receiver.samples("b_total")) >= 3)
        self.assertEqual((receiver.faults, receiver.requests), ([], []))


if __name__ == "__main__":
    main()
