"""What the doubles of systems that speak JSON ask of a body: the standard's JSON, and objects with the fields of the vendor's
text, no more."""
import json
import math
import re

from doubles.base import Refuse


def strict_json(body, status_code=400):
    """JSON as the standard has it: UTF-8, no NaN, no name twice."""

    def unique(pairs):
        names = [name for name, _ in pairs]
        if len(names) != len(set(names)):
            raise ValueError(f"a name twice in {names}")
        return dict(pairs)

    def constant(text):
        raise ValueError(f"{text} is not JSON")

    try:
        return json.loads(body.decode(), object_pairs_hook=unique, parse_constant=constant)
    except (ValueError, RecursionError) as wrong:
        raise Refuse(status_code, f"not JSON: {wrong}") from None


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def string(value):
    return isinstance(value, str)


def texts(value):
    return isinstance(value, dict) and all(string(v) for v in value.values())


def matches(pattern):
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and bool(compiled.fullmatch(value))


def shape(value, where, required, optional=None, code=400):
    """value is an object with these fields and no other; each field's check is a function that gives true."""
    if not isinstance(value, dict):
        raise Refuse(code, f"{where}: not an object")
    checks = {**required, **(optional or {})}
    for name in required:
        if name not in value:
            raise Refuse(code, f"{where}: {name} is missing")
    for name, field in value.items():
        if name not in checks:
            raise Refuse(code, f"{where}: unknown field {name}")
        if not checks[name](field):
            raise Refuse(code, f"{where}: {name} is wrong: {str(field)[:80]}")
    return value
