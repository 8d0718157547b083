# SPDX-License-Identifier: Apache-2.0
"""Samples of archives: about, verdict, rules, bytes.

7z by hand (one packed stream, one folder), the others as their formats are
small enough to be.
"""

import bz2
import lzma
import struct
import zlib

UNPACK = True
EVIL = b"\x80\x02cposix\nsystem\nX\x0b\x00\x00\x00echo marker\x85R."
GOOD = b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s."
IMPORT = "pickle.import.dangerous"

LZMA2 = [{"id": lzma.FILTER_LZMA2, "preset": 1}]
AES = (b"\x06\xf1\x07\x01", b"\x13\x00")


def number(n):
    """A number as 7z writes them."""
    for more in range(8):
        if n < 1 << (7 * (more + 1)):
            mask = (0xff00 >> more) & 0xff
            return bytes([mask | n >> (8 * more)]) + \
                (n & ((1 << (8 * more)) - 1)).to_bytes(more, "little")
    return b"\xff" + n.to_bytes(8, "little")


def seven(members, coder="lzma2"):
    """A 7z archive; all members in one folder."""
    data = b"".join(m[1] for m in members)
    method, props, packed = {
        "copy": lambda: (b"\0", b"", data),
        "lzma2": lambda: (b"\x21", b"\x10", lzma.compress(
            data, lzma.FORMAT_RAW, filters=LZMA2)),
        "bzip2": lambda: (b"\x04\x02\x02", b"", bz2.compress(data)),
        "deflate": lambda: (b"\x04\x01\x08", b"",
                            zlib.compress(data, 9)[2:-4]),
        "aes": lambda: (AES[0], AES[1], data),
        "window": lambda: (b"\x21", b"\x26", lzma.compress(
            data, lzma.FORMAT_RAW, filters=LZMA2)),
    }[coder]()
    flags = len(method) | (0x20 if props else 0)
    folder = b"\1" + bytes([flags]) + method + \
        (number(len(props)) + props if props else b"")
    streams = b"\x06" + number(0) + number(1) + b"\x09" + \
        number(len(packed)) + b"\0"
    streams += b"\x07\x0b" + number(1) + b"\0" + folder + b"\x0c" + \
        number(len(data)) + b"\0"
    if len(members) == 1:
        streams += b"\x08\x0a\1" + struct.pack("<I", zlib.crc32(data)) + \
            b"\0"
    else:
        sizes = b"".join(number(len(m[1])) for m in members[:-1])
        streams += b"\x08\x0d" + number(len(members)) + b"\x09" + sizes + \
            b"\0"
    names = b"\0" + b"".join(
        (m[0] + "\0").encode("utf-16-le") for m in members)
    header = b"\x01\x04" + streams + b"\0\x05" + number(len(members)) + \
        b"\x11" + number(len(names)) + names + b"\0\0"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + \
        struct.pack("<I", zlib.crc32(start)) + start + packed + header


def ar(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += f"{name + '/':16}{0:<12}{0:<6}{0:<6}{'100644':8}" \
            f"{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def cpio(members):
    out = b""
    for name, data in members + [("TRAILER!!!", b"")]:
        head = [1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08X" % n for n in head)
        out += name.encode() + b"\0"
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return out


def cab(members):
    """A cabinet of one folder, stored."""
    data = b"".join(m[1] for m in members)
    files = b"".join(
        struct.pack("<IIHHHH", len(m[1]), sum(len(x[1]) for x in members[:i]),
                    0, 0x21, 0, 0x20) + m[0].encode() + b"\0"
        for i, m in enumerate(members))
    at = 36 + 8 + len(files)
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0,
                       at + 8 + len(data), 0, 36 + 8, 0, 3, 1, 1,
                       len(members), 0, 0, 0)
    return head + struct.pack("<IHH", at, 1, 0) + files + \
        struct.pack("<IHH", 0, len(data), len(data)) + data


def xored(data, at):
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 0xff]) + data[at + 1:]


BOTH = [("good.pkl", GOOD), ("data/evil.pkl", EVIL)]

SAMPLES = [
    ("7z, honest", "clean", [], seven([("a.pkl", GOOD), ("b.txt", b"hi")])),
    ("7z, the second member", "malicious", [IMPORT], seven(BOTH)),
    ("7z in 7z", "malicious", [IMPORT], seven([("a.7z", seven(BOTH))])),
    ("7z in gzip", "malicious", [IMPORT],
     (lambda c: c.compress(seven(BOTH)) + c.flush())(
         zlib.compressobj(9, zlib.DEFLATED, 31))),
    ("7z of names beyond ASCII", "malicious", [IMPORT],
     seven([("m\u00f6del \u4e2d.pkl", EVIL)])),
    ("7z that climbs", "suspicious", ["archive.path"],
     seven([("../../a.txt", b"hi there")])),
    ("7z, encrypted", "unverified", [], seven(BOTH, "aes")),
    ("7z cut off", "unverified", [], seven(BOTH)[:-9]),
    ("7z, damaged", "unverified", [], xored(seven(BOTH), -20)),
    ("7z with a pickle behind garbage in it", "malicious", [IMPORT],
     seven([("x", EVIL + b"x" * 9000000)])),
    ("ar", "malicious", [IMPORT], ar(BOTH)),
    ("ar, honest", "clean", [], ar([("a.pkl", GOOD)])),
    ("cpio", "malicious", [IMPORT], cpio(BOTH)),
    ("cab", "malicious", [IMPORT], cab(BOTH)),
    ("rar, which is not read", "unverified", ["file.unsupported"],
     b"Rar!\x1a\x07\x01\0" + bytes(64)),
] + [
    (f"7z packed as {coder}", "malicious", [IMPORT], seven(BOTH, coder))
    for coder in ("copy", "bzip2", "deflate")
]
