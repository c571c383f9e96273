"""Influx line protocol, one line of it, strictly: docs.influxdata.com, "Line protocol reference". A line must have a timestamp
(form ours: a sample's time is never the server's) and numbers only."""
import math
import re

FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def split(text, separator):
    """At unescaped separators."""
    parts, at = [""], 0
    while at < len(text):
        size = 2 if text[at] == "\\" else 1
        if text[at] == separator:
            parts.append("")
        else:
            parts[-1] += text[at:at + size]
        at += size
    return parts


def plain(text, special):
    """Without its escapes; a special character left bare is an error."""
    out = re.sub(r"\\([" + re.escape(special) + "])", r"\1", text)
    if re.search(r"(?<!\\)[" + re.escape(special) + "]", text):
        raise ValueError(f"unescaped character in {text!r}")
    return out


def field_value(text):
    """(type, value) of a field. Strings are legal, but no sample is one."""
    if re.fullmatch(r"-?\d+i", text) and -2**63 <= int(text[:-1]) < 2**63:
        return "integer", float(text[:-1])
    if re.fullmatch(r"\d+u", text):
        return "unsigned", float(text[:-1])
    if FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return "float", float(text)
    raise ValueError("invalid number" if not text.startswith('"') else "a string field")


def parse_line(line):
    """(measurement, tags, {field: (type, value)}, timestamp)."""
    pieces = split(line, " ")
    if len(pieces) != 3 or not all(pieces):
        raise ValueError("missing fields" if len(pieces) < 2 else "a line is 'measurement,tags fields timestamp'")
    head, fields, time = split(pieces[0], ","), {}, pieces[2]
    tags = {}
    for tag in head[1:]:
        pair = split(tag, "=")
        if len(pair) != 2 or not pair[0] or not pair[1]:
            raise ValueError("missing tag value" if len(pair) == 2 else "missing tag key")
        key = plain(pair[0], ",= ")
        if key in tags:
            raise ValueError(f"multiple instances of '{key}' tag found")
        tags[key] = plain(pair[1], ",= ")
    for field in split(pieces[1], ","):
        pair = split(field, "=")
        if len(pair) != 2 or not pair[0] or not pair[1]:
            raise ValueError("invalid field format")
        fields[plain(pair[0], ",= ")] = field_value(pair[1])
    if not re.fullmatch(r"-?\d+", time):
        raise ValueError(f"bad timestamp {time!r}")
    measurement = plain(head[0], ", ")
    for name in (measurement, *tags, *fields):  # "The _ namespace is reserved for InfluxDB system use"; time is reserved
        if not name or name.startswith("_") or name == "time" or any(ord(char) < 32 for char in name) or name.endswith("\\"):
            raise ValueError(f"the name {name!r} is not allowed")
    if set(tags) & set(fields):
        raise ValueError("a key is a tag and a field")
    return measurement, tags, fields, int(time)
