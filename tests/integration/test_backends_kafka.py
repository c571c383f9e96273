"""Kafka: every sample is read back by a second client, in the order of its series, whatever happens on the way: a broker that
goes away, errors, answers that are lost. Beside librdkafka's mock cluster a broker of our own, which has TLS and passwords."""
import collections
import datetime
import json
import shutil
import struct
import subprocess
import tempfile
import threading

from doubles.kafka import KafkaBroker
from harness import STALE, Case, Process, Receiver, Target, free_port, main, options, page, until
from http_doubles import Certificates

QUEUE = "queue_config: {batch_send_deadline: 50ms, min_backoff: 20ms, max_backoff: 200ms}"
NOT_LEADER, REQUEST_TIMED_OUT, TOPIC_DENIED, RECORD_TOO_LARGE = 6, 7, 29, 10


class Mock:
    """kafka_mock.cpp"""

    def __init__(self, case):
        self.process = subprocess.Popen([options.bin / "kafka_mock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        case.addCleanup(self.end)
        self.lock = threading.Lock()
        self.address = self.process.stdout.readline().strip()

    def end(self):
        self.process.communicate()  # it ends with its input
        self.process.wait(20)

    def tell(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def records(self):
        with self.lock:
            self.tell("read")
            found = []
            for line in iter(self.process.stdout.readline, "end\n"):
                partition, key, value = line.rstrip("\n").split("\t", 2)
                found.append((int(partition), key, json.loads(value)))
            return found


class Scene(Case):
    def setUp(self):
        super().setUp()
        self.scrapes, self.gone, self.more = 0, False, ""
        self.target, self.scraped = Target(self, page(self.text)), Receiver(self)

    def text(self):
        self.scrapes += 1
        if self.gone:
            return "no page"
        return (f'n {self.scrapes}\nn{{kind="half"}} {self.scrapes}.5\nodd{{kind="nan"}} NaN\nodd{{kind="inf"}} -Inf\n'
                f'odd{{kind="say \\"hi\\" \\\\ ü"}} 1e300\n{self.more}')

    def start(self, brokers, *more, storage="data"):
        config = self.file("forwarder.yml", f"""
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
clock: {{check: false}}
scrape_configs: [{{job_name: pi, static_configs: [{{targets: ['{self.target.address}']}}]}}]
remote_write: [{{url: '{self.scraped.url}', {QUEUE}}}]
backends:
  - {{{', '.join((f"name: queue, protocol: kafka, brokers: '{brokers}'", QUEUE, *more))}}}
""")
        self.port = free_port()
        self.program = Process(self, [options.bin / "pifleet-forwarder", f"--config.file={config}",
                                      f"--web.listen-address=127.0.0.1:{self.port}", f"--storage.path={self.folder}/{storage}"])
        return self.program.wait_ready(self.port, "/-/ready")

    def backend(self):
        return self.status(self.port)["backends"][1]

    @staticmethod
    def sample(record):
        at = datetime.datetime.strptime(record["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
        bits = struct.unpack("<Q", struct.pack("<d", float(record["value"])))[0]
        if record["value"] == "NaN":
            bits = STALE if record.get("stale") else "NaN"
        return round(at.timestamp() * 1000), bits

    def read(self, records):
        """{labels: [(time, bits)]} in the order of the queue; a series is in one partition, under one key."""
        found, places = collections.defaultdict(list), collections.defaultdict(set)
        for partition, key, record in records:
            labels = tuple(sorted(record["labels"].items()))
            self.assertEqual(record["name"], record["labels"]["__name__"])
            found[labels].append(self.sample(record))
            places[labels].add((partition, key))
        self.assertTrue(all(len(place) == 1 for place in places.values()), places)
        return found

    def wanted(self):
        def bits_of(bits):
            return "NaN" if bits == 0x7FF8000000000001 else bits

        with self.scraped.lock:
            return {labels: [(at, bits_of(bits)) for at, bits in samples] for labels, samples in self.scraped.series.items()}

    @staticmethod
    def holds(found, wanted):
        return all(set(samples) <= set(found.get(labels, [])) for labels, samples in wanted.items())

    def check_all(self, records, more=2, repeats=False):
        """What was scraped until now, and some scrapes more, is in the queue, in order; `repeats`: twice, maybe."""
        count = len(self.scraped.samples("n", kind="half")) + more
        until(lambda: len(self.scraped.samples("n", kind="half")) >= count, 30, f"scrapes: {self.program.output()}")
        wanted = self.wanted()

        until(lambda: self.holds(self.read(records()), wanted), 40, f"all samples: {self.backend()}")
        for samples in self.read(records()).values():
            once = list(dict.fromkeys(samples))
            if not repeats:
                self.assertEqual(samples, once)
            self.assertEqual(once, sorted(once, key=lambda sample: sample[0]))
        self.assertEqual(sum(self.backend()["dropped"].values()), 0)
        self.assertEqual(sum(self.backend()["left_out"].values()), 0)


class MockCluster(Scene):
    def test_every_sample_is_read_back_by_a_second_client(self):
        mock = Mock(self)
        self.start(mock.address)
        self.check_all(mock.records, 4)
        self.gone = True  # the target fails: its series end
        until(lambda: any(record.get("stale") for _, _, record in mock.records()), 30, "stale markers")
        self.assertGreater(len({partition for partition, _, _ in mock.records()}), 1)

    def test_brokers_that_go_away_and_come_back_and_errors(self):
        mock = Mock(self)
        self.start(mock.address, "remote_timeout: 2s")
        self.check_all(mock.records)
        for broker in (1, 2, 3):
            mock.tell("down", broker)
        until(lambda: self.backend()["state"] == "retrying", 30, "an outage that is seen")
        for broker in (1, 2, 3):
            mock.tell("up", broker)
        for error in (NOT_LEADER, REQUEST_TIMED_OUT, NOT_LEADER):
            mock.tell("error", error)
        self.check_all(mock.records)


class Broker(Scene):
    def records(self):
        with self.broker.lock:
            self.assertEqual(self.broker.refused, [])
            return list(self.broker.records)

    def test_lost_answers_and_a_broker_that_comes_back_repeat_nothing(self):
        self.broker = KafkaBroker(self)
        self.start(self.broker.address, "remote_timeout: 1s")
        self.check_all(self.records)
        self.broker.lose = 3
        until(lambda: self.broker.lost == 3, 30, "three answers lost")
        self.check_all(self.records)
        self.assertGreater(self.broker.repeated, 0)  # they came again, and were known by their numbers
        self.broker.close()
        until(lambda: self.backend()["state"] == "retrying", 30, "an outage")
        self.broker.listen(self.broker.port)
        self.check_all(self.records)

    def test_a_restart_after_a_lost_answer_repeats_what_was_not_answered_at_most(self):
        self.broker = KafkaBroker(self)
        self.start(self.broker.address)
        self.check_all(self.records)
        before = len(self.records())
        self.broker.lose = 1_000_000
        until(lambda: self.broker.lost > 1, 30, "lost answers")
        self.assertEqual(self.program.end(), 0)
        unanswered, self.broker.lose = len(self.records()) - before, 0
        self.start(self.broker.address)
        self.check_all(self.records, repeats=True)
        repeated = sum(len(samples) - len(set(samples)) for samples in self.read(self.records()).values())
        self.assertLessEqual(repeated, unanswered)

    def test_as_azure_event_hubs_by_tls_with_a_connection_string(self):
        certificates = Certificates(self.folder)
        certificates.issue("server", "localhost")
        secret = "Endpoint=sb://pi.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=s3cret="
        self.broker = KafkaBroker(self, certificates, ("$ConnectionString", secret))
        key = self.file("secret", "wrong\n")
        entry = ("security: sasl_ssl", "username: $ConnectionString", f"password_file: '{key}'",
                 f"tls_config: {{ca_file: '{certificates.path('ca.pem')}'}}")
        self.start(self.broker.address, *entry, "remote_timeout: 5s")
        until(lambda: self.backend()["state"] == "denied", 30, "a refused password")
        self.assertIn("Invalid credentials", self.backend()["error"])
        key.write_text(secret + "\n")  # as a mended file is: it is read again, and the samples have waited
        self.program.end()
        self.start(self.broker.address, *entry)
        self.check_all(self.records)
        self.assertNotIn("s3cret", self.program.output())
        self.program.end()
        self.start(self.broker.address, *entry[:3])  # the system's certificates know nothing of this one
        until(lambda: self.backend()["state"] == "retrying" and "certificate verify failed" in self.backend()["error"], 30,
              f"an unknown certificate: {self.backend()}")


class Mistakes(Scene):
    def told(self, state, *words):
        until(lambda: self.backend()["state"] == state, 20, f"{state}: {self.backend()}")
        for word in words:
            self.assertIn(word, self.backend()["error"])
        self.assertEqual(sum(self.backend()["dropped"].values()), 0)
        self.assertEqual(self.program.end(), 0)

    def test_no_broker_a_missing_topic_and_one_that_may_not_be_written(self):
        self.start(f"127.0.0.1:{free_port()}", "remote_timeout: 1s")
        self.told("retrying", "refused")
        broker = KafkaBroker(self)
        self.start(broker.address, "topic: other")
        self.told("denied", "topic other", "make the topic")
        broker.error = TOPIC_DENIED
        self.start(broker.address)
        self.told("denied", "topic metrics")
        self.assertEqual(broker.refused, [])

    def test_a_record_that_no_broker_takes_costs_itself_alone(self):
        broker = KafkaBroker(self)
        self.start(broker.address)
        until(lambda: broker.records, 20, "records")
        self.more = 'big{text="' + "x" * 1_010_000 + '"} 1\n'
        until(lambda: sum(self.backend()["dropped"].values()) > 0, 30, f"a loss: {self.backend()}")
        self.more = ""
        count = len(self.scraped.samples("n", kind="half")) + 2
        until(lambda: len(self.scraped.samples("n", kind="half")) >= count, 30, "scrapes")
        wanted = {labels: samples for labels, samples in self.wanted().items() if dict(labels)["__name__"] != "big"}
        until(lambda: self.holds(self.read(broker.records), wanted), 30, "all the others")
        self.assertIn("too large", self.program.output())

    def test_no_module_and_nothing_is_loaded_that_is_not_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(options.bin / "pifleet-forwarder", folder)
            before, options.bin = options.bin, type(options.bin)(folder)
            try:
                self.start(f"127.0.0.1:{free_port()}")
            finally:
                options.bin = before
            self.told("denied", "pifleet-forwarder-kafka.so")
        needed = subprocess.run(["ldd", options.bin / "pifleet-forwarder"], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("librdkafka", needed)


if __name__ == "__main__":
    main()
