# SPDX-License-Identifier: Apache-2.0
"""Samples of formats without code, or not parsed: about, verdict, rules,
bytes."""

import json
import struct

ELF = b"\177ELF\2\1\1" + bytes(9) + b"\2\0\x3e\0" + bytes(44)
EVIL = b"\x80\x04\x95\x1a\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system" \
    b"\x94\x93\x94\x8c\1x\x94\x85R."
UNREAD, OFFSET = "format.unread", "format.offset"
FLAT = struct.pack("<I4s", 16, b"ET12") + bytes(4) + \
    struct.pack("<HHi", 4, 4, 4) + bytes(64)


def node(module, name, loader, **more):
    return dict(__module__=module, __class__=name, __loader__=loader, **more)


def skops(*nodes):
    return json.dumps(node("sklearn.pipeline", "Pipeline", "ObjectNode",
                           content={"a": nodes})).encode()


def method(of):
    return node("sklearn.svm._classes", "SVC", "MethodNode",
                content={"func": "predict",
                         "obj": node(of, "SVC", "ObjectNode")})


def pack(value):
    """MessagePack, as much of it as is needed."""
    if isinstance(value, dict):
        return bytes([0x80 | len(value)]) + b"".join(
            pack(k) + pack(v) for k, v in value.items())
    if isinstance(value, str):
        return bytes([0xa0 | len(value)]) + value.encode()
    if isinstance(value, bytes):
        return b"\xc4" + bytes([len(value)]) + value
    return bytes([value])


def array(floats):
    raw = struct.pack(f"<{len(floats)}f", *floats)
    inside = b"\x93\x91\x03" + pack("float32") + pack(raw)
    return b"\xc7" + bytes([len(inside)]) + b"\x01" + inside


def key(name):
    return b"L" + struct.pack(">q", len(name)) + name.encode()


def xgboost(count):
    return b"{" + key("learner") + b"{" + key("weights") + b"[$d#L" + \
        struct.pack(">q", count) + bytes(8) + b"}" + key("version") + \
        b"[#i\x02i\1i\2" + b"}"


def field(number, value):
    """A field of a protocol buffer."""
    tag = number << 3 | (0 if isinstance(value, int) else 2)
    if isinstance(value, int):
        return varint(tag) + varint(value)
    return varint(tag) + varint(len(value)) + value


def varint(n):
    out = b""
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def paddle(op):
    block = field(1, 0) + field(2, (1 << 64) - 1) + field(3, b"\x0a\x01x")
    return field(1, block + field(4, field(3, b"feed")) +
                 field(4, field(3, op))) + field(4, field(1, 0))


def coreml(layer, kind=500):
    return field(1, 4) + field(2, field(100, field(1, b"a network"))) + \
        field(kind, field(1, field(1, b"layer") + layer))


def mxnet(op, **attrs):
    return json.dumps({"nodes": [
        {"op": "null", "name": "data", "inputs": []},
        {"op": op, "name": "a", "attrs": attrs, "inputs": [[0, 0, 0]]}],
        "arg_nodes": [0], "heads": [[1, 0, 0]]}).encode()


SAMPLES = [
    ("a program of PaddlePaddle", "clean", [], paddle(b"conv2d")),
    ("one that calls Python", "suspicious", ["paddle.python"],
     paddle(b"py_func")),
    ("one whose fields come in another order", "suspicious",
     ["paddle.python"], field(4, field(1, 0)) + field(
         1, field(4, field(3, b"py_func")) + field(2, 0) + field(1, 0))),
    ("one that loads a file", "suspicious", ["paddle.files"],
     paddle(b"load_combine")),
    ("Core ML", "clean", [], coreml(field(140, b""))),
    ("Core ML with a layer of a class", "suspicious", ["coreml.custom"],
     coreml(field(500, field(10, b"Evil")))),
    ("Core ML, a classifier with one", "suspicious", ["coreml.custom"],
     coreml(field(500, field(10, b"Evil")), 403)),
    ("Core ML, a custom model in a pipeline", "suspicious",
     ["coreml.custom"], field(1, 4) + field(202, field(
         1, field(1, 4) + field(555, field(10, b"Evil"))))),
    ("Core ML linked to a file elsewhere", "suspicious", ["coreml.linked"],
     field(1, 4) + field(556, field(1, field(1, field(1, b"../../x"))))),
    ("Core ML linked to a place elsewhere", "suspicious", ["coreml.linked"],
     field(1, 4) + field(556, field(1, field(1, field(1, b"x.mlmodelc")) +
                                    field(2, field(1, b".:../x"))))),
    ("Core ML linked to a file beside it", "clean", [],
     field(1, 4) + field(556, field(1, field(1, field(1, b"x.mlmodelc")) +
                                    field(2, field(1, b".:x"))))),
    ("MXNet", "clean", [], mxnet("Convolution", kernel="(3, 3)")),
    ("MXNet with an operator of its own", "suspicious", ["mxnet.custom"],
     mxnet("Custom", op_type="mine")),
    ("MXNet with a library", "suspicious", ["mxnet.library"],
     mxnet("_subgraph", library="/tmp/x.so")),
    ("lz4 of before frames", "unknown", [UNREAD],
     b"\x02\x21\x4c\x18" + bytes(40)),
    ("an engine of TensorRT", "unknown", [UNREAD], b"ptrt" + bytes(200)),
    ("one with a library in it", "suspicious", ["model.program"],
     b"ftrt" + bytes(199) + ELF + bytes(99)),
    ("ExecuTorch", "unknown", [UNREAD], FLAT),
    ("ExecuTorch whose root is outside", "suspicious", [OFFSET],
     struct.pack("<I", 1 << 20) + FLAT[4:]),
    ("ExecuTorch whose table is outside", "suspicious", [OFFSET],
     FLAT[:16] + struct.pack("<i", -(1 << 20)) + FLAT[20:]),
    ("CatBoost", "unknown", [UNREAD],
     b"CBM1" + struct.pack("<I", 16) + bytes(20)),
    ("CatBoost that lies of its size", "suspicious", [OFFSET],
     b"CBM1" + struct.pack("<I", 1 << 30) + bytes(20)),
    ("RKNN", "unknown", [UNREAD], b"RKNN" + bytes(60)),
    ("LightGBM with an address", "clean", [],
     b"tree\nversion=v4\nfeature_names=http://x.invalid/\n"),
    ("a pointer of git-lfs", "clean", [],
     b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
    ("an honest schema of skops", "clean", [],
     skops(node("builtins", "list", "ListNode", content=[]),
           node("numpy", "ndarray", "NdArrayNode", type="numpy"),
           node("operator", "attrgetter", "OperatorFuncNode"),
           method("sklearn.svm._classes"))),
    ("a class of the project's own", "unknown", ["skops.unknown"],
     skops(node("mine.models", "Net", "ObjectNode"))),
    ("an operator function of another module", "malicious", ["skops.node"],
     skops(node("builtins", "list", "OperatorFuncNode"))),
    ("a method of another class", "malicious", ["skops.node"],
     skops(method("mine.models"))),
    ("a function that runs commands", "malicious", ["skops.node"],
     skops(node("os", "system", "FunctionNode"))),
    ("weights of Flax", "clean", [],
     pack({"params": {"kernel": 1}})[:-1] + array([1.0, 2.0])),
    ("Flax with a pickle", "malicious", ["msgpack.pickle"],
     pack({"params": {"kernel": EVIL, "b": 1}})),
    ("Flax with a pickle of data", "suspicious", ["msgpack.pickle"],
     pack({"params": {"kernel": b"\x80\x04\x95\x02\0\0\0\0\0\0\0]\x94."}})),
    ("XGBoost", "clean", [], xgboost(2)),
    ("XGBoost whose count lies", "suspicious", ["ubjson.count"],
     xgboost(1 << 60)),
]
