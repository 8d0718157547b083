# SPDX-License-Identifier: Apache-2.0
"""Samples of safetensors: name, verdict, rules that must be said, bytes."""

import json
import struct

# A pickle that would print a word, were it loaded.
PICKLE = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0becho marker\x85R."


def file(header, data=b"", size=None):
    if not isinstance(header, bytes):
        header = json.dumps(header).encode()
    return struct.pack("<Q", len(header) if size is None else size) + \
        header + data


def tensor(begin, end, shape=None, dtype="F32"):
    shape = [(end - begin) // 4] if shape is None else shape
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def pairs(*items):
    """An object with the keys as given, equal ones too."""
    return ("{" + ",".join(json.dumps(k) + ":" + json.dumps(v)
                           for k, v in items) + "}").encode()


def many(count):
    """So many tensors, the last ones named first."""
    return file({f"t{i}": tensor(4 * i, 4 * i + 4)
                 for i in reversed(range(count))}, bytes(4 * count))


EXTENT = "safetensors.extent"
HEADER = "safetensors.header"
DUPLICATE = "safetensors.duplicate"
TRAILING = "safetensors.trailing"
ELF = b"\177ELF\2\1\1" + bytes(9) + b"\2\0\x3e\0" + bytes(44)

SAMPLES = [
    ("one tensor", "clean", [], file({"a": tensor(0, 4)}, bytes(4))),
    ("metadata", "clean", [], file({
        "__metadata__": {"format": "pt"}, "a": tensor(0, 4)}, bytes(4))),
    ("metadata null", "clean", [], file({
        "__metadata__": None, "a": tensor(0, 4)}, bytes(4))),
    ("no tensors", "clean", [], file(b"{}      ")),
    ("scalar, empty and unordered", "clean", [], file({
        "b": tensor(8, 12, []), "a": tensor(0, 8), "e": tensor(8, 8, [0, 9])},
        bytes(12))),
    ("four bits", "clean", [], file({
        "a": tensor(0, 2, [4], "F4"), "b": tensor(2, 5, [4], "F6_E2M3")},
        bytes(5))),
    ("unknown fields are ignored", "clean", [], file(
        {"a": dict(tensor(0, 4), more=[{}])}, bytes(4))),
    ("length beyond the limit", "suspicious", [HEADER],
     file({"a": tensor(0, 4)}, bytes(4), 1 << 40)),
    ("length beyond the file", "suspicious", [HEADER],
     file({"a": tensor(0, 4)}, bytes(4), 9000)),
    ("hole", "suspicious", [EXTENT],
     file({"a": tensor(0, 4), "b": tensor(8, 12)}, bytes(12))),
    ("first tensor not at 0", "suspicious", [EXTENT],
     file({"a": tensor(4, 8)}, bytes(8))),
    ("overlap", "suspicious", [EXTENT],
     file({"a": tensor(0, 4), "b": tensor(2, 6)}, bytes(6))),
    ("same place twice", "suspicious", [EXTENT],
     file({"a": tensor(0, 4), "b": tensor(0, 4)}, bytes(4))),
    ("out of bounds", "suspicious", [EXTENT],
     file({"a": tensor(0, 400)}, bytes(4))),
    ("end before begin", "suspicious", [EXTENT],
     file({"a": tensor(4, 0, [1])}, bytes(4))),
    ("shape and size differ", "suspicious", [EXTENT],
     file({"a": tensor(0, 4, [2])}, bytes(4))),
    ("shape wraps", "suspicious", [EXTENT],
     file({"a": tensor(0, 0, [1 << 33, 1 << 33])})),
    ("bits that are no bytes", "suspicious", [EXTENT],
     file({"a": tensor(0, 1, [3], "F4")}, bytes(1))),
    ("trailing zeros", "suspicious", [TRAILING],
     file({"a": tensor(0, 4)}, bytes(8))),
    ("trailing pickle", "malicious", [TRAILING, "safetensors.hidden"],
     file({"a": tensor(0, 4)}, bytes(4) + PICKLE)),
    ("pickle in a hole", "malicious", [EXTENT, "safetensors.hidden"],
     file({"a": tensor(0, 4), "b": tensor(104, 108)},
          bytes(10) + PICKLE + bytes(98 - len(PICKLE)))),
    ("trailing program", "malicious", [TRAILING, "safetensors.hidden"],
     file({"a": tensor(0, 4)}, bytes(4) + ELF)),
    ("program in a hole", "malicious", [EXTENT, "safetensors.hidden"],
     file({"a": tensor(0, 4), "b": tensor(104, 108)},
          bytes(10) + ELF + bytes(108 - 10 - len(ELF)))),
    ("two tensors of one name", "suspicious", [DUPLICATE],
     file(pairs(("a", tensor(0, 4)), ("a", tensor(4, 8))), bytes(8))),
    ("metadata twice", "suspicious", [DUPLICATE],
     file(pairs(("__metadata__", {}), ("__metadata__", {})))),
    ("dtype twice", "suspicious", [DUPLICATE], file(
        b'{"a":{"dtype":"F32","dtype":"F32","shape":[1],'
        b'"data_offsets":[0,4]}}', bytes(4))),
    ("name that climbs", "suspicious", ["safetensors.name"],
     file({"../a": tensor(0, 4)}, bytes(4))),
    ("name with a NUL", "suspicious", ["safetensors.name"],
     file({"a\0b": tensor(0, 4)}, bytes(4))),
    ("name with a slash", "clean", [],
     file({"dense/kernel:0": tensor(0, 4)}, bytes(4))),
    ("metadata that is no text", "suspicious", [HEADER],
     file({"__metadata__": {"a": 1}})),
    ("metadata that is a list", "suspicious", [HEADER],
     file({"__metadata__": ["a"]})),
    ("unknown dtype", "suspicious", [HEADER],
     file({"a": tensor(0, 4, [1], "OBJECT")}, bytes(4))),
    ("negative shape", "suspicious", [HEADER],
     file({"a": tensor(0, 4, [-1])}, bytes(4))),
    ("fractions", "suspicious", [HEADER],
     file({"a": tensor(0, 4, [1.0])}, bytes(4))),
    ("three offsets", "suspicious", [HEADER], file(
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]}},
        bytes(4))),
    ("not a number", "suspicious", [HEADER],
     file(b'{"a":{"x":NaN,"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
          bytes(4))),
    ("no UTF-8", "suspicious", [HEADER],
     file(b'{"\xff":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
          bytes(4))),
    ("broken JSON", "suspicious", [HEADER], file(b'{"a":}', b"")),
    ("text behind the object", "suspicious", [HEADER], file(b"{} x")),
    ("a JSON file with a brace in the ninth place", "clean", [],
     b'[{"a":  {"b": 1}}]'),
]
