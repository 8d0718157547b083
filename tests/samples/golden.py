# SPDX-License-Identifier: Apache-2.0
"""golden: the samples of tests/golden/TESTLIST.

    python3 golden.py DIRECTORY

Each function below makes the sample of its own name; its first line says what
it is.  A payload is a harmless marker, and no sample is ever loaded.
"""

import importlib
import io
import os
import struct
import sys
import warnings
import zipfile

import samples as s

warnings.simplefilter("ignore")  # two members of one name are meant
SAMPLES = {}


def sample(suffix):
    """Register a function that returns a sample's bytes."""
    def register(function):
        name = function.__name__.replace("_", "-") + "." + suffix
        SAMPLES[name] = function
        return function
    return register


def short(t):
    """SHORT_BINUNICODE"""
    return b"\x8c" + bytes([len(t)]) + t.encode()


def stack_global(module, name):
    return short(module) + short(name) + b"\x93"


def zipped(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            s.add(archive, name, data, method)
    return out.getvalue()


def torch(pickled, extra=(), method=zipfile.ZIP_STORED):
    members = [("archive/data.pkl", pickled), ("archive/byteorder", b"little"),
               ("archive/data/0", struct.pack("<f", 0.5) * 16),
               ("archive/data/1", struct.pack("<f", 0.5) * 4),
               ("archive/version", b"3\n"), *extra]
    return zipped(members, method)


EVIL = s.stream(s.command())


# pickle: what is imported and how it is used

@sample("pkl")
def pickle_none():
    """None"""
    return s.stream(b"N")


@sample("pkl")
def pickle_data():
    """a list, a dict, numbers and text"""
    return s.stream(b"](K\x01K\x02}X\x01\x00\x00\x00aK\x03se")


@sample("pkl")
def pickle_global_call():
    """os.system by GLOBAL and REDUCE"""
    return EVIL


@sample("pkl")
def pickle_text_protocol():
    """the same in protocol 0"""
    return b"cos\nsystem\n(S'echo marker'\ntR."


@sample("pkl")
def pickle_stack_global():
    """the same by STACK_GLOBAL"""
    return s.stream(s.call(stack_global("os", "system"), short(s.MARKER)), 4)


@sample("pkl")
def pickle_memoised_name():
    """the name goes through the memo"""
    body = (short("system") + b"\x940" + short("os") + b"h\x00\x93" +
            short(s.MARKER) + b"\x85R")
    return s.stream(body, 4)


@sample("pkl")
def pickle_inst():
    """the same by INST"""
    return b"(S'echo marker'\nios\nsystem\n."


@sample("pkl")
def pickle_obj():
    """the same by OBJ"""
    return s.stream(b"(" + s.glob("os", "system") + s.text(s.MARKER) + b"o")


@sample("pkl")
def pickle_computed_name():
    """STACK_GLOBAL on the result of a call"""
    made = s.call(s.glob("builtins", "str"), s.text("os"))
    return s.stream(made + short("system") + b"\x93", 4)


@sample("pkl")
def pickle_dotted_name():
    """a class reached through the attribute of a harmless one"""
    return s.stream(stack_global("collections", "abc.sys.modules"), 4)


@sample("pkl")
def pickle_python2_name():
    """__builtin__.eval, which Python 3 maps"""
    return s.stream(s.call(s.glob("__builtin__", "eval"), s.text("1")))


@sample("pkl")
def pickle_build_on_import():
    """BUILD on an imported module's function"""
    state = b"}" + s.text("__call__") + b"Ns"
    return s.stream(s.glob("collections", "namedtuple") + state + b"b")


@sample("pkl")
def pickle_unknown_class():
    """a class of a module that nobody knows"""
    made = s.glob("my_project.models", "Net") + b")\x81"
    return s.stream(made + b"}" + s.text("x") + b"K\x01sb")


@sample("pkl")
def pickle_extension_code():
    """EXT1: a global that only the loader's registry knows"""
    return s.stream(b"\x82\x01")


@sample("pkl")
def pickle_nested():
    """a pickle inside the bytes of a pickle"""
    return s.stream(b"C" + bytes([len(EVIL)]) + EVIL, 3)


@sample("pkl")
def pickle_second_stream():
    """a harmless stream, then another behind its STOP"""
    return s.stream(b"N") + EVIL


@sample("pkl")
def pickle_truncated():
    """the end is missing"""
    return s.state_dict()[:-20]


@sample("pkl")
def pickle_broken_behind_call():
    """an opcode that is none, behind a call that has run by then"""
    return EVIL[:-1] + b"\xff\xff\xff"


@sample("pkl")
def pickle_frame_too_long():
    """a frame that claims more than there is"""
    return b"\x80\x04\x95" + struct.pack("<Q", 1 << 40) + EVIL[2:]


# zip and torch

@sample("zip")
def zip_of_text():
    """an archive of text"""
    return zipped([("a.txt", b"hello\n"), ("b/c.txt", b"world\n")],
                  zipfile.ZIP_DEFLATED)


@sample("zip")
def zip_with_pickle():
    """a general archive with a malicious pickle inside"""
    return zipped([("notes.txt", b"hello\n"), ("x.pkl", EVIL)])


@sample("zip")
def zip_in_zip():
    """the same, one archive deeper"""
    return zipped([("inner.zip", zip_with_pickle())])


@sample("pt")
def torch_clean():
    """a state_dict of two tensors"""
    return torch(s.state_dict())


@sample("pt")
def torch_deflated():
    """the same, compressed"""
    return torch(s.state_dict(), method=zipfile.ZIP_DEFLATED)


@sample("pt")
def torch_evil():
    """a command among the weights"""
    return torch(s.state_dict([("fc.scale", s.command())]))


@sample("pt")
def torch_pickle_in_storage():
    """a pickle where raw numbers should be"""
    return torch(s.state_dict(), [("archive/data/2", EVIL)])


@sample("pt")
def torch_two_records():
    """two members of one name"""
    return torch(s.state_dict(), [("archive/data.pkl", EVIL)])


@sample("pt")
def torch_prefixed():
    """a pickle in front of the archive"""
    return EVIL + torch(s.state_dict())


@sample("pt")
def torch_appended():
    """a second archive behind the first"""
    return torch(s.state_dict()) + torch(EVIL)


@sample("pt")
def torch_names_differ():
    """the local header has another name than the directory"""
    data = torch(EVIL)
    return data.replace(b"archive/data.pkl", b"archive/xxxx.txt", 1)


@sample("pt")
def torch_bad_crc():
    """a checksum that does not match, which many readers do not check"""
    data = bytearray(torch(EVIL))
    for mark, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        crc = data.index(mark) + at
        data[crc:crc + 4] = b"\0\0\0\0"
    return bytes(data)


@sample("pt")
def torch_flagged_encrypted():
    """marked as encrypted, and is not"""
    data = bytearray(torch(EVIL))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


@sample("pt")
def torch_truncated():
    """the directory is missing"""
    data = torch(s.state_dict())
    return data[:data.index(b"PK\x01\x02")]


# no models

@sample("bin")
def other_empty():
    """no bytes at all"""
    return b""


@sample("txt")
def other_text():
    """text that starts like a pickle in protocol 0"""
    return b"import os\nprint('hello')\n"


@sample("png")
def other_png():
    """the beginning of a picture"""
    return b"\x89PNG\r\n\x1a\n" + bytes(64)


# one of each of the smaller formats: file, module, what it is about there
OTHERS = [
    ("archive-7z.7z", "format_archive",
     "7z, the second member"),
    ("yaml-target.yaml", "format_yaml",
     "a target that runs commands"),
    ("rds-promise.rds", "format_rdata",
     "a promise without a value"),
    ("torch7-function.t7", "format_torch7",
     "a function in a module"),
    ("pmml-entity.pmml", "format_xml",
     "an entity of a file, in UTF-16"),
    ("openvino-library.xml", "format_xml",
     "a layer of a library"),
    ("torchserve-handler.mar", "format_models",
     "a handler that starts programs"),
    ("llamafile.llamafile", "format_models",
     "a llamafile"),
    ("nemo-target.nemo", "format_models",
     "NeMo that runs commands"),
    ("tensorrt-unread.plan", "format_others",
     "an engine of TensorRT"),
    ("skops-node.json", "format_others",
     "a method of another class"),
    ("msgpack-pickle.msgpack", "format_others",
     "Flax with a pickle of data"),
    ("ubjson-count.ubj", "format_others",
     "XGBoost whose count lies"),
    ("paddle-python.pdmodel", "format_others",
     "one that calls Python"),
    ("coreml-custom.mlmodel", "format_others",
     "Core ML with a layer of a class"),
    ("mxnet-library.json", "format_others",
     "MXNet with a library"),
]


def others():
    """The samples of other modules by what they are about."""
    for name, module, about in OTHERS:
        found = [row[3] for row in importlib.import_module(module).SAMPLES
                 if row[0] == about]
        SAMPLES[name] = found.pop


others()


def main(where):
    for name, make in SAMPLES.items():
        s.write(os.path.join(where, name), make())


if __name__ == "__main__":
    main(sys.argv[1])
