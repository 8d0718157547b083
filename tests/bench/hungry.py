# SPDX-License-Identifier: Apache-2.0
"""hungry: files that ask whoever reads them for memory"""

import bz2
import lzma
import os
import struct

from format_archive import seven

MB = 1 << 20
DICTIONARY_AT = 1  # in the header of .lzma
MANY = 1000000


def lzma_window():
    """two kilobytes that declare a dictionary of 1.5 GB"""
    packed = bytearray(lzma.compress(bytes(16 * MB), lzma.FORMAT_ALONE))
    struct.pack_into("<I", packed, DICTIONARY_AT, 1536 * MB)
    return bytes(packed)


def memo():
    """a million strings, each kept under a number of its own"""
    return b"\x80\x02" + b"".join(
        b"U\4" + struct.pack("<I", n) + b"r" + struct.pack("<I", n)
        for n in range(MANY)) + b"."


def hungry(where):
    """Write such files; how many."""
    count = 0
    for name, data in (
            ("window.lzma", lzma_window()),
            ("window.7z", seven([("a.bin", bytes(16 * MB))], "window")),
            ("packed.xz", lzma.compress(memo())),
            ("packed.bz2", bz2.compress(b"\x80\x02" + 16 * MB * b"]")),
            ("memo.pkl", memo()),
            ("marks.pkl", b"\x80\x02" + b"(" * 4 * MB),
            ("lists.pkl", b"\x80\x02" + b"]" * 4 * MB + b"."),
            ("nested.7z", seven([("a.7z", seven([("b.7z", seven(
                [("c.bin", os.urandom(MB))]))]))]))):
        path = os.path.join(where, name)
        with open(path, "wb") as f:
            f.write(data)
        count += 1
    return count
