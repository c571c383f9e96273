"""A page of metrics taken apart, strictly: families in their order, samples by the text of their series; and what differs
between two pages. Two samples are the same when their series are, byte for byte with the order of labels, and their numbers."""
import math
import re

LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\})|(?=\}))'
SERIES = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{{(?:{LABEL})*\}})? (\S+)")


class Page:
    """families: [(name, type), …] as they stand; samples: {series: value}."""

    def __init__(self, text):
        self.families, self.samples = [], {}
        if isinstance(text, bytes):
            text = text.decode()
        if text and not text.endswith("\n"):
            raise ValueError(f"the page is cut short: …{text[-80:]!r}")
        family = None
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, family, kind = line.split(" ")
                self.families.append((family, kind))
            elif line.startswith("#"):
                continue
            else:
                self.add(family, line)
        if len(self.families) != len(dict(self.families)):
            raise ValueError("a family stands twice")

    def add(self, family, line):
        found = SERIES.fullmatch(line)
        if not found:
            raise ValueError(f"not a sample: {line!r}")
        name, labels, value = found.groups()
        if name != family:
            raise ValueError(f"{name} stands in the family {family}")
        series = name + (labels or "")
        if series in self.samples:
            raise ValueError(f"twice: {series}")
        self.samples[series] = float(value)

    def of(self, *names):
        """{series: value} of these families."""
        return {series: value for series, value in self.samples.items() if series.partition("{")[0] in names}


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


def differences(got, wanted, most=12):
    """What differs between two {series: value}, in words; empty when nothing does."""
    words = [f"missing: {series} {value}" for series, value in wanted.items() if series not in got]
    words += [f"too many: {series} {value}" for series, value in got.items() if series not in wanted]
    words += [f"{series}: {got[series]} instead of {value}" for series, value in wanted.items()
              if series in got and not same(got[series], value)]
    return words[:most] + ([f"… and {len(words) - most} more"] if len(words) > most else [])
