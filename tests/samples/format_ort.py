# SPDX-License-Identifier: Apache-2.0
"""Samples of ONNX Runtime's format: name, verdict, rules, bytes."""

import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from format_tflite import Writer  # noqa: E402

OFFSET = "ort.offset"


def model(op="Add", domain="", inner=None, depth=1, raw=None, listed=False):
    """One node; with inner, that operator in a graph of depth attributes."""
    w = Writer(b"ORTM")

    def attribute(below):
        graph = lambda: graph_of(inner, below - 1)  # noqa: E731
        if listed:
            return w.table({2: ("<i", 10), 12: lambda: w.list([graph])})
        return w.table({2: ("<i", 5), 7: graph})

    def node(kind, below):
        fields = {2: lambda: w.string(domain), 5: lambda: w.string(kind)}
        if inner and below:
            fields[10] = lambda: w.list([lambda: attribute(below)])
        return w.table(fields)

    def tensor():
        return w.table({0: lambda: w.string("w"),
                        4: lambda: w.raw(bytes(16), raw)})

    def graph_of(kind, below):
        return w.table({0: lambda: w.list([tensor]),
                        2: lambda: w.list([lambda: node(kind, below)])})

    return w.file(w.table({
        0: lambda: w.string("5"),
        1: lambda: w.table({7: lambda: graph_of(op, depth)})}))


HONEST = model()


def endless():
    """A graph whose node holds the graph itself."""
    data = bytearray(model("If", inner="Add"))
    w = Writer(b"ORTM")
    places = {}

    def attribute():
        at = w.table({2: ("<i", 5), 7: ("<I", 0)})
        places["attribute"] = at
        return at

    def graph():
        at = w.table({2: lambda: w.list([lambda: w.table({
            5: lambda: w.string("If"),
            10: lambda: w.list([attribute, attribute])})])})
        places["graph"] = at
        return at

    data = bytearray(w.file(w.table({1: lambda: w.table({7: graph})})))
    # offsets lead forwards alone, so the lie wraps
    at = places["attribute"] + 8
    struct.pack_into("<I", data, at, (places["graph"] - at) % (1 << 32))
    return bytes(data)


SAMPLES = [
    ("honest", "clean", [], HONEST),
    ("a branch", "clean", [], model("If", inner="Add")),
    ("PyOp", "malicious", ["onnx.python"], model("PyOp")),
    ("PyOp in a branch", "malicious", ["onnx.python"],
     model("If", inner="PyOp")),
    ("PyOp in a list of branches", "malicious", ["onnx.python"],
     model("If", inner="PyOp", listed=True)),
    ("PyOp 40 branches deep", "malicious", ["onnx.python"],
     model("If", inner="PyOp", depth=40)),
    ("operators of another library", "unknown", ["onnx.custom"],
     model("X", "com.other")),
    ("the runtime's own operators", "clean", [],
     model("FusedConv", "com.microsoft")),
    ("root outside", "suspicious", [OFFSET],
     struct.pack("<I", 1 << 30) + HONEST[4:]),
    ("weights outside", "suspicious", [OFFSET], model(raw=1 << 30)),
    ("cut off", "suspicious", [OFFSET], HONEST[:-40]),
    ("a graph that holds itself", "suspicious", [OFFSET], endless()),
]
