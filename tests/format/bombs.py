#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files made to use up memory or time do neither, whatever their format.

Each bomb is small, and claims, nests or unpacks to far more than a worker has.
Then:

  the scan of each ends with a verdict: no worker died, none was late;
  one process that judges them all has never had more than 64 MB.

The second is not looked at under sanitizers, whose memory is not ours.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib

SRC = os.environ.get("CKPT_SRC", os.getcwd())
BUILD = os.environ.get("CKPT_BUILD", os.getcwd())
sys.path.insert(0, os.path.join(SRC, "tests/samples"))
import format_arrow  # noqa: E402
import format_onnx  # noqa: E402
import format_others as others  # noqa: E402
import samples as s  # noqa: E402

MEMORY_MAX = 64 << 20
SECONDS = 600  # a hang, not a benchmark
HUGE = (1 << 62) + 5
MB = 1 << 20


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def nested(wrap, data, depth):
    for _ in range(depth):
        data = wrap(data)
    return data


def tar(count, size=0):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for i in range(count):
            info = tarfile.TarInfo(f"m/{i}")
            info.size = size
            t.addfile(info, io.BytesIO(bytes(size)))
    return out.getvalue()


def field(number, data):
    return bytes([number << 3 | 2]) + others.varint(len(data)) + data


def graphs(depth):
    """A graph in an attribute of a node of a graph, and so on."""
    graph = b""
    for _ in range(depth):
        graph = field(1, field(4, b"If") + field(5, field(6, graph)))
        if len(graph) > MB:
            break
    return b"\x08\x08" + field(7, graph)


def safetensors(count):
    head = json.dumps({f"t{i}": {"dtype": "F32", "shape": [0],
                                 "data_offsets": [0, 0]}
                       for i in range(count)}).encode()
    return struct.pack("<Q", len(head)) + head


def gguf(*numbers):
    return b"GGUF" + struct.pack("<I" + "Q" * len(numbers), 3, *numbers)


def gguf_arrays(depth):
    head = gguf(0, 1) + struct.pack("<Q", 1) + b"k" + struct.pack("<I", 9)
    return head + struct.pack("<IQ", 9, 1) * depth


def rdata(depth):
    """Lists in lists, in XDR."""
    return b"X\n" + struct.pack(">iii", 2, 0x30200, 0x20300) + \
        struct.pack(">ii", 19, 1) * depth + struct.pack(">i", 254)


def torch7(depth):
    return b"".join(struct.pack("<iiiid", 3, i + 1, 1, 1, 1.0)
                    for i in range(depth))


def yaml_laughs():
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]"
              for i in range(1, 60)]
    return ("\n".join(lines) + "\n_target_: x\n").encode()


def xml_laughs():
    entities = "".join(f'<!ENTITY e{i} "{("&e%d;" % (i - 1)) * 9}">'
                       for i in range(1, 60))
    return f'<?xml version="1.0"?><!DOCTYPE PMML [<!ENTITY e0 "x">' \
        f'{entities}]><PMML version="4.4">&e59;</PMML>'.encode()


def keras(function):
    return json.dumps({"class_name": "Functional", "config": {"layers": [
        {"class_name": "Lambda", "config": {"function": [
            base64.b64encode(function).decode(), None, None]}}]}}).encode()


def chat(text):
    return json.dumps({"chat_template": text}).encode()


ROLES = "{% for m in messages %}{{ m.role }}{% endfor %}"
def bombs():
    return [
        ("pickle: doubled 60 times", s.stream(b"N" + b"2\x86" * 60)),
        ("pickle: tuples in tuples", s.stream(b"N" + b"\x85" * 2000000)),
        ("pickle: two million memos", s.stream(b"N" + b"\x94" * 2000000)),
        ("pickle: a memo far away", b"Np2000000000\n."),
        ("pickle: bytes of 2^62", b"\x80\x04\x8e" + struct.pack("<Q", HUGE)),
        ("pickle: a million marks", s.stream(b"(" * 1000000)),
        ("pickle: a million names", s.stream(
            b"".join(b"cm%d\nn\n0" % i for i in range(60000)) + b"N")),
        ("torch: zeros", zipped(("a/data.pkl", bytes(80 * MB)))),
        ("torch: a pickle of Nones", zipped(
            ("a/data.pkl", b"\x80\x02" + b"N0" * (3 * MB) + b"N."))),
        ("zip: in zip, 40 deep", nested(
            lambda d: zipped(("z.zip", d)), b"x" * 100, 40)),
        ("zip: 5,000 members", zipped(
            *[(f"{i}.pkl", b"N.") for i in range(5000)],
            method=zipfile.ZIP_STORED)),
        ("npz: of zeros", zipped(("a.npy", bytes(80 * MB)))),
        ("gzip: zeros", gzip.compress(bytes(80 * MB))),
        ("gzip: in gzip, 30 deep", nested(gzip.compress, bytes(1 * MB), 30)),
        ("bzip2: zeros", bz2.compress(bytes(20 * MB))),
        ("xz: zeros", lzma.compress(bytes(40 * MB))),
        ("lzma: zeros, a large window", lzma.compress(
            bytes(20 * MB), lzma.FORMAT_ALONE,
            filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 30}])),
        ("zlib: a pickle that goes on", zlib.compress(
            b"\x80\x02" + b"N0" * (3 * MB))),
        ("tar: 8,000 members", tar(8000)),
        ("tar: in gzip", gzip.compress(tar(4000, 512))),
        ("npy: a header of brackets", b"\x93NUMPY\2\0" + struct.pack(
            "<I", MB) + b"[" * MB),
        ("npy: a shape of 2^62", b"\x93NUMPY\1\0\x76\0" + (
            b"{'descr': '|O', 'fortran_order': False, 'shape': (%d, %d), }" %
            (HUGE, HUGE)).ljust(117) + b"\n"),
        ("gguf: 2^62 keys", gguf(0, HUGE)),
        ("gguf: 2^62 tensors", gguf(HUGE, 0)),
        ("gguf: arrays of arrays", gguf_arrays(100000)),
        ("safetensors: 200,000 tensors", safetensors(200000)),
        ("safetensors: brackets", struct.pack("<Q", 8 * MB) +
         b'{"a":' + b"[" * (8 * MB - 5)),
        ("onnx: graphs in graphs", graphs(2000)),
        ("onnx: a length of 2^62", b"\x08\x08\x3a" + others.varint(HUGE)),
        ("onnx-tensor: a length of 2^62", b"\x08\1\x10\1\x4a" +
         others.varint(HUGE)),
        ("json: brackets", b"[" * (4 * MB)),
        ("json: a text of 17 MB", b'{"chat_template": "' + b"x" * (17 * MB) +
         b'"}'),
        ("keras: marshalled tuples in tuples", keras(
            b"(\1\0\0\0" * 200000 + b"N")),
        ("keras: layers in layers",
         b'{"class_name": "Model", "config": {"layers": [' * 20000),
        ("template: brackets", chat(ROLES + "{{ " + "(" * 500000)),
        ("template: texts joined", chat(ROLES + "{{ " + "'ab' ~ " * 100000 +
                                        "'c' }}")),
        ("template: a text repeated", chat(ROLES + "{{ 'ab' * 1000000000 }}" +
                                           "{% set a = 'x' * 9999999999 %}")),
        ("yaml: aliases of aliases", yaml_laughs()),
        ("yaml: brackets", b"_target_: x\na: " + b"[" * MB),
        ("yaml: deep", b"".join(b" " * i + b"a:\n" for i in range(1500))),
        ("xml: entities of entities", xml_laughs()),
        ("xml: elements in elements", b'<net name="x" version="11">' +
         b"<layer>" * 200000),
        ("rds: lists in lists", rdata(400000)),
        ("rds: a vector of 2^31", b"X\n" + struct.pack(
            ">iiiii", 2, 0x30200, 0x20300, 16, 2147483647)),
        ("torch7: tables in tables", torch7(100000)),
        ("msgpack: arrays in arrays", b"\x81\xa1a" + b"\x91" * 2000000),
        ("msgpack: a map of 2^32", b"\xdf\xff\xff\xff\xff\xa1a\1"),
        ("ubjson: lists in lists", b"{" + others.key("learner") + b"[" * 2000000),
        ("ubjson: 2^60 numbers", others.xgboost(1 << 60)),
        ("flatbuffer: a vector of 2^31", struct.pack("<I", 16) + b"TFL3" +
         struct.pack("<HHHHiII", 8, 8, 4, 0, 8, 4, 0x7fffffff)),
        ("parquet: a footer of 15 MB", b"PAR1" + bytes(15 * MB) + struct.pack(
            "<I", 15 * MB) + b"PAR1"),
        ("arrow: a schema of texts", format_arrow.arrow(
            b"\x80\x02" + b"N0" * 100000)),
        ("skops: nodes in nodes",
         b'{"__class__": "A", "__module__": "m", "__loader__": "ObjectNode", '
         b'"content": ' * 20000),
    ]


def lay(folder):
    """Make the files; a child does, whose memory a later one does not count."""
    child = os.fork()
    if child == 0:
        with open(os.path.join(folder, "names"), "w", encoding="utf-8") as names:
            for i, (about, data) in enumerate(bombs()):
                with open(os.path.join(folder, str(i)), "wb") as f:
                    f.write(data)
                names.write(about + "\n")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status != 0:
        return {}
    with open(os.path.join(folder, "names"), encoding="utf-8") as names:
        return {os.path.join(folder, str(i)): line.rstrip("\n")
                for i, line in enumerate(names)}


def scan(paths):
    done = subprocess.run(
        [os.path.join(BUILD, "ckptguard"), "scan", "--format=jsonl",
         "--files-from=-"], input="\n".join(paths) + "\n", text=True,
        stdout=subprocess.PIPE, timeout=SECONDS, check=False)
    return {r["path"]: r for r in map(json.loads, done.stdout.splitlines())}


def peak(paths, *mode):
    """Bytes that the process which judges them had at the most."""
    with subprocess.Popen([os.path.join(BUILD, "tests/format/judge"), *mode],
                          stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.DEVNULL) as child:
        child.stdin.write("\n".join(paths) + "\n")
        child.stdin.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
    return status, usage.ru_maxrss * 1024


def sanitized():
    with open(os.path.join(BUILD, "tests/format/judge"), "rb") as f:
        return b"__asan_init" in f.read()


def main():
    failures = 0
    with tempfile.TemporaryDirectory(prefix="ckptguard-bombs-") as folder:
        paths = lay(folder)
        reports = scan(paths)
        for path, about in paths.items():
            report = reports.get(path)
            good = report is not None and report["error"] is None
            failures += not good
            if not good or "-v" in sys.argv:
                print(about, report and (report["verdict"], report["format"],
                                         report["elapsed_us"],
                                         report["error"]))
        for mode in ((), ("unpack",)):
            status, most = peak(paths, *mode)
            print(*mode, "judged with", most >> 20, "MB at the most")
            if status != 0 or (most > MEMORY_MAX and not sanitized()):
                failures += 1
                print("not as expected: status", status)
    print(f"{len(paths)} bombs, {failures} failures")
    return 1 if failures or not paths else 0


sys.exit(main())
