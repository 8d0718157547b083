#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bombs: small files that would be large, deep or endless, if one let them.

	bombs.py [-v] [NAME...]

Each row of BOMBS is a file of some kB and the verdict that it must get.  It is
scanned by the programs in a process of its own; then

  the verdict is that one, and no scan has failed by itself: what is too much
  is a limit of the file's, found by a budget and not by the clock;
  no process of the scan had more than 64 MB of memory;
  of a sparse file of a gigabyte little was read.

Nothing passes or fails by time.  Files are made here and never loaded.
"""

import base64
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
MEMORY_MAX = 64 << 20
# What is left of a file's bytes when only its pickle is read.
SPARSE_READ_MAX = 1 << 20
MB = 1 << 20
C, K, V, S, M = "clean", "unknown", "unverified", "suspicious", "malicious"
EVIL = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R."


def repeated(pack, block, count):
    """One stream of count blocks, packed piece by piece."""
    out = [pack.compress(block) for _ in range(count)]
    return b"".join(out) + pack.flush()


def deflate(block, count, bits=31):
    return repeated(zlib.compressobj(9, zlib.DEFLATED, bits), block, count)


def archive(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


def onion(data, depth, peel):
    for _ in range(depth):
        data = peel(data)
    return data


def overlapping(count):
    """Entries that are all the same member's bytes."""
    data = bytearray(archive([("0" * 8, b"\x80\x04" + b"N0" * MB + b"N.")],
                             zipfile.ZIP_DEFLATED))
    end = data.rindex(b"PK\5\6")
    at = struct.unpack("<I", data[end + 16:end + 20])[0]
    entry = data[at:end]
    out = data[:at]
    for i in range(count):
        out += entry.replace(b"0" * 8, b"%08d" % i)
    size = len(out) - at
    return bytes(out + b"PK\5\6\0\0\0\0" +
                 struct.pack("<HHIIH", count, count, size, at, 0))


def stream(body):
    return b"\x80\x04" + body + b"."


def name(i):
    return b"cm%d\nf%d\n0" % (i, i)


def doubled(opcode, times):
    """Each tuple or list holds the one before it twice."""
    return stream(b"]" + b"2" + opcode + (b"2" + opcode) * times)


def held(data):
    return pickle.dumps(data, 4)


def sparse(front, size, behind=b""):
    def write(f):
        f.write(front)
        f.truncate(len(front) + size)
        f.seek(0, os.SEEK_END)
        f.write(behind)
    return write


def joblib_array(count):
    return (b"\x80\x04}(\x8c\x01wcjoblib.numpy_pickle\n"
            b"NumpyArrayWrapper\n)\x81}("
            b"\x8c\x08subclasscnumpy\nndarray\n\x8c\x05shapeJ" +
            struct.pack("<I", count) +
            b"\x85\x8c\x05order\x8c\x01C\x8c\x05dtypecnumpy\ndtype\n"
            b"\x8c\x02f8\x89\x88\x87R(K\x03\x8c\x01<NNNJ\xff\xff\xff\xff"
            b"J\xff\xff\xff\xffK\0tb\x8c\x0aallow_mmap\x89ub")


def gguf(pairs, size):
    return (b"GGUF" + struct.pack("<IQQ", 3, 0, pairs) +
            struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 9, size))


def safetensors(header):
    return struct.pack("<Q", len(header)) + header


def npy(header):
    return b"\x93NUMPY\x02\0" + struct.pack("<I", len(header)) + header


def tape(count):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as t:
        for i in range(count):
            t.addfile(tarfile.TarInfo("%d" % i))
    return out.getvalue()


def nested(opcode, data, depth):
    """Length-delimited fields inside each other, as protocol buffers have."""
    for _ in range(depth):
        size, n = b"", len(data)
        while n > 127:
            size += bytes([n & 127 | 128])
            n >>= 7
        data = opcode + size + bytes([n]) + data
    return data


def packed_string():
    pack = zlib.compressobj(9)
    out = pack.compress(b"\x80\x04\x8d" + struct.pack("<Q", 1 << 40))
    return out + b"".join(pack.compress(bytes(MB)) for _ in range(100)) + \
        pack.flush()


def packed_member():
    packed = deflate(bytes(MB), 256, -15)
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed),
                       256 * MB, 1, 0)
    local = b"PK\3\4" + head + b"x" + packed
    central = (b"PK\1\2" + struct.pack("<H", 20) + head +
               struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"x")
    return local + central + b"PK\5\6\0\0\0\0" + struct.pack(
        "<HHIIH", 1, 1, len(central), len(local), 0)


YAML = (b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [" % (c, c) + b",".join([b"*%c" % (c - 1)] * 9) + b"]\n"
    for c in range(ord("b"), ord("z"))) + b"_target_: os.system\n")
XML = (b"<?xml version='1.0'?><!DOCTYPE PMML [<!ENTITY a 'aaaaaaaaaa'>" +
       b"".join(b"<!ENTITY %c '%s'>" % (c, b"&%c;" % (c - 1) * 10)
                for c in range(ord("b"), ord("k"))) +
       b"]><PMML version='4.4'>&j;</PMML>")

# name, verdict, what makes the bytes
BOMBS = [
    ("gzip of 256 MB of zeros", C, lambda: deflate(bytes(MB), 256)),
    ("gzip of 40 MB of opcodes", C,
     lambda: deflate(b"N0" * (MB // 2), 40)),
    ("zlib of a string of a terabyte", V, packed_string),
    ("bzip2 of 100 MB", C, lambda: repeated(
        bz2.BZ2Compressor(9), bytes(MB), 100)),
    ("xz of 128 MB", C, lambda: repeated(
        lzma.LZMACompressor(preset=1), bytes(8 * MB), 16)),
    ("gzip inside of gzip, 40 deep", V,
     lambda: onion(EVIL, 40, gzip.compress)),
    ("zip inside of zip, 40 deep", S,
     lambda: onion(EVIL, 40, lambda d: archive([("x", d)]))),
    ("a member of 256 MB", C, packed_member),
    ("100 members over the same bytes", S, lambda: overlapping(100)),
    ("60,000 members", C, lambda: archive(
        [("%05d" % i, b"") for i in range(60000)])),
    ("a tar of 100,000 members", C, lambda: tape(100000)),
    ("tuples that double", S, lambda: doubled(b"\x86", 100000)),
    ("lists that double", S, lambda: stream(
        b"]q\0" + b"0](h\0h\0eq\0" * 100000)),
    ("a million lists inside each other", S,
     lambda: stream(b"]" * MB + b"a" * (MB - 1))),
    ("a million marks", S, lambda: stream(b"(" * MB)),
    ("a stack of two million", C, lambda: stream(b"N" * (2 * MB))),
    ("memo slots far apart", S, lambda: stream(b"N" + b"".join(
        b"r" + struct.pack("<I", i * 65521 & 0xffffffff)
        for i in range(100000)))),
    ("the last memo slot there is", S,
     lambda: stream(b"Nr\xff\xff\xff\xff")),
    ("bytes of 2^62", V, lambda: stream(
        b"\x8e" + struct.pack("<Q", 1 << 62))),
    ("a number of two gigabytes", V, lambda: stream(
        b"\x8b\xff\xff\xff\x7f" + bytes(100))),
    ("100,000 names", V, lambda: stream(
        b"".join(map(name, range(100000))) + b"N")),
    ("a name of a megabyte", M, lambda: stream(
        b"c" + b"m" * MB + b"\nf\n")),
    ("100,000 calls of results", K, lambda: stream(
        b"cm\nf\n" + b")R" * 100000)),
    ("20,000 pickles in a pickle", V, lambda: held(
        [held(i) for i in range(20000)])),
    ("pickles inside of pickles, 40 deep", V,
     lambda: onion(EVIL, 40, held)),
    ("base64 inside of base64, 12 deep", M, lambda: onion(
        EVIL, 12, lambda d: held(base64.b64encode(d)))),
    ("100 gzips of 10 MB in a pickle", C, lambda: held(
        [deflate(bytes(MB), 10) for _ in range(100)])),
    ("100,000 frames", C, lambda: stream(
        b"\x95\2\0\0\0\0\0\0\0N0" * 100000 + b"N")),
    ("frames inside of frames", M, lambda: stream(
        b"\x95\xff\xff\xff\0\0\0\0\0" * 50000 + b"N")),
    ("GGUF of 2^60 pairs", M, lambda: gguf(1 << 60, 1 << 60)),
    ("GGUF of arrays of arrays", M, lambda: gguf(1, 4) + b"\x09\0\0\0"
     b"\4\0\0\0\0\0\0\0" * 100000),
    ("a safetensors header of brackets", S, lambda: safetensors(
        b'{"a":' + b"[" * (4 * MB))),
    ("100,000 tensors", C, lambda: safetensors(b"{" + b",".join(
        b'"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}' % i
        for i in range(100000)) + b"}")),
    ("a megabyte of brackets in an array's header", S, lambda: npy(
        b"{'descr': " + b"(" * 500000)),
    ("JSON of objects inside each other", V, lambda: b'{"class_name":'
     b'"a","config":' * 100000),
    ("YAML of aliases", M, lambda: YAML),
    ("XML of entities", S, lambda: XML),
    ("a template of brackets", V, lambda:
     b"{% for message in messages %}{{ message.role }}{{ " + b"(" * 200000),
    ("ONNX of graphs inside each other", C, lambda:
     b"\x08\x08" + nested(b"\x3a", b"\x0a\x00", 5000)),
    ("a tree of TensorFlow's text", C, lambda:
     b"saved_model_schema_version: 1\n" + b"meta_graphs {" * 100000),
    ("MessagePack of arrays", C, lambda: b"\x91" * MB),
    ("R's lists inside each other", V, lambda:
     b"X\n\0\0\0\3\0\4\2\0\0\2\3\0" + b"\0\0\0\x13\0\0\0\1" * 100000),
]

# name, what writes it
SPARSE = [
    ("joblib's array of a gigabyte", sparse(
        joblib_array(1 << 27), 1 << 30, b"\x8c\x01nK\x01u.")),
    ("an array of a gigabyte", sparse(
        b"\x93NUMPY\x01\0\x76\0" + (
            b"{'descr': '<f8', 'fortran_order': False, 'shape': (134217728,)}"
            .ljust(117) + b"\n"), 1 << 30)),
    ("bytes of a gigabyte", sparse(
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 30), 1 << 30, b".")),
]


def scan(path):
    """The report, and the memory of the largest process, in bytes."""
    with subprocess.Popen(
            [os.path.join(BUILD, "ckptguard"), "scan", "--format=jsonl", path],
            stdout=subprocess.PIPE) as run:
        out = run.stdout.read()
        _, _, usage = os.wait4(run.pid, 0)
        run.returncode = 0
    return json.loads(out), usage.ru_maxrss * 1024


def lay(path, make):
    """Write a bomb, in a process of its own: what this one has had of memory
    counts for those that it starts."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            what = make()
            with open(path, "wb") as f:
                if callable(what):
                    what(f)
                else:
                    f.write(what)
            status = 0
        finally:
            os._exit(status)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        sys.exit(f"{path}: could not be made")


def problem_of(verdict, report, memory, read_max):
    rules = [f["rule"] for f in report["findings"]]
    if report["error"] is not None or "scan.failed" in rules:
        return f"the scan failed: {report['error']}"
    if report["verdict"] != verdict:
        return f"{report['verdict']}, not {verdict}: {rules[:5]}"
    if memory is not None and memory > MEMORY_MAX:
        return f"{memory >> 20} MB of memory"
    if read_max is not None and report["bytes_read"] > read_max:
        return f"{report['bytes_read']} bytes were read"
    return None


def rows():
    for about, verdict, make in BOMBS:
        yield about, verdict, make, None
    for about, write in SPARSE:
        yield about, C, lambda w=write: w, SPARSE_READ_MAX


def main():
    only = [a for a in sys.argv[1:] if a != "-v"]
    failed = done = 0
    with tempfile.TemporaryDirectory(prefix="ckptguard-bombs-") as folder:
        path = os.path.join(folder, "bomb")
        lay(path, lambda: b"a text")
        # A sanitizer's shadow is no memory of the worker's.
        sane = scan(path)[1] <= MEMORY_MAX
        for about, verdict, make, read_max in rows():
            if only and about not in only:
                continue
            lay(path, make)
            report, memory = scan(path)
            problem = problem_of(
                verdict, report, memory if sane else None, read_max)
            done += 1
            failed += problem is not None
            if problem or "-v" in sys.argv:
                print(f"{'not as expected: ' if problem else ''}{about}: "
                      f"{problem or report['verdict']} ({report['format']}, "
                      f"{report['size']} bytes, {memory >> 20} MB, "
                      f"{report['elapsed_us'] // 1000} ms)")
    if not sane:
        print("memory is not looked at in a build with sanitizers")
    print(f"{done - failed} passed, {failed} failed")
    return 1 if failed or not done else 0


sys.exit(main())
