"""Real servers out of Debian's archive (tests/peers.sh), each started with its own data on free loopback ports and ended with
the test.

    influx = Influxdb(case)             a harness.Case; skips the test if there is no such peer
    influx.port  influx.url             where to send to
    influx.samples("up", job="node")    [(time_ms, value), …] of the series with this name and at least these labels, by time
    influx.received()                   {(name, ((label, value), …)): [(time_ms, value), …]}, as the doubles have it
    influx.process                      harness.Process: .output(), .end(), …

Some have what was sent some moments later: wrap in harness.until. PostgreSQL and ClickHouse have sql() instead.
"""
import http.client

from harness import until


def request(port, method, path, body=b"", headers=None):
    """(status, body)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def good(answer):
    """The body of an answer, or an AssertionError with what the server says."""
    status, body = answer
    if not 200 <= status < 300:
        raise AssertionError(f"status {status}: {body.decode(errors='replace')[:1000]}")
    return body


def wait_ready(process, port, path, statuses=(200, 204)):
    """Until the server answers so."""

    def answers():
        if process.process.poll() is not None:
            raise AssertionError(f"{process.name} ended at once:\n{process.output()}")
        try:
            return request(port, "GET", path)[0] in statuses
        except (OSError, http.client.HTTPException):
            return False

    until(answers, 30, f"{process.name} on port {port}")
    return process


class Peer:
    def received(self):
        raise NotImplementedError

    def samples(self, name, **labels):
        found = []
        for (have, pairs), samples in self.received().items():
            if have == name and labels.items() <= dict(pairs).items():
                found += samples
        return sorted(found, key=lambda sample: sample[0])

    def end(self, *how):
        return self.process.end(*how)
