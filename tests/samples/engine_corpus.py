#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""engine_corpus: seeds for tests/fuzz/fuzz_engine.

    engine_corpus.py DIR

Files that are several things at once, or one within another.  Payloads only
name functions and print a marker; nothing is loaded here.
"""

import io
import pathlib
import struct
import sys
import zipfile

PROTO4 = b"\x80\x04"


def name(module, attribute):
    return b"c" + module + b"\n" + attribute + b"\n"


PLAIN = b"\x80\x02" + name(b"collections", b"OrderedDict") + b")R."
SYSTEM = b"\x80\x02" + name(b"os", b"system") + b"X\x0b\0\0\0echo marker\x85R."
TEXT0 = b"(dS'a'\nI1\ns(lp1\nI01\na."


def zipped(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for member, data in members:
            z.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), data,
                       compress_type=method)
    return out.getvalue()


def torch(pickle, storage=bytes(64)):
    return zipped([("archive/data.pkl", pickle), ("archive/byteorder", b"little"),
                   ("archive/data/0", storage), ("archive/version", b"3\n")])


def within(stream):
    """A pickle of the bytes of another file."""
    return PROTO4 + b"B" + struct.pack("<I", len(stream)) + stream + b"."


def deep(data, levels):
    for level in range(levels):
        data = zipped([("%d.zip" % level, data)])
    return data


def safetensors(text=b"{}", data=b""):
    return struct.pack("<Q", len(text)) + text + data


SEEDS = {
    "plain": PLAIN,
    "system": SYSTEM,
    "protocol-0": TEXT0,
    "torch": torch(PLAIN),
    "torch-system": torch(SYSTEM),
    "torch-storage-is-code": torch(PLAIN, SYSTEM),
    "torch-storage-is-zip": torch(PLAIN, zipped([("a", b"b")])),
    "deflated": zipped([("data.pkl", SYSTEM)], zipfile.ZIP_DEFLATED),
    "pickle-then-zip": PLAIN + torch(SYSTEM),
    "pickle-of-a-zip": within(torch(SYSTEM)),
    "pickle-of-pickles": within(within(within(SYSTEM))),
    "zip-in-zip": deep(SYSTEM, 3),
    "too-deep": deep(PLAIN, 17),
    "script": zipped([("code/a.py", b"__import__('os').system('echo marker')\n")]),
    "names": zipped([("../a", PLAIN), ("a\\b", PLAIN), ("a!b", PLAIN),
                     ("x" * 2000, PLAIN)]),
    "safetensors": safetensors(),
    "safetensors-then-pickle": safetensors(data=SYSTEM),
    "cut": torch(SYSTEM)[:150],
    "numbers": bytes(range(256)) * 4,
}


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for seed, data in SEEDS.items():
        (out / seed).write_bytes(b"\0" + data)
    (out / "growing").write_bytes(b"\2" + torch(SYSTEM)[:150])
    (out / "deep").write_bytes(b"\1" + torch(SYSTEM))


if __name__ == "__main__":
    main()
