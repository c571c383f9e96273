"""protobuf by table, strictly: a field that the table does not know, of another wire type, or twice where one is meant, is a
ValueError. A table is {number: (name, kind)}; kind is a scalar's name, a table (a message), or [kind] for repeated. encode() is
for the tests."""
import struct

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIRE = {"uint": VARINT, "bool": VARINT, "int": VARINT, "fixed64": FIXED64, "sfixed64": FIXED64, "double": FIXED64,
        "string": BYTES, "bytes": BYTES}
PACKED = {"fixed64": "<Q", "sfixed64": "<q", "double": "<d"}


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("protobuf: varint")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at


def fields(data):
    """(number, wire type, value) of each field; value is an int or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == VARINT:
            value, at = varint(data, at)
        elif key & 7 in (FIXED64, FIXED32):
            size = 8 if key & 7 == FIXED64 else 4
            value, at = data[at:at + size], at + size
        elif key & 7 == BYTES:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"protobuf: wire type {key & 7}")
        if at > len(data):
            raise ValueError("protobuf: truncated")
        yield key >> 3, key & 7, value


def scalar(kind, value):
    if kind == "string":
        return value.decode()
    if kind in PACKED:
        return struct.unpack(PACKED[kind], value)[0]
    if kind == "int":
        return value - (1 << 64) if value >> 63 else value
    return bool(value) if kind == "bool" else value


def decode(table, data):
    """{name: value}; repeated fields are always there, others only if they were sent."""
    found = {name: [] for name, kind in table.values() if isinstance(kind, list)}
    for number, wire, value in fields(data):
        if number not in table:
            raise ValueError(f"protobuf: unknown field {number} beside {sorted(table)}")
        name, kind = table[number]
        repeated = isinstance(kind, list)
        kind = kind[0] if repeated else kind
        if isinstance(kind, str) and repeated and wire == BYTES and kind in PACKED:
            if len(value) % 8:
                raise ValueError(f"protobuf: packed {name}")
            found[name] += [scalar(kind, value[at:at + 8]) for at in range(0, len(value), 8)]
            continue
        if wire != (WIRE[kind] if isinstance(kind, str) else BYTES):
            raise ValueError(f"protobuf: {name} has wire type {wire}")
        value = scalar(kind, value) if isinstance(kind, str) else decode(kind, value)
        if repeated:
            found[name].append(value)
        elif name in found:
            raise ValueError(f"protobuf: {name} twice")
        else:
            found[name] = value
    return found


def write_varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, kind, value):
    if isinstance(kind, dict):
        value = encode(kind, value)
    elif kind == "string":
        value = value.encode()
    elif kind in PACKED:
        return write_varint(number << 3 | FIXED64) + struct.pack(PACKED[kind], value)
    elif WIRE[kind] == VARINT:
        return write_varint(number << 3) + write_varint(int(value) & 0xFFFFFFFFFFFFFFFF)
    return write_varint(number << 3 | BYTES) + write_varint(len(value)) + value


def encode(table, message):
    numbers = {name: (number, kind) for number, (name, kind) in table.items()}
    out = b""
    for name, value in message.items():
        number, kind = numbers[name]
        if not isinstance(kind, list):
            out += field(number, kind, value)
        elif kind[0] in PACKED if isinstance(kind[0], str) else False:
            out += field(number, "bytes", b"".join(struct.pack(PACKED[kind[0]], one) for one in value))
        else:
            out += b"".join(field(number, kind[0], one) for one in value)
    return out
