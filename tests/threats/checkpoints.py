# SPDX-License-Identifier: Apache-2.0
"""Techniques of torch's formats, of numpy's and of joblib's."""

import bz2
import gzip
import io
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib

import gen_packed
import gen_zip
import samples as s
from gen_zip import Entry

COVERS = ["torch-zip", "torch-legacy", "torch-tar", "npy", "npz", "joblib"]
M, S, U, C, V = "malicious", "suspicious", "unknown", "clean", "unverified"
PAYLOAD = s.command() + b"."
TEXT = b"cos\nsystem\n(S'echo marker'\ntR."
STATE = s.state_dict()
STORAGES = [(b"data/0", bytes(64)), (b"data/1", bytes(16))]


def stored(pickled=STATE, more=(), folder=b"archive/", **fields):
    """A checkpoint; fields are of data.pkl's headers."""
    return gen_zip.build(
        [Entry(folder + b"data.pkl", pickled, **fields)] +
        [Entry(folder + name, data) for name, data in STORAGES] +
        [e if isinstance(e, Entry) else Entry(folder + e[0], e[1])
         for e in more] + [Entry(folder + b"version", b"3\n")])


def members(*pairs, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in pairs:
            s.add(archive, name, data, method)
    return out.getvalue()


def bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block, crc, packed = bytes(1 << 20), 0, b""
    for _ in range(64):
        packed += packer.compress(block)
        crc = zlib.crc32(block, crc)
    packed += packer.flush()
    return stored(b"", method=8, packed=packed, crc=crc, size=64 << 20)


MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
VERSION = b"\x80\x02M\xe9\x03."
SYSTEM = s.stream(b"}(" + s.text("protocol_version") + s.number(1001) +
                  s.text("little_endian") + b"\x88" + s.text("type_sizes") +
                  b"}(" + s.text("short") + s.number(2) + s.text("int") +
                  s.number(4) + s.text("long") + s.number(4) + b"uu")


def old_storage(key, count):
    return (b"(" + s.text("storage") + s.glob("torch", "FloatStorage") +
            s.text(key) + s.text("cpu") + s.number(count) + b"NtQ")


OLD_STATE = s.stream(s.mapping([("w", s.call(
    s.glob("torch._utils", "_rebuild_tensor_v2"), old_storage("0", 4),
    s.number(0), s.number(4) + b"\x85", s.number(1) + b"\x85", b"\x89",
    s.glob("collections", "OrderedDict") + b")R"))]))
KEYS = s.stream(b"]" + s.text("0") + b"a")
RAW = struct.pack("<Q4f", 4, 0.5, 1.5, 2.5, 3.5)


def legacy(one=MAGIC, two=VERSION, three=SYSTEM, four=OLD_STATE, five=KEYS,
           behind=RAW):
    return one + two + three + four + five + behind


def tar(*files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


OLD_TAR = [("sys_info", SYSTEM), ("storages", s.stream(s.number(0))),
           ("tensors", s.stream(s.number(0)))]
npy, head = gen_packed.npy, gen_packed.head
OBJECTS = s.stream(s.call(
    s.glob("numpy.core.multiarray", "_reconstruct"),
    s.glob("numpy", "ndarray"), s.number(0) + b"\x85", s.text("b")) +
    b"(" + s.number(1) + s.number(2) + b"\x85" +
    s.call(s.glob("numpy", "dtype"), s.text("O8"), s.number(0), s.number(1)) +
    b"(" + s.number(3) + s.text("|") + b"NNN" + s.number(63) * 0 +
    b"J\xff\xff\xff\xffJ\xff\xff\xff\xff" + s.number(63) + b"tb" +
    b"\x89](" + s.text("a") + s.text("b") + b"etb")


def dtype(kind, order="<"):
    return s.call(s.glob("numpy", "dtype"), s.text(kind), s.number(0),
                  s.number(1)) + b"(" + s.number(3) + s.text(order) + \
        b"NNN" + b"J\xff\xff\xff\xff" * 2 + s.number(0) + b"tb"


def wrapper(shape, kind="f8", aligned=True):
    """joblib's stand-in for an array; the array's bytes follow its BUILD."""
    state = (s.text("subclass") + s.glob("numpy", "ndarray") +
             s.text("shape") + b"(" + shape + b"t" + s.text("order") +
             s.text("C") + s.text("dtype") + dtype(kind) +
             s.text("allow_mmap") + b"\x88")
    if aligned:
        state += s.text("numpy_array_alignment_bytes") + s.number(16)
    return s.glob("joblib.numpy_pickle", "NumpyArrayWrapper") + \
        b")\x81}(" + state + b"ub"


def aligned(at, data):
    pad = 16 - (at + 1) % 16
    return bytes([pad]) + b"\xff" * pad + data


def joblib(data, behind=b".", kind="f8", shape=s.number(2)):
    front = b"\x80\x03" + wrapper(shape, kind)
    return front + aligned(len(front), data) + behind


def hidden_frame():
    """The frame goes on behind the array, where only opcodes are read from
    it and the array's bytes from behind it."""
    front = wrapper(s.number(2))
    inside = front + b"0" + s.command() + b"0N."
    at = 2 + 9 + len(inside)
    return b"\x80\x04\x95" + struct.pack("<Q", len(inside)) + inside + \
        aligned(at, bytes(16)) + b"."


def shifted():
    """The padding says 255, and stands in front of opcodes."""
    front = b"\x80\x03" + wrapper(s.number(2))
    return front + b"\xff" + b"\xff" * 15 + bytes(16) + \
        (b"0" + s.command() + b".").rjust(240, b"N") + bytes(16) + b"."


TRAP = joblib((b"\x80\x02cos\nsystem\n" + bytes(16))[:16])
BOTH = stored(more=[(b"data.pkl", PAYLOAD)])

THREATS = [
    ("T155", "in data.pkl", M, "m.pt", stored(PAYLOAD)),
    ("T156", "another name in front of the data", M, "m.pt",
     stored(PAYLOAD, local_name=b"archive/data.txt")),
    *[("T157", f"flag {flag:#x} in the directory", M, "m.pt",
       stored(PAYLOAD, flags=flag, local_flags=0))
      for flag in (1, 0x20, 0x40)],
    ("T158", "a wrong checksum", M, "m.pt", stored(PAYLOAD, crc=1)),
    ("T159", "DATA.PKL", M, "m.pt", gen_zip.build(
        [Entry(b"archive/DATA.PKL", PAYLOAD),
         Entry(b"archive/version", b"3\n")])),
    ("T160", "two data.pkl", M, "m.pt", BOTH),
    ("T161", "an empty end record behind it", M, "m.pt",
     stored(PAYLOAD) + b"PK\5\6" + bytes(18)),
    ("T162", "an end record that counts fewer", S, "m.pt", gen_zip.build(
        [Entry(b"archive/data.pkl", STATE), Entry(b"archive/version", b"3\n"),
         Entry(b"archive/byteorder", b"little")], count=1)),
    ("T163", "something in front of TorchScript", S, "m.pt", b"JUNK" * 16 +
     stored(more=[(b"constants.pkl", s.stream(b")")),
                  (b"code/__torch__.py", b"class M(Module):\n")])),
    ("T164", "a pickle where numbers should be", M, "m.pt", stored(more=[
        (b"data/2", PAYLOAD)]),
     "who put a payload there has something that loads it"),
    ("T165", "a pickle of another name, and a call that loads it", M, "m.pt",
     stored(s.stream(s.call(s.glob("torch", "load"), s.text("m.pt"))),
            more=[(b"config.p", PAYLOAD)])),
    ("T166", "a text pickle", M, "m.pt", stored(TEXT)),
    ("T167", "a bomb", S, "m.pt", bomb()),
    ("T168", "a name that climbs", S, "m.pt",
     stored(more=[Entry(b"../../x", b"x")])),
    ("T169", "a symbolic link", M, "m.pt", stored(more=[
        Entry(b"archive/data/9", b"/etc/hostname",
              attributes=0xA1FF << 16)])),
    ("T170", "TorchScript that saves files", S, "m.pt", stored(
        s.stream(s.glob("__torch__", "M") + b")\x81"), more=[
            (b"constants.pkl", s.stream(b")")),
            (b"code/__torch__.py", b"class M(Module):\n  def forward(self: "
             b"__torch__.M,\n    x: Tensor) -> Tensor:\n    _0 = "
             b"torch.save(x, \"/tmp/marker\")\n    return x\n"),
            (b"extra/x.py", b"x = 1\n")])),
    ("T171", "a package with source", U, "m.pt", members(
        ("m/.data/version", b"6"), ("m/.data/extern_modules", b""),
        ("m/pkg/mod.py", b"x = 1\n"), ("m/pkg/m.pkl", STATE)),
     "every torch.package holds the source of its classes; what the source "
     "does is judged, and this does nothing"),
    ("T172", "constants.pkl in a checkpoint", S, "m.pt",
     stored(more=[(b"constants.pkl", s.stream(b")"))])),
    ("T173", "items set in a tensor", M, "m.pt", stored(s.stream(
        s.tensor("0", 4, 4) + b"(" + s.text("a") + s.number(1) + b"u"))),
    ("T174", "more numbers than the record holds", C, "m.pt", stored(
        s.stream(s.mapping([("w", s.tensor("0", 400, 400))]))),
     "the shapes of tensors are not held against the sizes of records: "
     "torch itself does since it knows of this"),
    ("T175", "a state dict", C, "m.pt", stored()),
    ("T176", "a model by its classes", C, "yolov8.pt", stored(s.stream(
        s.glob("ultralytics.nn.tasks", "DetectionModel") + b")\x81}" +
        s.text("nc") + s.number(80) + b"sb"))),
    ("T178", "the magic is computed", M, "m.pt", legacy(one=s.stream(s.call(
        s.glob("builtins", "eval"), s.text("0x1950a86a20f9469cfc6c"))))),
    ("T179", "in the third pickle", M, "m.pt", legacy(three=PAYLOAD)),
    ("T180", "in the fifth pickle", M, "m.pt", legacy(five=s.stream(
        s.command() + b"0]" + s.text("0") + b"a"))),
    ("T181", "a sixth pickle", S, "m.pt",
     legacy(behind=RAW + b"\x80\x02}q\0.")),
    ("T181", "a sixth pickle that runs a command", M, "m.pt",
     legacy(behind=RAW + PAYLOAD), "the payload is one wherever it stands"),
    ("T182", "a checkpoint of before 1.6", C, "m.pt", legacy()),
    ("T183", "a tar of pickles", M, "m.pt",
     tar(*OLD_TAR, ("pickle", PAYLOAD))),
    ("T184", "a harmless tar of pickles", S, "m.pt",
     tar(*OLD_TAR, ("pickle", s.stream(b"}")))),
    ("T187", "an array of objects", M, "a.npy", npy(head("'|O'"), PAYLOAD)),
    ("T188", "an object in a field", M, "a.npy",
     npy(head("[('a', '|O')]"), PAYLOAD)),
    ("T189", "a pickle called .npy", M, "a.npy", PAYLOAD),
    ("T190", "an array of words", C, "a.npy", npy(head("'|O'"), OBJECTS)),
    ("T191", "a header nested too deep", S, "a.npy",
     npy(head("[" * 200 + "]" * 200), b"")),
    ("T192", "a name that climbs", S, "a.npz",
     members(("../a.npy", npy(head("'<f8'"), bytes(16))))),
    ("T192", "two arrays of one name", S, "a.npz", gen_zip.build(
        [Entry(b"a.npy", npy(head("'<f8'"), bytes(16)))] * 2)),
    ("T193", "in front of the array", M, "m.joblib",
     b"\x80\x03" + s.command() + b"0" + joblib(bytes(16))[2:]),
    ("T194", "behind the array", M, "m.joblib",
     joblib(bytes(16), b"0" + s.command() + b".")),
    ("T195", "in an array of objects", M, "m.joblib",
     b"\x80\x03" + wrapper(s.number(2), "O8", False) + PAYLOAD + b"."),
    ("T196", "in a frame behind the array", M, "m.joblib", hidden_frame()),
    ("T197", "a padding that shifts the rest", M, "m.joblib", shifted()),
    ("T198", "a size that overflows", S, "m.joblib", joblib(
        bytes(16), shape=b"\x8a\x08" + struct.pack("<q", 1 << 62) +
        s.number(4))),
    *[("T199", f"packed by {name}", M, "m.joblib", data) for name, data in [
        ("zlib", zlib.compress(PAYLOAD)), ("gzip", gzip.compress(PAYLOAD)),
        ("bzip2", bz2.compress(PAYLOAD)), ("xz", lzma.compress(PAYLOAD)),
        ("lzma", lzma.compress(PAYLOAD, lzma.FORMAT_ALONE)),
        ("lz4", b"\x04\x22\x4d\x18\x40\x40\xc0" + struct.pack(
            "<I", len(PAYLOAD) | 1 << 31) + PAYLOAD + bytes(4)),
        ("ZF", b"ZF" + hex(len(PAYLOAD)).encode().ljust(19) +
         zlib.compress(PAYLOAD))]],
    ("T200", "packed twice", M, "m.joblib",
     gzip.compress(zlib.compress(PAYLOAD))),
    ("T201", "an array in a file elsewhere", M, "m.joblib", s.stream(
        s.glob("joblib.numpy_pickle", "NDArrayWrapper") + b")\x81}(" +
        s.text("filename") + s.text("../x.npy") + s.text("subclass") +
        s.glob("numpy", "ndarray") + s.text("allow_mmap") + b"\x88ub")),
    ("T202", "an array with bytes like a pickle's", C, "m.joblib", TRAP),
]
