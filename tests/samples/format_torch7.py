# SPDX-License-Identifier: Apache-2.0
"""Samples of Lua Torch: about, verdict, rules, bytes."""

import struct

FUNCTION = "torch7.function"


def i32(*numbers):
    return struct.pack(f"<{len(numbers)}i", *numbers)


def text(s):
    return i32(len(s)) + s.encode()


def tensor(index, floats):
    return i32(4, index) + text("V 1") + text("torch.FloatTensor") + \
        i32(1) + struct.pack("<qqq", len(floats), 1, 1) + \
        i32(4, index + 1) + text("V 1") + text("torch.FloatStorage") + \
        struct.pack("<q", len(floats)) + \
        struct.pack(f"<{len(floats)}f", *floats)


def table(index, pairs):
    return i32(3, index, len(pairs)) + b"".join(k + v for k, v in pairs)


def string(s):
    return i32(2) + text(s)


def function(index, kind=8):
    return i32(kind, index) + text("\033Lua marker") + i32(0)


def module(pairs):
    return i32(4, 1) + text("V 1") + text("nn.Linear") + table(2, pairs)


WEIGHT = (string("weight"), tensor(3, [1.0, 2.0, 3.0]))
TRAIN = (string("train"), i32(5, 0))
SIZE = (string("size"), i32(1) + struct.pack("<d", 3.0))

SAMPLES = [
    ("an honest module", "clean", [], module([WEIGHT, TRAIN, SIZE])),
    ("a table that holds itself", "clean", [],
     table(1, [(string("a"), i32(3, 1)), TRAIN])),
    ("a function in a module", "malicious", [FUNCTION],
     module([WEIGHT, (string("forward"), function(9)), TRAIN])),
    ("a function of the old kind", "malicious", [FUNCTION],
     module([(string("forward"), function(9, 7)), TRAIN])),
    ("a function alone", "malicious", [FUNCTION], function(1)),
    ("a function behind a tensor that is cut", "unverified",
     ["file.truncated"], module([WEIGHT, TRAIN])[:-20]),
    ("as text", "clean", [],
     b"4\n1\n3\nV 1\n9\nnn.Linear\n3\n2\n1\n2\n5\ntrain\n5\n0\n"),
    ("as text, with a function", "malicious", [FUNCTION],
     b"4\n1\n3\nV 1\n9\nnn.Linear\n3\n2\n1\n2\n4\nfunc\n"
     b"8\n3\n4\nabcd\n0\n"),
]
