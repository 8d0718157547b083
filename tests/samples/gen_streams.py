#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen_streams.py > tests/unit/inflate_samples.h
gen_streams.py tests/fuzz/corpus/inflate     seeds of fuzz_inflate

The compressed samples of test_byte_inflate.c, as Python's own modules write
them, and as a header that only some readers refuse.  Every stream unpacks to
TEXT, once or (where the row says so) twice.
"""

import bz2
import gzip
import lzma
import os
import struct
import sys
import zlib

TEXT = b"ckptguard: echo marker\n" * 3


def deflate(data):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


def gzip_member(data, flags=0, fields=b"", crc=None):
    crc = zlib.crc32(data) if crc is None else crc
    return (
        bytes([0x1F, 0x8B, 8, flags, 0, 0, 0, 0, 0, 3])
        + fields
        + deflate(data)
        + struct.pack("<II", crc, len(data))
    )


def zip_lzma(data):
    """Method 14: version, size of the properties, properties, raw LZMA1."""
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 6}]
    alone = lzma.compress(data, format=lzma.FORMAT_ALONE, preset=6)
    raw = lzma.compress(data, format=lzma.FORMAT_RAW, filters=filters)
    return struct.pack("<BBH", 9, 4, 5) + alone[:5] + raw


def xz(data, **more):
    return lzma.compress(data, format=lzma.FORMAT_XZ, **more)


GOOD = gzip.compress(TEXT, mtime=0)
ROWS = [
    # about, kind, stream, times TEXT, error behind it
    ("raw deflate", "DEFLATE", deflate(TEXT), 1, "OK"),
    ("raw deflate, junk behind", "DEFLATE", deflate(TEXT) + b"PK", 1, "OK"),
    ("raw deflate, cut", "DEFLATE", deflate(TEXT)[:-1], 1, "SHORT"),
    ("zlib", "ZLIB", zlib.compress(TEXT), 1, "OK"),
    ("zlib, two streams", "ZLIB", zlib.compress(TEXT) * 2, 2, "OK"),
    ("zlib, wrong checksum", "ZLIB", zlib.compress(TEXT)[:-1] + b"\0", 1, "MALFORMED"),
    ("gzip", "GZIP", GOOD, 1, "OK"),
    ("gzip, two members", "GZIP", GOOD * 2, 2, "OK"),
    ("gzip, zeros between members", "GZIP", GOOD + b"\0" * 700 + GOOD, 2, "OK"),
    ("gzip, junk behind", "GZIP", GOOD + b"junk", 1, "OK"),
    ("gzip, every optional field", "GZIP",
     gzip_member(TEXT, 0x1F, struct.pack("<H", 5) + b"extra" + b"name\0comment\0" + b"\0\0"), 1, "OK"),
    ("gzip, empty extra field", "GZIP", gzip_member(TEXT, 0x04, b"\0\0"), 1, "OK"),
    ("gzip, reserved flags, which Python ignores", "GZIP", gzip_member(TEXT, 0xE0), 1, "OK"),
    ("gzip, wrong header checksum, which Python ignores", "GZIP",
     gzip_member(TEXT, 0x02, b"\xde\xad"), 1, "OK"),
    ("gzip, wrong checksum", "GZIP", gzip_member(TEXT, crc=1), 1, "MALFORMED"),
    ("gzip, wrong checksum and a member behind it", "GZIP", gzip_member(TEXT, crc=1) + GOOD, 1, "MALFORMED"),
    ("gzip, cut in the header", "GZIP", GOOD[:7], 0, "SHORT"),
    ("gzip, cut in the trailer", "GZIP", GOOD[:-3], 1, "SHORT"),
    ("gzip, the second member cut in its data", "GZIP", GOOD + GOOD[:-9], 2, "SHORT"),
    ("not gzip", "GZIP", b"not gzip at all", 0, "MALFORMED"),
    ("nothing", "GZIP", b"", 0, "SHORT"),
    ("bzip2", "BZIP2", bz2.compress(TEXT), 1, "OK"),
    ("bzip2, two streams", "BZIP2", bz2.compress(TEXT) * 2, 2, "OK"),
    ("bzip2, junk behind", "BZIP2", bz2.compress(TEXT) + b"junk", 1, "OK"),
    ("bzip2, cut", "BZIP2", bz2.compress(TEXT)[:-4], 1, "SHORT"),
    ("xz", "XZ", xz(TEXT), 1, "OK"),
    ("xz, window of 64 MiB", "XZ", xz(TEXT, preset=9), 1, "OK"),
    ("xz, no check", "XZ", xz(TEXT, check=lzma.CHECK_NONE), 1, "OK"),
    ("xz, SHA-256", "XZ", xz(TEXT, check=lzma.CHECK_SHA256), 1, "OK"),
    ("xz, with an x86 filter", "XZ",
     xz(TEXT, filters=[{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 6}]), 1, "OK"),
    ("xz, two streams and padding", "XZ", xz(TEXT) + b"\0" * 8 + xz(TEXT), 2, "OK"),
    ("xz, junk behind", "XZ", xz(TEXT) + b"junk and more junk", 1, "OK"),
    ("xz of nothing", "XZ", xz(b""), 0, "OK"),
    ("xz, cut in the index", "XZ", xz(TEXT)[:-14], 1, "SHORT"),
    ("xz, wrong footer", "XZ", xz(TEXT)[:-1] + b"!", 1, "MALFORMED"),
    (".lzma", "LZMA", lzma.compress(TEXT, format=lzma.FORMAT_ALONE), 1, "OK"),
    (".lzma, window of 4 GiB", "LZMA",
     (lambda s: s[:1] + b"\xff\xff\xff\xff" + s[5:])(lzma.compress(TEXT, format=lzma.FORMAT_ALONE)), 1, "OK"),
    (".lzma, cut", "LZMA", lzma.compress(TEXT, format=lzma.FORMAT_ALONE)[:-3], 1, "SHORT"),
    ("zip's lzma", "ZIP_LZMA", zip_lzma(TEXT), 1, "OK"),
    ("zip's lzma with odd properties", "ZIP_LZMA", b"\x09\x04\x06\x00" + zip_lzma(TEXT)[4:], 0, "UNSUPPORTED"),
]


# As in byte/inflate.h.
KINDS = ["DEFLATE", "ZLIB", "GZIP", "BZIP2", "XZ", "LZMA", "ZIP_LZMA", "ZSTD", "LZ4"]
# As the zstd and lz4 commands write TEXT, and a skippable frame of each.
FRAMES = [
    ("zstd", "ZSTD", bytes.fromhex(
        "28b52ffd2445f50000b8636b707467756172643a206563686f206d61726b"
        "65720a01005773360134038c5c")),
    ("zstd skippable", "ZSTD", bytes.fromhex("502a4d1804000000") + b"skip"),
    ("lz4", "LZ4", bytes.fromhex(
        "04224d186440a722000000ff08636b707467756172643a206563686f206d"
        "61726b65720a17001650726b65720a00000000d7d602b0")),
    ("lz4 skippable", "LZ4", bytes.fromhex("502a4d1804000000") + b"skip"),
]


def seeds(out):
    os.makedirs(out, exist_ok=True)
    for about, kind, stream, *_ in ROWS + FRAMES:
        name = "".join(c if c.isalnum() else "-" for c in about)
        with open(os.path.join(out, name), "wb") as f:
            f.write(bytes([KINDS.index(kind)]) + stream)


def header():
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Written by tests/samples/gen_streams.py; not edited by hand. */")
    print("#define SAMPLE_TEXT \\")
    print('\t"' + (TEXT[: len(TEXT) // 3]).decode().replace("\n", "\\n") + '"')
    print("/* clang-format off */")
    print("static const struct sample samples[] = {")
    for about, kind, stream, times, error in ROWS:
        hexed = "".join("\\x%02x" % b for b in stream)
        print('\t{ "%s",' % about)
        print("\t    INFLATE_%s, %d, ERR_%s, %d," % (kind, times, error, len(stream)))
        for i in range(0, max(len(hexed), 1), 64):
            print('\t    "%s"' % hexed[i : i + 64])
        print("\t},")
    print("};")
    print("/* clang-format on */")


if len(sys.argv) > 1:
    seeds(sys.argv[1])
else:
    header()
