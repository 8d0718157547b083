# SPDX-License-Identifier: Apache-2.0
"""Techniques of Keras, TensorFlow, ONNX, GGUF, Hugging Face's JSON and
safetensors.  What the tests of a format have as a sample is that sample."""

import io
import json
import zipfile

import format_gguf
import format_h5
import format_keras as keras
import format_onnx
import format_safetensors
import format_tf
import format_tflite
import samples as s

COVERS = ["keras-h5", "keras-zip", "savedmodel", "tflite", "onnx", "gguf",
          "hf-json", "safetensors"]
M, S, U, C, V = "malicious", "suspicious", "unknown", "clean", "unverified"
PICKLE = s.stream(s.command())


def of(module, *abouts):
    """The bytes of a format's sample, by what it is about."""
    made = {row[0]: row[3] for row in module.SAMPLES}
    return [(about, made[about]) for about in abouts]


def h5(number, verdict, *abouts, why=None):
    """Rows of HDF5; none where nothing can write such files."""
    if not format_h5.SAMPLES:
        return
    for about, data in of(format_h5, *abouts):
        yield (number, about, verdict, "m.h5", data) + (
            (why,) if why else ())


def each(number, verdict, name, module, *abouts, why=None):
    for about, data in of(module, *abouts):
        yield (number, about, verdict, name, data) + ((why,) if why else ())


def archive(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in members:
            s.add(z, name, data)
    return out.getvalue()


META = json.dumps({"keras_version": "3.3.3", "date_saved": "x"}).encode()
DENSE = keras.keras3("keras.layers", "Dense", {"units": 4})


def saved(*configs, more=()):
    return archive(("metadata.json", META),
                   *[("config.json", c) for c in configs], *more)


def layers(*inner, **more):
    return saved(keras.model(*inner), **more)


def huge():
    """A Lambda in front of half a gigabyte."""
    return [("a file of 553 MB", (data, 553 << 20))
            for _, data in of(format_h5, "variable")]


def lookup(name, vocabulary):
    return layers(keras.keras3("keras.layers", name,
                               {"vocabulary": vocabulary}))


SSTI = format_gguf.SSTI
FUNCTION = keras.FUNCTION

KERAS = [
    *h5("T203", M, "variable", "fixed", "nested", "committed type",
        "in a group", "another name"),
    ("T204", "arithmetic, as .keras", U, "m.keras",
     layers(keras.lambda3(keras.PLAIN)),
     "the code is read, and names nothing that does harm"),
    ("T204", "arithmetic, as JSON", U, "m.json",
     keras.model2(keras.lambda2(keras.PLAIN)),
     "the code is read, and names nothing that does harm"),
    *h5("T206", M, "dense", "dense, fixed", "dense, in order",
        "variable, 64 KiB and more", "fixed, 64 KiB and more",
        "variable, latest", "array of variable"),
    *h5("T207", M, "user block", "user block, 1 MiB"),
    *h5("T208", S, "link out", "link up", "link out, latest", "storage out",
        "virtual out"),
    *h5("T209", M, "variable"),
    ("T210", "os.system", M, "m.keras",
     layers(keras.keras3("os", FUNCTION, "system"))),
    ("T210", "builtins.eval as a class", M, "m.keras",
     layers(keras.keras3("builtins", "eval", "1"))),
    ("T210", "in the configuration to compile", M, "m.keras", saved(
        json.dumps(dict(keras.keras3("keras", "Sequential", {"layers": []}),
                        compile_config={"optimizer": keras.keras3(
                            "subprocess", FUNCTION, "Popen")})).encode())),
    ("T211", "code", M, "m.keras", layers(keras.lambda3(keras.EVIL))),
    ("T212", "unsafe loading switched on", M, "m.keras", layers(keras.keras3(
        "keras.config", FUNCTION, "enable_unsafe_deserialization"))),
    ("T213", "a download", M, "m.keras", layers(keras.keras3(
        "keras.utils", "get_file", {"origin": "http://x.invalid/x"}))),
    ("T214", "a torch module", M, "m.keras", layers(keras.keras3(
        "keras.layers", "TorchModuleWrapper", {"module": "UEsDBA=="}))),
    *[("T215", f"{name}, {path}", S, "m.keras", lookup(name, path))
      for name in ("StringLookup", "IntegerLookup", "TextVectorization")
      for path in ("/etc/hostname", "http://x.invalid/v", "../../v.txt")],
    ("T216", "a class of somebody's", U, "m.keras", layers(
        keras.keras3("x", "X", registered="Custom>X")),
     "the file holds no code of it; a loader must be given the class"),
    ("T217", "two configurations", M, "m.keras", saved(
        keras.model(DENSE), keras.model(keras.lambda3(keras.EVIL)))),
    *h5("T218", M, "variable"),
    ("T219", "layers", C, "m.keras", layers(DENSE)),
]
KERAS = [row if row[0] != "T218" else row[:3] + ("m.keras",) + row[4:]
         for row in KERAS]
KERAS += [("T205", about, M, "m.h5", data) for about, data in huge()] \
    if format_h5.SAMPLES else []

TENSORFLOW = [
    *each("T220", M, "saved_model.pb", format_tf, "WriteFile",
          "WriteFile in the second meta graph"),
    *each("T220", M, "frozen.pb", format_tf, "WriteFile in a graph alone"),
    *each("T220", M, "m.meta", format_tf, "WriteFile in a meta graph"),
    *each("T220", M, "saved_model.pbtxt", format_tf, "text with WriteFile"),
    *each("T221", M, "saved_model.pb", format_tf, "ReadFile in a function"),
    *each("T222", M, "saved_model.pb", format_tf, "PyFunc", "EagerPyFunc",
          why="no exported model can be served that calls Python of the "
          "program that made it; who loads one runs what its token finds"),
    *each("T223", M, "keras_metadata.pb", format_tf,
          "Keras metadata with a Lambda"),
    *each("T224", S, "saved_model.pb", format_tf, "print to a file"),
    *each("T225", C, "saved_model.pb", format_tf, "saver only"),
    *each("T226", S, "saved_model.pb", format_tf, "asset that climbs"),
    *each("T227", S, "m.tflite", format_tflite, "FlexReadFile",
          "FlexPyFunc"),
    *each("T228", S, "m.tflite", format_tflite, "vector of tables outside",
          "data outside", "root outside", "sizes wrap"),
]

ONNX = [
    *each("T229", M, "m.onnx", format_onnx, "climbs", "climbs, Windows"),
    *each("T230", M, "m.onnx", format_onnx, "climbs inside"),
    *each("T231", M, "m.onnx", format_onnx, "absolute", "address", "drive",
          "other machine", "NUL"),
    *each("T232", M, "m.onnx", format_onnx, "in a branch", "in a function",
          "in training", "in a sparse tensor", "in an attribute"),
    *each("T233", S, "m.onnx", format_onnx, "unknown key"),
    *each("T234", M, "m.onnx", format_onnx, "PyOp",
          why="it has the loading program call Python by a number that the "
          "file chooses"),
    *each("T235", C, "m.onnx", format_onnx, "beside"),
    *each("T236", C, "m.onnx", format_onnx, "dots in weights"),
]

GGUF = [
    *each("T237", M, "m.gguf", format_gguf, "SSTI", "SSTI, big-endian"),
    *each("T238", M, "m.gguf", format_gguf, "SSTI in pieces"),
    *[("T238", template, M, "m.gguf", format_gguf.one(template))
      for template in (
          "{{ ''['__cla' ~ 'ss__'] }}",
          "{{ x|attr('__class__') }}",
          "{{ x['\\x5f\\x5fclass\\x5f\\x5f'] }}",
          "{{ x|attr(['__cla', 'ss__']|join) }}",
          "{{ x['__ssalc__'[::-1]] }}",
          "{{ x|attr('%s%s'|format('__gl', 'obals__')) }}",
          "{{ x|attr('-class-'|replace('-', '__')) }}",
          "{% set a = '__glo' %}{{ x[a + 'bals__'] }}",
          "{{ [x]|map(attribute='__init__')|list }}",
          "{{ cycler.__init__.__globals__.os.popen('echo marker') }}",
          "{{ lipsum['__globals__']['os'] }}")],
    *each("T239", M, "m.gguf", format_gguf, "SSTI in a named template",
          "SSTI in a list of templates"),
    *each("T240", S, "m.gguf", format_gguf, "poisoned condition"),
    *each("T241", M, "m.gguf", format_gguf, "too many keys",
          "too many tensors", "array count"),
    *each("T242", S, "m.gguf", format_gguf, "sizes beyond the file",
          "offset beyond the file", "overlap", "hole"),
    *each("T243", M, "m.gguf", format_gguf, "string length wraps",
          "key length"),
    *each("T244", S, "m.gguf", format_gguf, "tensor name that climbs"),
    *each("T245", C, "m.gguf", format_gguf, "big-endian"),
    *each("T246", C, "m.gguf", format_gguf, "version 3", "version 2",
          "version 1"),
]

AUTO = json.dumps({"auto_map": {"AutoModel": "modeling_x.X"}}).encode()
HUB = [
    ("T247", "a template", M, "tokenizer_config.json",
     json.dumps({"chat_template": SSTI}).encode()),
    ("T247", "a named template", M, "tokenizer_config.json",
     json.dumps({"chat_template": [
         {"name": "default", "template": "{{ x }}"},
         {"name": "tool_use", "template": SSTI}]}).encode()),
    ("T247", "a template alone", M, "chat_template.jinja", SSTI.encode()),
    ("T247", "a template alone, as JSON", M, "chat_template.json",
     json.dumps({"chat_template": SSTI}).encode()),
    ("T247", "a processor's", M, "processor_config.json",
     json.dumps({"chat_template": SSTI}).encode()),
    ("T248", "code beside it", U, "config.json",
     {"config.json": AUTO, "modeling_x.py": b"class X:\n\tpass\n"},
     "thousands of honest models come with code of their own, which runs "
     "only if its user allows it; the code is judged as what it is"),
]

SAFETENSORS = [
    *each("T249", S, "m.safetensors", format_safetensors,
          "length beyond the limit", "length beyond the file"),
    *each("T250", S, "m.safetensors", format_safetensors, "overlap", "hole",
          "trailing zeros"),
    *each("T250", M, "m.safetensors", format_safetensors, "trailing pickle",
          "pickle in a hole", "program in a hole",
          why="what is hidden there can be loaded or run"),
    *each("T251", S, "m.safetensors", format_safetensors,
          "two tensors of one name", "metadata twice"),
    ("T252", "a pickle", M, "m.safetensors", PICKLE),
    ("T253", "2,000 tensors", C, "m.safetensors",
     format_safetensors.many(2000)),
    *each("T253", C, "m.safetensors", format_safetensors, "metadata"),
]

THREATS = KERAS + TENSORFLOW + ONNX + GGUF + HUB + SAFETENSORS
