# SPDX-License-Identifier: Apache-2.0
"""Samples of HDF5, written by h5py in every storage form of an attribute."""

import base64
import io
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import format_keras as keras  # noqa: E402

try:
    import h5py
    import numpy
except ImportError:
    h5py = None

DANGER = "keras.code.dangerous"
EVIL = keras.model2(keras.lambda2(keras.EVIL))
NESTED = keras.model2(keras.layer("TimeDistributed", {
    "layer": keras.layer("Bidirectional", {
        "layer": keras.lambda2(keras.EVIL)})}))
PLAIN = keras.model2(keras.layer("Dense", {"units": 4}))
LONG = keras.model2(*[keras.layer("Dense", {
    "units": i, "name": "x" * 300}) for i in range(400)],
    keras.lambda2(keras.EVIL))


def made(fill, **options):
    """The bytes of a file that fill(h5py.File) writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.h5")
        with h5py.File(path, "w", **options) as f:
            fill(f)
        with open(path, "rb") as f:
            return f.read()


def attribute(value, name="model_config", **options):
    def fill(f):
        weights = f.create_group("model_weights")
        weights.create_dataset("w", data=numpy.zeros((8, 8), "f4"))
        weights.attrs["layer_names"] = numpy.array([b"dense"])
        f.attrs["keras_version"] = "2.12.0"
        f.attrs[name] = value
    return made(fill, **options)


def many(value, **options):
    """So many attributes that they move to dense storage."""
    def fill(f):
        for i in range(1200):
            f.attrs[f"a{i:04}"] = f"value {i}"
        f.attrs["model_config"] = value
    return made(fill, **options)


def groups(count, **options):
    """So many links that trees have levels; the last group has the model."""
    def fill(f):
        for i in range(count):
            f.create_group(f"g{i:05}")
        f[f"g{count - 1:05}"].attrs["model_config"] = EVIL.decode()
    return made(fill, **options)


def in_group(f):
    f.create_group("a/b/c").attrs["model_config"] = EVIL.decode()


def with_link(target):
    def fill(f):
        f["w"] = h5py.ExternalLink(target, "/w")
    return fill


def with_storage(target):
    def fill(f):
        f.create_dataset("w", (4,), "f4", external=[(target, 0, 16)])
    return fill


def with_virtual(target):
    def fill(f):
        layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
        layout[:] = h5py.VirtualSource(target, "w", shape=(4,))
        f.create_virtual_dataset("v", layout)
    return fill


def committed(f):
    f["type"] = numpy.dtype("S%d" % len(EVIL))
    f.attrs.create("model_config", EVIL, dtype=f["type"])


def in_memory(f):
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.zeros(4))
    f["x"] = numpy.frombuffer(buffer.getvalue(), "u1")


PICKLE = "pickle.import.dangerous"
BAD = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0becho marker\x85R."
BAD_TEXT = b"cos\nsystem\n(S'echo marker'\ntR."
GOOD = b"\x80\x04\x95\x0e\0\0\0\0\0\0\0}\x94\x8c\x05units\x94K\x04s."


def data(payload, kind="bytes", options=()):
    """A data set that holds a pickle, as programs keep one."""
    def fill(f):
        f["weights"] = numpy.zeros((8, 8), "f4")
        if kind == "opaque":
            f["object"] = numpy.void(payload)
        elif kind == "variable":
            f.create_dataset("object", (3,), h5py.special_dtype(
                vlen=numpy.dtype("u1")))
            f["object"][2] = numpy.frombuffer(payload, "u1")
        elif kind == "chunks":
            f.create_dataset(
                "object", data=numpy.frombuffer(payload + bytes(5000), "u1"),
                chunks=(64,), compression="gzip", shuffle=True)
        elif kind == "text":
            f["object"] = base64.b64encode(payload).decode()
        else:
            f["object"] = numpy.frombuffer(payload, "u1")
    return made(fill, **dict(options))


def pickles():
    """Attributes and data sets that are pickles."""
    rows = []
    for kind in ("bytes", "opaque", "variable", "chunks", "text"):
        rows += [("data, " + kind, "malicious", [PICKLE], data(BAD, kind)),
                 ("data in text, " + kind, "malicious", [PICKLE],
                  data(BAD_TEXT, kind)),
                 ("honest data, " + kind, "clean", [], data(GOOD, kind))]
    for kind in ("bytes", "opaque", "text"):
        rows.append(("data, latest, " + kind, "malicious", [PICKLE],
                     data(BAD, kind, latest().items())))
    for about, value in (("opaque", numpy.void(BAD)),
                         ("numbers", numpy.frombuffer(BAD, "u1")),
                         ("base64", base64.b64encode(BAD).decode()),
                         ("hexadecimal", BAD.hex()),
                         ("text", BAD_TEXT.decode())):
        rows.append(("attribute, " + about, "malicious", [PICKLE],
                     attribute(value, "object")))
    return rows


def fixed(text):
    return numpy.array(text, "S%d" % len(text))


def latest(**more):
    return dict(libver="latest", **more)


def cut(data):
    """Broken at the root: only a search finds the model."""
    return data[:96] + b"\xee" * 64 + data[160:]


def samples():
    text = EVIL.decode()
    rows = pickles() + [
        ("honest", "clean", [], attribute(PLAIN.decode())),
        ("honest, latest", "clean", [], attribute(PLAIN.decode(), **latest())),
        ("honest, dense", "clean", [], many(PLAIN.decode(), **latest())),
        ("no model", "clean", [], made(in_memory)),
        ("honest, user block", "clean", ["hdf5.user-block"],
         attribute(PLAIN.decode(), userblock_size=1024)),
        ("link beside", "clean", ["hdf5.beside"], made(with_link("b.h5"))),
        ("storage beside", "clean", ["hdf5.beside"],
         made(with_storage("b.bin"))),
        ("virtual beside", "clean", ["hdf5.beside"],
         made(with_virtual("b.h5"), **latest())),
        ("nested", "malicious", [DANGER], attribute(NESTED.decode())),
        ("variable", "malicious", [DANGER], attribute(text)),
        ("variable, bytes", "malicious", [DANGER], attribute(EVIL)),
        ("fixed", "malicious", [DANGER], attribute(fixed(EVIL))),
        ("fixed, latest", "malicious", [DANGER],
         attribute(fixed(EVIL), **latest())),
        ("variable, latest", "malicious", [DANGER],
         attribute(text, **latest())),
        ("variable, 64 KiB and more", "malicious", [DANGER],
         attribute(LONG.decode())),
        ("fixed, 64 KiB and more", "malicious", [DANGER],
         attribute(fixed(LONG), **latest())),
        ("array of variable", "malicious", [DANGER],
         attribute([b"x", EVIL])),
        ("dense", "malicious", [DANGER], many(text, **latest())),
        ("dense, fixed", "malicious", [DANGER],
         many(fixed(EVIL), **latest())),
        ("dense, in order", "malicious", [DANGER],
         many(text, **latest(track_order=True))),
        ("committed type", "malicious", [DANGER], made(committed)),
        ("in a group", "malicious", [DANGER], made(in_group)),
        ("in the last of many groups", "malicious", [DANGER], groups(3000)),
        ("in the last of many, dense", "malicious", [DANGER],
         groups(3000, **latest())),
        ("another name", "malicious", [DANGER], attribute(text, "note")),
        ("user block", "malicious", [DANGER],
         attribute(text, userblock_size=512)),
        ("user block, 1 MiB", "malicious", [DANGER],
         attribute(text, userblock_size=1 << 20)),
        ("broken, found by search", "malicious", [DANGER],
         cut(attribute(fixed(EVIL)))),
        ("broken", "unverified", ["file.malformed"], cut(made(in_memory))),
        ("link out", "suspicious", ["hdf5.link"],
         made(with_link("/etc/passwd"))),
        ("link up", "suspicious", ["hdf5.link"],
         made(with_link("../../x.h5"))),
        ("link out, latest", "suspicious", ["hdf5.link"],
         made(with_link("/etc/passwd"), **latest())),
        ("storage out", "suspicious", ["hdf5.storage"],
         made(with_storage("/etc/passwd"))),
        ("virtual out", "suspicious", ["hdf5.storage"],
         made(with_virtual("/etc/passwd"), **latest())),
    ]
    return rows


def elsewhere():
    """The samples as the system's own Python makes them, or none: the one
    that runs the tests may be another, without h5py."""
    try:
        made_there = subprocess.run(
            ["/usr/bin/python3", os.path.abspath(__file__)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        print("no h5py: samples of HDF5 are not made")
        return []
    return [row[:3] + [base64.b64decode(row[3])]
            for row in json.loads(made_there.stdout)]


if __name__ == "__main__":
    if h5py is None:
        sys.exit(1)
    json.dump([row[:3] + (base64.b64encode(row[3]).decode(),)
               for row in samples()], sys.stdout)
else:
    SAMPLES = samples() if h5py is not None else elsewhere()
