#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen_packed.py OUTDIR [PREFIX MAX]: compressed files, arrays and tars.

Only those whose name begins with PREFIX and that have at most MAX bytes: the
seeds of fuzz_tar are gen_packed.py tests/fuzz/corpus/tar tar_ 6000.  The payload is a pickle that would run `echo marker`; nothing here loads it.
Each sample begins with the walker that it is for: stream_, npy_, tar_.
"""

import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile
import zlib

PAYLOAD = b"cposix\nsystem\n(S'echo marker'\ntR."
PAYLOAD4 = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0becho marker\x85R."
BENIGN = b"\x80\x02}q\x00."
TEXT = b"nothing to see here\n" * 60
SAMPLES = {}


def add(name, data):
    SAMPLES[name] = data


def streams():
    for kind, pack in [
        ("gzip", lambda d: gzip.compress(d, mtime=0)), ("bzip2", bz2.compress), ("xz", lzma.compress),
        ("lzma", lambda d: lzma.compress(d, format=lzma.FORMAT_ALONE)), ("zlib", zlib.compress),
    ]:
        add("stream_%s_pickle" % kind, pack(PAYLOAD4))
        add("stream_%s_pickle0" % kind, pack(PAYLOAD))
        add("stream_%s_text" % kind, pack(TEXT))
        add("stream_%s_cut" % kind, pack(PAYLOAD4 + os.urandom(0) + bytes(range(256)) * 9)[:-20])
    for level in range(10):
        add("stream_zlib_level_%d" % level, zlib.compress(PAYLOAD4, level))
    size = hex(len(PAYLOAD4)).encode()
    add("stream_zfile", b"ZF" + size.ljust(19) + zlib.compress(PAYLOAD4))
    add("stream_zfile_python2", b"ZF" + size.ljust(19) + b" " + zlib.compress(PAYLOAD4))
    add("stream_zfile_broken", b"ZF" + size.ljust(19) + b"not zlib at all")
    add("stream_two_members", gzip.compress(TEXT, mtime=0) + gzip.compress(PAYLOAD4, mtime=0))
    add("stream_skippable_zstd", b"\x50\x2a\x4d\x18\x04\0\0\0skip" + bytes.fromhex(
        "28b52ffd2004210000" + b"hi!\n".hex()))
    add("stream_x_text", b"x\x9c is how this text begins, by chance" * 9)
    add("stream_lzma_chance", b"\x5d\x00\x00\x80\x00" + bytes(range(200)))
    add("stream_bz_text", b"BZh what a word to begin with")
    add("stream_random_zlib", b"x\xda" + bytes((i * 73 + 41) % 256 for i in range(300)))


def npy(header, data, version=1, pad=True):
    if pad:
        header += b" " * (-(len(header) + 11) % 64) + b"\n"
    size = struct.pack("<H" if version == 1 else "<L", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def head(descr, shape="(2,)", order="False"):
    return ("{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)).encode()


def arrays():
    numbers = struct.pack("<2d", 1.5, 2.5)
    for version in (1, 2, 3):
        add("npy_good_v%d" % version, npy(head("'<f8'"), numbers, version))
        add("npy_objects_v%d" % version, npy(head("'|O'"), PAYLOAD4, version))
    add("npy_good_python2", npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }", numbers))
    add("npy_good_scalar", npy(head("'<f8'", "()"), numbers[:8]))
    add("npy_good_empty", npy(head("'<f8'", "(0, 3)"), b""))
    add("npy_good_text", npy(head("'<U3'", "(1,)"), "abc".encode("utf-32-le")))
    add("npy_good_time", npy(head("'<M8[ns]'"), b"\0" * 16))
    add("npy_good_fields", npy(head("[('a', '<i4'), ('Open', '<f8', (2,))]", "(1,)"), b"\0" * 20))
    add("npy_good_twice", npy(head("'<f8'"), numbers) * 2)
    add("npy_good_objects", npy(head("'|O'"), BENIGN))
    add("npy_good_zeros_behind", npy(head("'<f8'"), numbers) + b"\0" * 100)
    add("npy_fields_with_object", npy(head("[('a', '<i4'), ('b', '|O')]"), PAYLOAD4))
    add("npy_object_word", npy(head("'object'"), PAYLOAD4))
    add("npy_object_comma", npy(head("'i4,O'"), PAYLOAD4))
    add("npy_object_escaped", npy(head("'\\x7c\\x4f'"), PAYLOAD4))
    add("npy_object_joined", npy(head("'|' 'O'"), PAYLOAD4))
    add("npy_object_bytes", npy(head("b'|O'"), PAYLOAD4))
    add("npy_object_triple", npy(head("'''|O'''"), PAYLOAD4))
    add("npy_object_second", npy(b"{'descr': '<f8', 'descr': '|O', 'fortran_order': False, 'shape': (2,), }", PAYLOAD4))
    add("npy_objects_no_pickle", npy(head("'|O'"), b"\xff" * 20))
    add("npy_key_more", npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}", numbers))
    add("npy_key_less", npy(b"{'descr': '<f8', 'shape': (2,)}", numbers))
    add("npy_deep", npy(head("[" * 200 + "]" * 200), b""))
    add("npy_expression", npy(head("'<f8'", "(1+1,)"), numbers))
    add("npy_huge_shape", npy(head("'<f8'", "(4294967296, 4294967296)"), numbers))
    add("npy_cut", npy(head("'<f8'", "(9,)"), numbers))
    add("npy_cut_in_header", npy(head("'<f8'"), numbers)[:40])
    add("npy_header_of_4_gb", b"\x93NUMPY\2\0\xff\xff\xff\xff{")
    add("npy_version_9", npy(head("'<f8'"), numbers, 9))
    add("npy_pickle_behind", npy(head("'<f8'"), numbers) + PAYLOAD4)
    add("npy_object_behind", npy(head("'<f8'"), numbers) + npy(head("'|O'"), PAYLOAD4))


def tar(members, format=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as t:
        for name, data, *more in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in (more[0] if more else {}).items():
                setattr(info, key, value)
            t.addfile(info, io.BytesIO(data))
    return short(out.getvalue())


def short(data):
    """Two blocks of zeros at the end are enough."""
    blocks = len(data.rstrip(b"\0")) // 512 + 1
    return data[: blocks * 512] + b"\0" * 1024


def fix_sum(block):
    block = bytearray(block)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def tars():
    long_name = "d/" * 60 + "name"
    zipped = open_zip()
    add("tar_good_gnu", tar([("a.txt", TEXT), (long_name, b"x")]))
    add("tar_good_ustar", tar([("a.txt", TEXT), ("p/" * 50 + "n", b"x")], tarfile.USTAR_FORMAT))
    add("tar_good_pax", tar([("a.txt", TEXT), (long_name, b"x"), ("\u00e9", b"y")], tarfile.PAX_FORMAT))
    v7 = tar([("a.txt", TEXT)])
    add("tar_good_v7", fix_sum(v7[:257] + b"\0" * 8 + v7[265:512]) + v7[512:])
    add("tar_good_links", tar([("a", b"x"), ("b", b"", {"type": tarfile.SYMTYPE, "linkname": "../a"})]))
    add("tar_good_absolute", tar([("/var/backup", b"x")]))
    add("tar_good_zip_last", tar([("a.txt", TEXT), ("b.zip", zipped)]))
    add("tar_good_named_pickle", tar([("pickle", TEXT), ("b", b"x")]))
    legacy = [("sys_info", BENIGN), ("pickle", PAYLOAD4), ("storages", BENIGN), ("tensors", BENIGN)]
    add("tar_torch", tar(legacy))
    add("tar_torch_pax", tar(legacy, tarfile.PAX_FORMAT))
    add("tar_torch_late", tar([("x%d" % i, b"x") for i in range(30)] + legacy))
    add("tar_torch_dot", tar([("./" + n, d) for n, d in legacy]))
    add("tar_torch_harmless", tar([(n, BENIGN) for n, _ in legacy]))
    add("tar_torch_twice", tar(legacy[:1] + [("pickle", BENIGN)] + legacy[1:]))
    add("tar_torch_cut", tar(legacy)[:512 * 7])
    add("tar_torch_cut_in_header", tar(legacy)[:512 * 4 + 100])
    pax = io.BytesIO()
    with tarfile.open(fileobj=pax, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, data in legacy:
            info = tarfile.TarInfo("innocent" if name == "pickle" else name)
            info.size = len(data)
            if name == "pickle":
                info.pax_headers = {"path": "pickle"}
            t.addfile(info, io.BytesIO(data))
    add("tar_torch_pax_name", short(pax.getvalue()))
    add("tar_torch_link", tar(legacy + [("l", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})]))
    add("tar_nemo", tar([("./model_config.yaml", b"target: x\n"), ("./model_weights.ckpt", PAYLOAD4)]))
    add("tar_climbs", tar([("../../m.pkl", PAYLOAD4)]))
    add("tar_pickle", tar([("m.pkl", PAYLOAD4)]))
    whole = tar([("a.txt", b"x" * 2000)])
    add("tar_cut_in_member", whole[:1000])
    size = fix_sum(whole[:124] + b"77777777777\0" + whole[136:512]) + whole[512:]
    add("tar_size_huge", size)
    wide = fix_sum(whole[:124] + b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff" + whole[136:512]) + whole[512:]
    add("tar_size_base256", wide)
    name = tar([("x", b"y" * 100)])
    longs = fix_sum(name[:156] + b"L" + name[157:512]) + name[512:1024]
    add("tar_many_names", longs * 40 + tar(legacy))
    longs = fix_sum(name[:124] + b"00000000000\0" + name[136:156] + b"L" + name[157:512])
    add("tar_endless_names", longs * 1100)
    add("tar_zeros", b"\0" * 10240)


def open_zip():
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(zipfile.ZipInfo("a.txt", (2020, 1, 1, 0, 0, 0)), "hello")
    return out.getvalue()


def main():
    out = sys.argv[1]
    streams()
    arrays()
    tars()
    os.makedirs(out, exist_ok=True)
    prefix = sys.argv[2] if len(sys.argv) > 2 else ""
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 1 << 30
    for name, data in SAMPLES.items():
        if len(data) > most or not name.startswith(prefix):
            continue
        with open(os.path.join(out, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
