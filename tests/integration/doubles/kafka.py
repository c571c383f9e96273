"""A Kafka broker as its protocol guide has it, for what librdkafka's mock cluster has not: TLS, SASL PLAIN, answers that
are lost, and the check by which a real broker takes a record of an idempotent producer once: per producer and partition,
batches are numbered without a gap, and one that was there already is answered as if it were new.

    broker = KafkaBroker(case, certificates=None, credentials=None)
    broker.address  broker.records    [(partition, key, record)]
    broker.lose = 2                   the next two batches are taken and not answered, their connections cut
    broker.error = 3                  what every batch is answered with, and not taken
    broker.refused                    what was wrong with requests, a text each
"""
import contextlib
import gzip
import json
import re
import socket
import ssl
import struct
import threading

PRODUCE, FETCH, METADATA, HANDSHAKE, VERSIONS, PRODUCER_ID, AUTHENTICATE = 0, 1, 3, 17, 18, 22, 36
SPOKEN = {PRODUCE: (0, 3), FETCH: (0, 4), METADATA: (0, 4), HANDSHAKE: (0, 1), VERSIONS: (0, 0), PRODUCER_ID: (0, 0),
          AUTHENTICATE: (0, 0)}
CORRUPT, UNKNOWN_TOPIC, OUT_OF_ORDER, UNSUPPORTED_MECHANISM, UNSUPPORTED_VERSION, WRONG_PASSWORD = 2, 3, 45, 33, 35, 58


def crc_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


TABLE = list(crc_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values[0] if len(values) == 1 else values

    def bytes(self, size):
        if size < 0:
            return None
        if self.at + size > len(self.data):
            raise ValueError("cut off")
        self.at += size
        return self.data[self.at - size:self.at]

    def text(self):
        found = self.bytes(self.take("h"))
        return None if found is None else found.decode()

    def array(self, read):
        return [read() for _ in range(self.take("i"))]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take("B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value >> 1 ^ -(value & 1)


def text(value):
    return struct.pack(">h", -1) if value is None else struct.pack(">h", len(value)) + value.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def read_batch(data):
    """(producer, epoch, first number, [(key, value)]) of one batch of records, format 2."""
    whole = Reader(data)
    whole.take("q")
    size = whole.take("i")
    if size != len(data) - 12:
        raise ValueError("length of a batch")
    _, magic, crc = whole.take("ibI")
    if magic != 2 or crc != crc32c(data[whole.at:]):
        raise ValueError("format or checksum of a batch")
    attributes, last, _, _, producer, epoch, first, count = whole.take("hiqqqhii")
    packing = attributes & 7
    if packing not in (0, 1) or attributes & 0x30 or last != count - 1:
        raise ValueError(f"attributes {attributes}, last {last} of {count}")
    rest = whole.data[whole.at:]
    inner, records = Reader(gzip.decompress(rest) if packing else rest), []
    for number in range(count):
        end = inner.varint() + inner.at
        inner.take("b")
        inner.varint()
        if inner.varint() != number:
            raise ValueError("offset of a record")
        records.append((inner.bytes(inner.varint()), inner.bytes(inner.varint())))
        if inner.varint() or inner.at != end:
            raise ValueError("end of a record")
    if inner.at != len(inner.data):
        raise ValueError("more than its records")
    return producer, epoch, first, records


def check_record(key, value):
    """The record as prometheus-kafka-adapter's readers take it."""
    record = json.loads(value)
    if set(record) - {"stale"} != {"timestamp", "value", "name", "labels"}:
        raise ValueError(f"keys {sorted(record)}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["timestamp"]):
        raise ValueError(record["timestamp"])
    float(record["value"].replace("Inf", "inf"))
    if record["labels"].get("__name__") != record["name"] or not all(isinstance(v, str) for v in record["labels"].values()):
        raise ValueError(f"labels {record['labels']}")
    if not re.fullmatch(rb"-?\d+", key or b""):
        raise ValueError(f"key {key}")
    return record


class KafkaBroker:
    partitions = 3

    def __init__(self, case, certificates=None, credentials=None, topic="metrics", port=0):
        self.topic, self.credentials, self.tls = topic, credentials, None
        self.host = "localhost" if certificates else "127.0.0.1"
        if certificates:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificates.path("server.pem"), certificates.path("server.key"))
        self.lock, self.connections = threading.Lock(), set()
        self.records, self.refused, self.numbers, self.next_producer = [], [], {}, 1000
        self.lose = self.lost = self.error = self.repeated = 0
        self.answering = {PRODUCE: self.produce, METADATA: self.metadata, HANDSHAKE: self.handshake, VERSIONS: self.versions,
                          PRODUCER_ID: self.producer_id, AUTHENTICATE: self.authenticate}
        self.listen(port)
        case.addCleanup(self.close)

    def listen(self, port=0):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.address = f"{self.host}:{self.port}"
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def close(self):
        """Away, with all connections; listen(broker.port) brings it back."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # or accept() would take one more
        self.listener.close()
        with self.lock:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        state = {"known": self.credentials is None}
        try:
            with connection:
                connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
                with connection:
                    with self.lock:
                        self.connections.add(connection)
                    stream = connection.makefile("rb")
                    while head := stream.read(4):
                        body = stream.read(int.from_bytes(head, "big"))
                        answer = self.request(body, state)
                        if answer is None:
                            return
                        connection.sendall(struct.pack(">i", len(answer)) + answer)
        except (OSError, ssl.SSLError):
            pass
        except Exception as wrong:  # noqa: BLE001 - what cannot be read is the sender's fault
            self.refused.append(repr(wrong))

    def request(self, body, state):
        reader = Reader(body)
        kind, version, number = reader.take("hhi")
        reader.text()
        if kind == VERSIONS and version > 0:
            return struct.pack(">ih", number, UNSUPPORTED_VERSION) + self.spoken()
        if kind not in self.answering or not SPOKEN[kind][0] <= version <= SPOKEN[kind][1]:
            raise ValueError(f"request {kind}, version {version}")
        if not state["known"] and kind not in (VERSIONS, HANDSHAKE, AUTHENTICATE):
            raise ValueError(f"request {kind} before the password")
        with self.lock:
            answer = self.answering[kind](reader, version, state)
        return None if answer is None else struct.pack(">i", number) + answer

    def spoken(self):
        return array([struct.pack(">hhh", kind, *range_) for kind, range_ in SPOKEN.items()])

    def versions(self, _reader, _version, _state):
        return struct.pack(">h", 0) + self.spoken()

    def handshake(self, reader, _version, _state):
        good = reader.text() == "PLAIN"
        return struct.pack(">h", 0 if good else UNSUPPORTED_MECHANISM) + array([text("PLAIN")])

    def authenticate(self, reader, _version, state):
        given = tuple(part.decode() for part in reader.bytes(reader.take("i")).split(b"\0"))
        state["known"] = given == ("", *self.credentials)
        if state["known"]:
            return struct.pack(">h", 0) + text(None) + struct.pack(">i", 0)
        return struct.pack(">h", WRONG_PASSWORD) + text("Invalid credentials") + struct.pack(">i", 0)

    def metadata(self, reader, version, _state):
        asked = reader.take("i")
        names = [self.topic] if asked < 0 else [reader.text() for _ in range(asked)]
        out = struct.pack(">i", 0) if version >= 3 else b""
        out += array([struct.pack(">i", 1) + text(self.host) + struct.pack(">i", self.port) + (text(None) if version else b"")])
        out += text("double") if version >= 2 else b""
        out += struct.pack(">i", 1) if version else b""
        topics = []
        for name in names:
            there = name == self.topic
            parts = [struct.pack(">hii", 0, part, 1) + 2 * array([struct.pack(">i", 1)])
                     for part in range(self.partitions if there else 0)]
            topics.append(struct.pack(">h", 0 if there else UNKNOWN_TOPIC) + text(name) + (b"\0" if version else b"") +
                          array(parts))
        return out + array(topics)

    def producer_id(self, _reader, _version, _state):
        self.next_producer += 1
        return struct.pack(">ihqh", 0, 0, self.next_producer, 0)

    def produce(self, reader, version, _state):
        if version != 3:
            raise ValueError(f"produce of version {version}")
        if reader.text() is not None or reader.take("h") != -1:
            raise ValueError("a transaction, or not all acknowledgements")
        reader.take("i")

        def part():
            number = reader.take("i")
            return struct.pack(">ihqq", number, self.take(number, reader.bytes(reader.take("i"))), 0, -1)

        topics = reader.array(lambda: text(reader.text()) + array(reader.array(part)))
        if self.lose:
            self.lose -= 1
            self.lost += 1
            return None
        return array(topics) + struct.pack(">i", 0)

    def take(self, partition, data):
        """Takes a batch for a partition; the error to answer with."""
        if self.error:
            return self.error
        producer, epoch, first, records = read_batch(data)
        expected = self.numbers.get((producer, epoch, partition), 0)
        if first + len(records) <= expected:
            self.repeated += 1
            return 0
        if first != expected:
            return OUT_OF_ORDER
        self.numbers[producer, epoch, partition] = expected + len(records)
        for key, value in records:
            try:
                self.records.append((partition, key, check_record(key, value)))
            except (ValueError, KeyError, AttributeError) as wrong:
                self.refused.append(f"{wrong!r} in {value[:200]!r}")
        return 0
