# SPDX-License-Identifier: Apache-2.0
"""Samples of TensorFlow graphs: name, verdict, rules, bytes."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import format_keras as keras  # noqa: E402
from protobuf_text import field, message  # noqa: E402

DANGER, PYTHON = "tensorflow.op.dangerous", "tensorflow.op.python"


def text(s):
    return message((2, s))


def attribute(key, value):
    return message((1, key), (2, value))


def node(name, op, *attributes):
    return message((1, name), (2, op), *[(5, a) for a in attributes])


def constant(name, value):
    tensor = message((1, 7), (8, value))
    return node(name, "Const", attribute("value", field(8, tensor)))


def graph(*nodes, library=()):
    pairs = [(1, n) for n in nodes]
    if library:
        pairs.append((2, message(*[(1, f) for f in library])))
    return message(*pairs, (4, message((1, 1))))


def function(name, *nodes):
    return message((1, message((1, name))), *[(3, n) for n in nodes])


def meta(inner, *more):
    return message((1, message((4, "serve"), (5, "2.14.0"))), (2, inner),
                   (3, message((1, "save/Const:0"))), *more)


def saved(*metas):
    return message((1, 1), *[(2, m) for m in metas])


def model(*nodes, **more):
    return saved(meta(graph(node("x", "Placeholder"), *nodes, **more)))


def keras_metadata(json):
    item = message((2, 0), (3, "root"), (4, "_tf_keras_layer"), (5, json))
    return field(1, item)


SAVER = [constant("save/Const", "model"),
         node("save/SaveV2", "SaveV2"), node("save/RestoreV2", "RestoreV2"),
         node("save/ShardedFilename", "ShardedFilename"),
         node("save/Merge", "MergeV2Checkpoints"), node("a", "Assert"),
         node("p", "Print"), node("init", "InitializeTableFromTextFileV2")]
WRITE = [constant("path", "/tmp/x"), node("w", "WriteFile")]

SAMPLES = [
    ("saver only", "clean", [], model(*SAVER)),
    ("graph alone", "clean", [], graph(node("a", "Add"), node("m", "MatMul"))),
    ("meta graph", "clean", [], meta(graph(*SAVER))),
    ("asset", "clean", [], saved(meta(graph(*SAVER), (
        6, message((1, ""), (2, "vocab/words.txt")))))),
    ("print to stderr", "clean", [], model(node(
        "p", "PrintV2", attribute("output_stream", text("stderr"))))),
    ("WriteFile", "malicious", [DANGER], model(*WRITE)),
    ("ReadFile in a function", "malicious", [DANGER], model(
        node("c", "StatefulPartitionedCall"),
        library=[function("f", node("r", "ReadFile"))])),
    ("WriteFile in a meta graph", "malicious", [DANGER], meta(graph(*WRITE))),
    ("WriteFile in a graph alone", "malicious", [DANGER], graph(*WRITE)),
    ("WriteFile in the second meta graph", "malicious", [DANGER],
     saved(meta(graph(*SAVER)), meta(graph(*WRITE)))),
    ("attributes in front of the operator", "malicious", [DANGER],
     saved(meta(graph(node("x", "Placeholder"), message(
         (5, attribute("T", text("x"))), (2, "WriteFile"), (1, "w")))))),
    ("ShellExecute", "malicious", [DANGER], model(node("s", "ShellExecute"))),
    ("PyFunc", "malicious", [PYTHON], model(node("p", "PyFunc"))),
    ("EagerPyFunc", "malicious", [PYTHON], model(node("p", "EagerPyFunc"))),
    ("print to a file", "suspicious", ["tensorflow.stream"], model(node(
        "p", "PrintV2", attribute("output_stream", text("file:///tmp/x"))))),
    ("debugger to a machine", "suspicious", ["tensorflow.stream"], model(node(
        "d", "DebugIdentityV2", attribute("debug_urls", field(
            1, field(2, "grpc://x.invalid:1")))))),
    ("database", "suspicious", ["tensorflow.op.suspect"],
     model(node("q", "SqlDataset"))),
    ("reader of training", "unknown", ["tensorflow.op.files"],
     meta(graph(node("r", "TFRecordReaderV2")))),
    ("asset that climbs", "suspicious", ["tensorflow.asset"],
     saved(meta(graph(*SAVER), (6, message((2, "../../x")))))),
    ("Keras metadata", "clean", [], keras_metadata(
        keras.model2(keras.layer("Dense", {"units": 1})))),
    ("Keras metadata with a Lambda", "malicious", ["keras.code.dangerous"],
     keras_metadata(keras.model2(keras.lambda2(keras.EVIL)))),
    ("Keras metadata in the model", "malicious", ["keras.code.dangerous"],
     saved(meta(graph(*SAVER), (7, field(1, field(4, message(
         (1, "_tf_keras_layer"),
         (3, keras.model2(keras.lambda2(keras.EVIL)))))))))),
    ("text", "clean", [],
     b'node {\n  name: "a"\n  op: "Add"\n}\n# op: "WriteFile"\n'),
    ("text with WriteFile", "malicious", [DANGER],
     b'node {\n  name: "w"\n  op: "WriteFile"\n}\n'),
    ("text with WriteFile in pieces", "malicious", [DANGER],
     b"node { name: 'w' op : 'Wri' \"te\\x46\" '\\151le' }"),
    ("text in text", "clean", [],
     b'node { name: "op: \\"WriteFile\\"" op: "Add" input: "WriteFile" }'),
    ("cut off", "malicious", [DANGER, "file.truncated"],
     model(*WRITE) + b"\x12\x7f\x0a"),
    ("names and packages are no graph", "clean", [],
     field(1, message((1, "a/b.proto"), (2, "google.protobuf"))) * 3),
]
