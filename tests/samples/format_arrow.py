# SPDX-License-Identifier: Apache-2.0
"""Samples of tables, and of data that has no place for code: about, verdict,
rules, bytes."""

import base64
import struct

EVIL = b"\x80\x02cposix\nsystem\nX\x0b\x00\x00\x00echo marker\x85R."
TEXT = b"cposix\nsystem\n(Vecho marker\ntR."
HONEST = b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\rmine.features\x94\x8c\x04Type" \
    b"\x94\x93\x94)R\x94."
RULE = "arrow.pickle"


def string(data):
    """A text of a FlatBuffer, and what brings the next to a multiple of 4."""
    out = struct.pack("<I", len(data)) + data + b"\0"
    return out + bytes(-len(out) % 4)


def schema(pickle=None):
    out = bytes(24) + string(b"column")
    if pickle is not None:
        out += string(b"ARROW:extension:name") + \
            string(b"arrow.py_extension_type") + \
            string(b"ARROW:extension:metadata") + string(pickle)
    return out + bytes(8)


def arrow(front=None, behind=None):
    front, behind = schema(front), schema(behind)
    return b"ARROW1\0\0\xff\xff\xff\xff" + struct.pack("<I", len(front)) + \
        front + bytes(64) + behind + struct.pack("<I", len(behind)) + b"ARROW1"


def varint(n):
    return bytes([n & 0x7f | 0x80, n >> 7]) if n > 127 else bytes([n])


def parquet(pickle=None):
    text = base64.b64encode(schema(pickle))
    meta = b"\x15\2\x19\x1c\x18\x0cARROW:schema\x18" + varint(len(text)) + \
        text + b"\0"
    return b"PAR1" + bytes(64) + meta + struct.pack("<I", len(meta)) + b"PAR1"


SAMPLES = [
    ("a table of Arrow", "clean", [], arrow()),
    ("a table of Parquet", "clean", [], parquet()),
    ("a type of Python's, in front", "malicious",
     [RULE, "pickle.import.dangerous"], arrow(EVIL)),
    ("a type of Python's, behind", "malicious",
     [RULE, "pickle.import.dangerous"], arrow(None, EVIL)),
    ("a type of Python's, in text", "malicious",
     [RULE, "pickle.import.dangerous"], arrow(None, TEXT)),
    ("a type of Python's, in Parquet", "malicious",
     [RULE, "pickle.import.dangerous"], parquet(EVIL)),
    ("a type of a project's", "unknown", [RULE], parquet(HONEST)),
    ("a table cut off", "unverified", ["file.truncated"], arrow()[:-9]),
    ("a footer beyond the file", "unverified", ["file.truncated"],
     parquet()[:-8] + struct.pack("<I", 1 << 30) + b"PAR1"),
    ("a matrix of MATLAB", "clean", [],
     b"MATLAB 5.0 MAT-file, Platform: x".ljust(124) + b"\0\1IM" + bytes(40)),
    ("a checkpoint's index", "clean", [],
     b"\0\0\6\b\1\x1a\2\b\1\0\1\x0bcounter" + bytes(80) +
     b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"),
    ("XGBoost as JSON", "clean", [],
     b'{"learner":{"attributes":{},"gradient_booster":{}},"version":[1,7,4]}'),
]
