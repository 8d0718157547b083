#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""containers: wherever a pickle can stand, it is found, and judged alike.

	containers.py [-v]

Each row of PLACES is a place in some container, as a function that puts bytes
there.  A harmless pickle is put into each, and must leave it at the row's
verdict (clean, unless the container says something by itself); and one that
runs a command, in text and in binary, which must make it malicious, with its
import told.  The scan is that of the programs, with the rules of this build.
Samples hold harmless markers and are never loaded.
"""

import base64
import binascii
import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib

BUILD = os.environ.get("CKPT_BUILD", os.getcwd())
GOOD = {"binary": pickle.dumps({"a": [1, 2, 3], "b": "text"}, 4),
        "text": pickle.dumps({"a": [1, 2, 3], "b": "text"}, 2)}
EVIL = {"text": b"cos\nsystem\n(S'echo marker'\ntR.",
        "binary": b"\x80\x04\x8c\x02os\x8c\x06system\x93"
                  b"\x8c\x0becho marker\x85R."}


def archive(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


def tape(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as t:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def checkpoint(p):
    return archive([("archive/data.pkl", p), ("archive/version", b"3\n")])


# numpy

def array(descr, data, version=1, shape="(3,)"):
    head = ("{'descr': %s, 'fortran_order': False, 'shape': %s, }"
            % (descr, shape)).encode()
    prefix = 8 + (2 if version == 1 else 4)
    head += b" " * (-(prefix + len(head) + 1) % 64) + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(head))
    return b"\x93NUMPY" + bytes([version, 0]) + size + head + data


NUMBERS = array("'<f8'", bytes(24))

# torch before 1.6: magic, version, system, object, keys, storages

MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
VERSION = b"\x80\x02M\xe9\x03."
SYSTEM = pickle.dumps({"protocol_version": 1001, "little_endian": True}, 2)
KEYS = b"\x80\x02]q\0."


def legacy(version=VERSION, system=SYSTEM, thing=GOOD["text"], keys=KEYS,
           behind=b""):
    return MAGIC + version + system + thing + keys + behind


# what pickles hold: strings, bytes, calls of decoders and loaders

def held(value):
    return pickle.dumps({"x": value}, 4)


def data_of(p):
    return b"B" + struct.pack("<I", len(p)) + p


def text_of(s):
    s = s if isinstance(s, bytes) else s.encode()
    return b"X" + struct.pack("<I", len(s)) + s


def call(module, name, operand):
    return (b"\x80\x03c" + module.encode() + b"\n" + name.encode() + b"\n" +
            operand + b"\x85R.")


def baselines(p, *more):
    state = {"policy_class": {
        ":type:": "<class 'abc.ABCMeta'>",
        ":serialized:": base64.b64encode(p).decode()}, "num_timesteps": 1}
    return archive([("data", json.dumps(state, indent=4).encode()),
                    ("policy.pth", checkpoint(GOOD["text"])), *more])


def zfile(p, blank=b""):
    return (b"ZF" + hex(len(p)).ljust(19).encode() + blank +
            zlib.compress(p))


def joblib_objects(p):
    """An array of objects as joblib writes it: its pickle behind the BUILD."""
    return (b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("
            b"\x8c\x08subclasscnumpy\nndarray\n\x8c\x05shapeK\x01\x85"
            b"\x8c\x05order\x8c\x01C\x8c\x05dtypecnumpy\ndtype\n"
            b"\x8c\x02O8\x89\x88\x87R(K\x03\x8c\x01|NNNJ\xff\xff\xff\xff"
            b"J\xff\xff\xff\xffK?tb\x8c\x0aallow_mmap\x89ub" + p + b".")


def joblib_numbers(p):
    """Numbers in the pickle, as joblib before 1.2 wrote them, and it goes on."""
    return (b"\x80\x04]cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("
            b"\x8c\x08subclasscnumpy\nndarray\n\x8c\x05shapeK\x04\x85"
            b"\x8c\x05order\x8c\x01C\x8c\x05dtypecnumpy\ndtype\n"
            b"\x8c\x02f8\x89\x88\x87R(K\x03\x8c\x01<NNNJ\xff\xff\xff\xff"
            b"J\xff\xff\xff\xffK\0tb\x8c\x0aallow_mmap\x89ub" +
            b"\xff" * 32 + b"a0" + p)


def stream(module, pack):
    def make(p):
        try:
            return getattr(__import__(module, fromlist=["_"]), pack)(p)
        except ImportError:
            return None
    return make


NEMO = [("./model_config.yaml", b"sample_rate: 16000\n")]
MAR = [("MAR-INF/MANIFEST.json", b'{"model": {"modelName": "m"}}')]
MLFLOW = [("m/MLmodel", b"flavors:\n  python_function:\n"
           b"    loader_module: mlflow.sklearn\n")]
TAPE = [("storages", b"\x80\x02K\0."), ("tensors", b"\x80\x02K\0.")]

# name, bytes with p in that place[, verdict with a harmless one]
PLACES = [
    ("the file itself", lambda p: p),
    ("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress),
    ("lzma", lambda p: lzma.compress(p, lzma.FORMAT_ALONE)),
    ("zlib", zlib.compress), ("zlib, fast", lambda p: zlib.compress(p, 1)),
    ("zlib, best", lambda p: zlib.compress(p, 9)),
    ("zstd", stream("zstandard", "compress")),
    ("lz4", stream("lz4.frame", "compress")),
    ("ZF of joblib", zfile), ("the same of Python 2",
                              lambda p: zfile(p, b" ")),
    ("gzip in gzip", lambda p: gzip.compress(gzip.compress(p))),
    ("tar", lambda p: tape([("a/m.pkl", p)])),
    ("tar.gz", lambda p: tape([("a/m.pkl", p)], "w:gz")),
    ("tar.bz2", lambda p: tape([("a/m.pkl", p)], "w:bz2")),
    ("tar.xz", lambda p: tape([("a/m.pkl", p)], "w:xz")),
    ("zip", lambda p: archive([("m.pkl", p)])),
    ("zip, any name", lambda p: archive([("notes.txt", p)])),
    ("zip, deflated", lambda p: archive([("m", p)], zipfile.ZIP_DEFLATED)),
    ("zip, bzip2", lambda p: archive([("m", p)], zipfile.ZIP_BZIP2)),
    ("zip, lzma", lambda p: archive([("m", p)], zipfile.ZIP_LZMA)),
    ("gzip in zip", lambda p: archive([("m.gz", gzip.compress(p))])),
    ("zips in tar.gz", lambda p: tape(
        [("x", archive([("y", archive([("m", p)]))]))], "w:gz")),
    ("torch", checkpoint),
    ("torch in zip", lambda p: archive([("m.pt", checkpoint(p))])),
    ("torch, old: the object", lambda p: legacy(thing=p)),
    ("torch, old: the version", lambda p: legacy(version=p)),
    ("torch, old: the system", lambda p: legacy(system=p)),
    ("torch, old: the keys", lambda p: legacy(keys=p), "unverified"),
    ("torch, old: behind", lambda p: legacy(behind=p), "suspicious"),
    ("torch, old: packed", lambda p: gzip.compress(legacy(thing=p))),
    ("torch, tar: the object",
     lambda p: tape([*TAPE, ("pickle", p)]), "suspicious"),
    ("torch, tar: storages", lambda p: tape(
        [("storages", p), ("tensors", KEYS), ("pickle", KEYS)]), "suspicious"),
    ("torch, tar: the system",
     lambda p: tape([("sys_info", p), *TAPE, ("pickle", KEYS)]), "suspicious"),
    ("TorchServe", lambda p: archive([*MAR, ("m.pt", checkpoint(p))])),
    ("TorchServe, extra file", lambda p: archive([*MAR, ("index", p)])),
    ("TorchServe, tar.gz", lambda p: tape([*MAR, ("m.pkl", p)], "w:gz")),
    ("NeMo", lambda p: tape([*NEMO, ("./model_weights.ckpt", checkpoint(p))])),
    ("NeMo, packed", lambda p: tape(
        [*NEMO, ("./model_weights.ckpt", checkpoint(p))], "w:gz")),
    ("MLflow, zip", lambda p: archive([*MLFLOW, ("m/model.pkl", p)])),
    ("MLflow, tar.gz", lambda p: tape([*MLFLOW, ("m/model.pkl", p)], "w:gz")),
    ("skops", lambda p: archive([("schema.json", b"{}"), ("1.pkl", p)])),
    ("Keras", lambda p: archive([("config.json", b"{}"), ("assets/x", p)])),
    ("Stable-Baselines", baselines),
    ("Stable-Baselines, its checkpoint", lambda p: archive(
        [("data", b"{}"), ("policy.pth", checkpoint(p))])),
    ("npy", lambda p: array("'|O'", p)),
    ("npy, version 2", lambda p: array("'|O'", p, 2)),
    ("npy, version 3", lambda p: array("'|O'", p, 3)),
    ("npy, one object", lambda p: array("'|O8'", p, shape="()")),
    ("npy, fields", lambda p: array("[('a', '<f4'), ('b', '|O')]", p)),
    ("npy, fields in fields", lambda p: array(
        "[('a', '<f4'), ('b', [('c', 'O', (2,))])]", p, shape="(3L,)")),
    ("npy that is a pickle", lambda p: p),
    ("behind npy", lambda p: NUMBERS + p),
    ("in the second npy", lambda p: NUMBERS + array("'|O'", p)),
    ("npy, packed", lambda p: gzip.compress(array("'|O'", p))),
    ("npz", lambda p: archive([("a.npy", array("'|O'", p))])),
    ("npz, deflated", lambda p: archive(
        [("a.npy", array("'|O'", p))], zipfile.ZIP_DEFLATED)),
    ("npz, no array", lambda p: archive([("a.npy", NUMBERS), ("b.npy", p)])),
    ("npz, behind an array", lambda p: archive([("a.npy", NUMBERS + p)])),
    ("joblib, objects", joblib_objects),
    ("joblib, objects, zlib", lambda p: zlib.compress(joblib_objects(p))),
    ("joblib, objects, xz", lambda p: lzma.compress(joblib_objects(p))),
    ("joblib, behind numbers", joblib_numbers, None),
    ("bytes", held), ("bytearray", lambda p: held(bytearray(p))),
    ("bytes in bytes", lambda p: held(held(p))),
    ("bytes, base64", lambda p: held(base64.b64encode(p))),
    ("bytes, hexadecimal", lambda p: held(binascii.hexlify(p))),
    ("bytes, zlib", lambda p: held(zlib.compress(p))),
    ("bytes, gzip", lambda p: held(gzip.compress(p))),
    ("bytes, bzip2", lambda p: held(bz2.compress(p))),
    ("bytes, xz", lambda p: held(lzma.compress(p))),
    ("bytes, zlib in base64",
     lambda p: held(base64.b64encode(zlib.compress(p)))),
    ("bytes, npy", lambda p: held(array("'|O'", p))),
    ("bytes, zip", lambda p: held(archive([("m.pkl", p)]))),
    ("bytes, torch", lambda p: held(checkpoint(p))),
    ("bytes, torch of old", lambda p: held(legacy(thing=p))),
    ("text, base64", lambda p: held(base64.b64encode(p).decode())),
    ("text, base64 for addresses",
     lambda p: held(base64.urlsafe_b64encode(p).decode())),
    ("text, base64 in lines", lambda p: held(base64.encodebytes(p).decode())),
    ("text, hexadecimal", lambda p: held(p.hex())),
    ("text of protocol 0, base64", lambda p: pickle.dumps(
        {"x": base64.b64encode(p).decode()}, 0)),
    ("torch's loader of bytes",
     lambda p: call("torch.storage", "_load_from_bytes", data_of(p)),
     "unknown"),
    ("the same, torch of old", lambda p: call(
        "torch.storage", "_load_from_bytes", data_of(legacy(thing=p))),
     "unknown"),
    ("the same, a checkpoint", lambda p: call(
        "torch.storage", "_load_from_bytes", data_of(checkpoint(p))),
     "unknown"),
    ("pickle.loads", lambda p: call("pickle", "loads", data_of(p)), None),
    ("dill.loads", lambda p: call("dill", "loads", data_of(p)), None),
    ("base64.b64decode", lambda p: call(
        "base64", "b64decode", text_of(base64.b64encode(p))), None),
    ("binascii.unhexlify", lambda p: call(
        "binascii", "unhexlify", text_of(p.hex())), None),
    ("zlib.decompress", lambda p: call(
        "zlib", "decompress", data_of(zlib.compress(p))), None),
]


def scan(paths):
    run = subprocess.run(
        [os.path.join(BUILD, "ckptguard"), "scan", "--format=jsonl",
         "--files-from=-"], input="\n".join(paths) + "\n", text=True,
        stdout=subprocess.PIPE, check=False)
    return {r["path"]: r for r in map(json.loads, run.stdout.splitlines())}


def lay(folder):
    """path: (about, verdict or None, whether the import must be told)"""
    rows = {}
    for i, (about, put, *fine) in enumerate(PLACES):
        for kind in ("binary", "text"):
            for evil, pickles in ((False, GOOD), (True, EVIL)):
                verdict = "malicious" if evil else fine[0] if fine else "clean"
                data = put(pickles[kind])
                if verdict is None or data is None:
                    continue
                path = os.path.join(folder, f"{i}-{kind}-{evil}")
                with open(path, "wb") as f:
                    f.write(data)
                rows[path] = (f"{about}, {kind}", verdict, evil)
    return rows


def judge(row, report):
    about, verdict, evil = row
    if report is None:
        return f"{about}: not reported"
    names = {i["module"] + "." + i["name"] for i in report["imports"]}
    if report["verdict"] != verdict:
        return (f"{about}: {report['verdict']}, not {verdict}: " + "; ".join(
            f"{f['rule']} {f['message']}" for f in report["findings"])[:300])
    if evil and "os.system" not in names:
        return f"{about}: os.system is not among the imports {sorted(names)}"
    return None


def main():
    with tempfile.TemporaryDirectory(prefix="ckptguard-places-") as folder:
        rows = lay(folder)
        reports = scan(list(rows))
        failed = 0
        for path, row in rows.items():
            problem = judge(row, reports.get(path))
            if problem or "-v" in sys.argv:
                print("not as expected:" if problem else "fine:",
                      problem or row[0])
            failed += problem is not None
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed or not rows else 0


sys.exit(main())
