# SPDX-License-Identifier: Apache-2.0
"""Samples of ONNX: name, verdict, rules that must be said, bytes.

A row that is judged otherwise than scanners by names do: operators of another
library are "unknown", not "suspicious": honest models of mobile and server
runtimes have them, and who loads one must have installed that library.
"""

import functools
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from protobuf_text import field, message  # noqa: E402

EXTERNAL, KEY = "onnx.external", "onnx.external-key"


def tensor(*entries, raw=None):
    pairs = [(1, 4), (2, 1), (8, "w")]
    if raw is not None:
        pairs.append((9, raw))
    for key, value in entries:
        pairs.append((13, message((1, key), (2, value))))
    if entries:
        pairs.append((14, 1))
    return message(*pairs)


def outside(location):
    return tensor(("location", location), ("offset", "0"), ("length", "16"))


def node(op="Relu", domain=None, *attributes):
    pairs = [(1, "x"), (2, "y"), (4, op)]
    pairs += [(5, a) for a in attributes]
    if domain is not None:
        pairs.append((7, domain))
    return message(*pairs)


def graph(*parts):
    return b"".join([field(1, node()), field(2, "g")] + list(parts))


def model(inner, *more):
    return message((1, 8), (2, "maker"), (7, inner),
                   (8, message((1, ""), (2, 17))), *more)


def initializer(t):
    return model(graph(field(5, t)))


EVIL = outside("../../etc/passwd")
BRANCH = message((1, "then_branch"), (6, graph(field(5, EVIL))), (20, 5))
SPARSE = message((1, EVIL), (2, tensor()))
NOISE = random.Random(1).randbytes(5000) + b"/../../" * 20

SAMPLES = [
    ("plain", "clean", [], model(graph())),
    ("beside", "clean", [], initializer(outside("model.onnx_data"))),
    ("in a folder below", "clean", [], initializer(outside("data/w..0.bin"))),
    ("dots in weights", "clean", [], initializer(tensor(raw=NOISE))),
    ("all legal keys", "clean", [], initializer(tensor(
        ("location", "w"), ("offset", "0"), ("length", "4"),
        ("checksum", "ab"), ("basepath", "x")))),
    ("runtime's own domain", "clean", [],
     model(graph(field(1, node("FusedConv", "com.microsoft"))))),
    ("a function of the model's own domain", "clean", [],
     model(graph(field(1, node("F", "mine"))),
           (25, message((1, "F"), (7, node()), (10, "mine"))))),
    ("climbs", "malicious", [EXTERNAL], initializer(EVIL)),
    ("climbs inside", "malicious", [EXTERNAL],
     initializer(outside("a/../../../etc/x"))),
    ("climbs, Windows", "malicious", [EXTERNAL],
     initializer(outside("..\\..\\x"))),
    ("absolute", "malicious", [EXTERNAL],
     initializer(outside("/proc/self/environ"))),
    ("drive", "malicious", [EXTERNAL], initializer(outside("C:\\x"))),
    ("other machine", "malicious", [EXTERNAL],
     initializer(outside("\\\\x.invalid\\share\\w"))),
    ("address", "malicious", [EXTERNAL],
     initializer(outside("http://x.invalid/w"))),
    ("NUL", "malicious", [EXTERNAL], initializer(outside("w\0x"))),
    ("memory of the runtime", "malicious", [EXTERNAL],
     initializer(outside("*/_ORT_MEM_ADDR_/*"))),
    ("value in front of its key", "malicious", [EXTERNAL],
     model(graph(field(5, field(13, message((2, "/etc/x"),
                                            (1, "location"))))))),
    ("in a branch", "malicious", [EXTERNAL],
     model(graph(field(1, node("If", None, BRANCH))))),
    ("in an attribute", "malicious", [EXTERNAL], model(graph(field(1, node(
        "Constant", None, message((1, "value"), (5, EVIL), (20, 4))))))),
    ("in a list of tensors", "malicious", [EXTERNAL],
     model(graph(field(1, node("X", None, field(10, EVIL)))))),
    ("in a list of graphs", "malicious", [EXTERNAL],
     model(graph(field(1, node("X", None, field(11, graph(
         field(5, EVIL)))))))),
    ("in a function", "malicious", [EXTERNAL], model(
        graph(), (25, message((1, "F"), (7, node("C", None, field(
            5, EVIL))), (10, "mine"))))),
    ("in training", "malicious", [EXTERNAL],
     model(graph(), (20, message((2, graph(field(5, EVIL))))))),
    ("in a sparse tensor", "malicious", [EXTERNAL],
     model(graph(field(15, SPARSE)))),
    ("in a sparse attribute", "malicious", [EXTERNAL],
     model(graph(field(1, node("C", None, field(22, SPARSE)))))),
    ("cut off behind", "malicious", [EXTERNAL, "file.truncated"],
     initializer(EVIL) + b"\x3a\x7f\0"),
    ("unknown key", "suspicious", [KEY],
     initializer(tensor(("location", "w"), ("foo", "1")))),
    ("PyOp", "malicious", ["onnx.python"],
     model(graph(field(1, node("PyOp", "ai.onnx.contrib"))))),
    ("PythonOp", "malicious", ["onnx.python-call"],
     model(graph(field(1, node("PythonOp", "com.microsoft"))))),
    ("operators of another library", "unknown", ["onnx.custom"],
     model(graph(field(1, node("X", "com.other"))))),
    ("nested beyond every reader", "unverified", ["scan.limit"],
     model(graph(field(1, node("X")) + functools.reduce(
             lambda inner, _: field(1, field(5, field(6, inner))),
             range(200), b"")))),
    ("a message that is no model", "clean", [],
     message((1, 3), (2, "text"), (3, "more"))),
]
