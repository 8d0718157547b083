#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen_zip.py OUTDIR [MAX]: zip archives of honest writers, and every trick.

Only those of at most MAX bytes: the seeds of fuzz_zip are
gen_zip.py tests/fuzz/corpus/zip 2000.  The payload is a pickle that would run `echo marker`; nothing here loads it.
Each sample is named by what it is: good_* are honest.
"""

import io
import os
import struct
import sys
import tarfile
import zipfile
import zlib

PAYLOAD = b"cposix\nsystem\n(S'echo marker'\ntR."
PAYLOAD4 = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0becho marker\x85R."
BENIGN = b"\x80\x02}q\x00."
NUMBERS = struct.pack("<16f", *[i / 3 for i in range(16)])
SAMPLES = {}


class Entry:
    """One member; every field of both headers can be set apart."""

    def __init__(self, name, data=b"", **more):
        self.name = name
        self.data = data
        self.method = more.pop("method", 0)
        self.packed = more.pop("packed", None)
        if self.packed is None:
            self.packed = data
            if self.method == 8:
                c = zlib.compressobj(9, zlib.DEFLATED, -15)
                self.packed = c.compress(data) + c.flush()
        self.crc = more.pop("crc", zlib.crc32(data))
        self.size = more.pop("size", len(data))
        self.packed_size = more.pop("packed_size", len(self.packed))
        self.flags = more.pop("flags", 0)
        self.version = more.pop("version", 20)
        self.system = more.pop("system", 3)
        self.attributes = more.pop("attributes", 0o100644 << 16)
        self.extra = more.pop("extra", b"")
        self.at = more.pop("at", None)
        # what the local header says instead
        self.local = {k[6:]: more.pop(k) for k in list(more) if k.startswith("local_")}
        self.descriptor = more.pop("descriptor", b"")
        self.before = more.pop("before", b"")
        self.listed = more.pop("listed", True)
        self.written = more.pop("written", True)
        assert not more, more

    def local_header(self):
        get = lambda key, value: self.local.get(key, value)
        name = get("name", self.name)
        extra = get("extra", self.extra)
        return (
            struct.pack(
                "<4s5H3L2H", b"PK\3\4", get("version", self.version), get("flags", self.flags),
                get("method", self.method), 0, 0x21, get("crc", self.crc),
                get("packed_size", self.packed_size), get("size", self.size), len(name), len(extra),
            )
            + name
            + extra
        )

    def central(self):
        return (
            struct.pack(
                "<4sBBHHHHHLLLHHHHHLL", b"PK\1\2", 20, self.system, self.version, self.flags, self.method,
                0, 0x21, self.crc, self.packed_size, self.size, len(self.name), len(self.extra), 0, 0, 0,
                self.attributes, self.at,
            )
            + self.name
            + self.extra
        )


def end(count, size, offset, comment=b"", disk=0):
    return struct.pack("<4s4H2LH", b"PK\5\6", disk, disk, count, count, size, offset, len(comment)) + comment


def end64(at, count, size, offset, told=None):
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, at if told is None else told, 1)


def build(entries, prefix=b"", gap=b"", comment=b"", count=None, size=None, wide=None, offset=None, base=0):
    out = bytearray(prefix)
    for e in entries:
        out += e.before
        if e.at is None:
            e.at = len(out) - base
        if e.written:
            out += e.local_header() + e.packed + e.descriptor
    out += gap
    start = len(out)
    listed = [e for e in entries if e.listed]
    for e in listed:
        out += e.central()
    length = len(out) - start
    count = len(listed) if count is None else count
    size = length if size is None else size
    offset = start - base if offset is None else offset
    if wide:
        out += wide(len(out), len(listed), length, start)
    return bytes(out + end(count, size, offset, comment))


def torch(data=BENIGN, more=(), folder=b"archive/", **fields):
    return [
        Entry(folder + b"data.pkl", data, **fields),
        Entry(folder + b"byteorder", b"little"),
        Entry(folder + b"data/0", NUMBERS),
        Entry(folder + b"version", b"3\n"),
    ] + list(more)


def add(name, data):
    SAMPLES[name] = data


def python_zip(names, method=zipfile.ZIP_STORED, seekable=True, comment=b"", force=False):
    class Forward(io.BytesIO):
        def seek(self, *_):
            raise OSError

        def tell(self):
            raise OSError

    out = io.BytesIO() if seekable else Forward()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in names:
            with z.open(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), "w", force_zip64=force) as f:
                f.write(data)
            z.infolist()[-1].compress_type = z.infolist()[-1].compress_type
        z.comment = comment
    return out.getvalue()


def python_deflated(names, method, seekable=True):
    class Forward(io.BytesIO):
        def seek(self, *_):
            raise OSError

        def tell(self):
            raise OSError

    out = io.BytesIO() if seekable else Forward()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in names:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = method
            z.writestr(info, data)
    return out.getvalue()


def npy(descr="<f8", data=NUMBERS, shape="(8,)"):
    header = b"{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr.encode(), shape.encode())
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


TORCH_NAMES = [
    ("m/data.pkl", BENIGN), ("m/byteorder", b"little"), ("m/data/0", NUMBERS), ("m/version", b"3\n"),
]


def honest_python():
    add("good_py_stored", python_zip(TORCH_NAMES))
    add("good_py_deflated", python_deflated(TORCH_NAMES, zipfile.ZIP_DEFLATED))
    add("good_py_bzip2", python_deflated(TORCH_NAMES, zipfile.ZIP_BZIP2))
    add("good_py_lzma", python_deflated(TORCH_NAMES, zipfile.ZIP_LZMA))
    add("good_py_forward", python_deflated(TORCH_NAMES, zipfile.ZIP_DEFLATED, False))
    add("good_py_forward_stored", python_deflated(TORCH_NAMES, zipfile.ZIP_STORED, False))
    add("good_py_comment", python_zip(TORCH_NAMES, comment=b"trained on Tuesday"))
    add("good_py_zip64", python_zip(TORCH_NAMES, force=True))
    add("good_py_forward_zip64", python_zip(TORCH_NAMES, force=True, seekable=False))
    add("good_npz", python_zip([("a.npy", npy()), ("b.npy", npy())]))
    add("good_npz_compressed", python_deflated([("a.npy", npy())], zipfile.ZIP_DEFLATED))
    add("good_pictures", python_zip([("a.jpg", b"\xff\xd8\xff\xe0" * 9), ("b/c.txt", b"hello\n")]))
    add("good_empty", end(0, 0, 0))
    add("good_folders", build([Entry(b"d/", attributes=0o40755 << 16), Entry(b"d/a.txt", b"a")]))


def miniz_torch(data=BENIGN):
    """As torch.save: data descriptors, the FB field, zip64's end always."""
    entries = []
    at = 0
    for name, body in [(b"m/data.pkl", data), (b"m/byteorder", b"little"), (b"m/data/0", NUMBERS),
                       (b"m/version", b"3\n"), (b"m/.data/serialization_id", b"0" * 40)]:
        pad = -(at + 30 + len(name) + 4) % 64
        extra = struct.pack("<2sH", b"FB", pad) + b"Z" * pad
        e = Entry(name, body, flags=0x808, version=0, system=0, attributes=0, local_extra=extra,
                  local_crc=0, local_size=0, local_packed_size=0,
                  descriptor=struct.pack("<4s3L", b"PK\7\x08", zlib.crc32(body), len(body), len(body)))
        at += 30 + len(name) + len(extra) + len(body) + 16
        entries.append(e)
    return entries


def honest_others():
    wide = lambda at, n, size, start: end64(at, n, size, start)
    add("good_torch_save", build(miniz_torch(), wide=wide))
    none = miniz_torch()
    for e in none:
        e.crc = 0
        e.descriptor = e.descriptor[:4] + b"\0\0\0\0" + e.descriptor[8:]
    add("good_torch_save_no_crc", build(none, wide=wide))
    java = [Entry(n, d, method=8, flags=0x808, local_crc=0, local_size=0, local_packed_size=0)
            for n, d in [(b"META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n"), (b"A.class", b"\xca\xfe\xba\xbe" * 20)]]
    java[0].extra = b"\xfe\xca\0\0"
    for e in java:
        e.descriptor = struct.pack("<4s3L", b"PK\7\x08", e.crc, e.packed_size, e.size)
    add("good_java", build(java))
    no_mark = [Entry(b"a.txt", b"hello" * 9, method=8, flags=8, local_crc=0, local_size=0, local_packed_size=0)]
    no_mark[0].descriptor = struct.pack("<3L", no_mark[0].crc, no_mark[0].packed_size, no_mark[0].size)
    add("good_descriptor_without_mark", build(no_mark))
    wide_tail = [Entry(b"a.txt", b"hello" * 9, method=8, flags=8, local_crc=0, local_size=0, local_packed_size=0)]
    wide_tail[0].descriptor = struct.pack("<4sLQQ", b"PK\7\x08", wide_tail[0].crc, wide_tail[0].packed_size, wide_tail[0].size)
    add("good_descriptor_of_zip64", build(wide_tail))
    times = b"UT\x05\0\3\0\0\0\0" + b"ux\x0b\0\1\4\0\0\0\0\4\0\0\0\0"
    add("good_infozip", build([Entry(b"a.txt", b"a\n", extra=times[:9], local_extra=times, version=10)]))
    add("good_linux_names", build([Entry(b"x_tcp.h", b"a"), Entry(b"X_TCP.h", b"b")]))
    add("good_links", build([Entry(b"F/V/A/f", b"a"), Entry(b"F/V/C", b"A", attributes=0o120755 << 16),
                             Entry(b"F/f", b"V/C/f", attributes=0o120755 << 16)]))
    add("good_backslashes", build([Entry(b"dir\\a.txt", b"a")]))
    add("good_installer", build([Entry(b"a.txt", b"a")], prefix=b"MZ" + b"\x90" * 500))
    add("good_zipapp", build([Entry(b"__main__.py", b"print(1)\n")], prefix=b"#!/usr/bin/env python3\n", base=23))
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as t:
        info = tarfile.TarInfo("model_weights.ckpt")
        weights = build(torch())
        info.size = len(weights)
        t.addfile(info, io.BytesIO(weights))
    add("good_torch_in_tar", held.getvalue())
    inner = build([Entry(b"b.txt", b"b")])
    add("good_nested_last", build([Entry(b"a.txt", b"a"), Entry(b"inner.zip", inner)]))
    add("good_apk_block", build([Entry(b"a.txt", b"a")], gap=b"\x30\0\0\0\0\0\0\0" + b"x" * 32 + b"APK Sig Block 42"))
    add("good_span_mark", b"PK00" + build([Entry(b"a.txt", b"a")], base=-4))
    add("good_data_set", build([Entry(b"a/data.pkl", BENIGN), Entry(b"b/other.txt", b"x" * 20)]))
    script = [Entry(b"m/code/__torch__.py", b"class M(Module):\n  def forward(self, x):\n    return x\n"),
              Entry(b"m/constants.pkl", BENIGN)]
    add("good_torchscript", build(torch(folder=b"m/", more=script)))
    keras = [Entry(b"metadata.json", b"{}"), Entry(b"config.json", b'{"module": "keras"}'), Entry(b"model.weights.h5", NUMBERS)]
    add("good_keras", build(keras))
    add("good_skops", build([Entry(b"schema.json", b'{"__class__": "SVC"}'), Entry(b"1.npy", npy())]))
    package = [Entry(b"m/.data/extern_modules", b"torch\n"), Entry(b"m/.data/version", b"6\n"),
               Entry(b"m/net.py", b"import os\nclass Net:\n    def f(self): self.eval()\n"), Entry(b"m/models/a.pkl", BENIGN)]
    add("package", build(package))


def names():
    mal = lambda **f: torch(PAYLOAD4, **f)
    add("plain", build(mal()))
    add("local_name", build(mal(local_name=b"archive/datap.kl")))
    add("local_name_storage", build(torch(more=[Entry(b"archive/data/1", NUMBERS, local_name=b"archive/data/2")])))
    add("extra_pickle", build(torch(more=[Entry(b"archive/config.p", PAYLOAD)])))
    add("upper_case", build([Entry(b"archive/DATA.PKL", PAYLOAD4), Entry(b"archive/version", b"3\n")]))
    add("duplicate", build([Entry(b"archive/data.pkl", PAYLOAD4)] + torch()))
    add("duplicate_storage", build(torch(more=[Entry(b"archive/data/0", NUMBERS)])))
    add("case_twin", build(torch(more=[Entry(b"archive/Data.pkl", PAYLOAD)])))
    add("case_twin_storage", build(torch(more=[Entry(b"archive/DATA/0", NUMBERS)])))
    add("outside_folder", build(torch(more=[Entry(b"other/x.txt", b"xyz")])))
    add("backslash", build(torch(more=[Entry(b"archive\\data.pkl", PAYLOAD)])))
    add("name_nul", build([Entry(b"archive/data.pkl\0.png", PAYLOAD4), Entry(b"archive/version", b"3\n")]))
    add("dotdot", build([Entry(b"../../m.pkl", PAYLOAD4)]))
    add("absolute", build([Entry(b"/etc/cron.d/m", b"x")]))
    add("absolute_torch", build(torch(more=[Entry(b"/etc/cron.d/m", b"x")])))
    add("drive", build([Entry(b"C:\\m.bat", b"x")]))
    add("symlink", build(torch(more=[Entry(b"archive/data/1", b"/etc/passwd", attributes=0o120777 << 16)])))
    add("link_escapes", build([Entry(b"a/b", b"../../etc/passwd", attributes=0o120777 << 16)]))
    add("link_absolute", build([Entry(b"a", b"/etc/passwd", attributes=0o120777 << 16)]))
    other = b"archive/data.pkl"
    field = b"\x01" + struct.pack("<L", zlib.crc32(b"archive/readme.m")) + other
    add("unicode_name", build([Entry(b"archive/readme.m", PAYLOAD4, extra=struct.pack("<2H", 0x7075, len(field)) + field),
                               Entry(b"archive/version", b"3\n")]))
    add("npz_no_extension", build([Entry(b"a", npy("|O", PAYLOAD4))]))
    add("npz_among_pictures", build([Entry(b"%d.jpg" % i, b"\xff\xd8") for i in range(9)] + [Entry(b"a.jpg", npy("|O", PAYLOAD4))]))
    add("npz_duplicate", build([Entry(b"a.npy", npy()), Entry(b"a.npy", npy("|O", PAYLOAD4))]))
    add("keras_two_configs", build([Entry(b"config.json", b'{"a": "echo marker"}'), Entry(b"config.json", b"{}")]))
    add("npz_case", build([Entry(b"a.npy", npy()), Entry(b"A.npy", npy())]))


def fields():
    mal = lambda **f: build(torch(PAYLOAD4, **f))
    for flag in (0x1, 0x20, 0x40, 0x2000):
        add("flag_%x" % flag, mal(flags=flag))
    add("flag_central_only", mal(flags=1, local_flags=0))
    add("flag_and_crc", mal(flags=1, crc=1))
    add("flag_deflated", mal(flags=1, method=8))
    locked = os.urandom(0) + bytes((i * 89 + 7) % 256 for i in range(60))
    add("encrypted", build([Entry(b"a.jpg", b"x" * 48, packed=locked, flags=1), Entry(b"b.jpg", b"y" * 48, packed=locked, flags=1)]))
    add("encrypted_deflated", build([Entry(b"a.jpg", b"x" * 48, packed=locked, flags=1, method=8)]))
    add("encrypted_aes", build([Entry(b"a.jpg", b"x" * 48, packed=locked, flags=1, method=99)]))
    add("bad_crc", mal(crc=0xdeadbeef))
    add("crc_zero", mal(crc=0))
    add("version", mal(version=255))
    add("method_93", mal(method=93, packed=PAYLOAD4))
    add("method_93_central", mal(method=93, packed=PAYLOAD4, local_method=0))
    add("method_unknown", mal(method=77, packed=PAYLOAD4))
    add("local_method", mal(local_method=8))
    add("local_size", mal(local_size=0, local_packed_size=0))
    add("local_larger", build([Entry(b"archive/data.pkl", BENIGN, packed=BENIGN + PAYLOAD, packed_size=len(BENIGN),
                                     local_packed_size=len(BENIGN) + len(PAYLOAD)), Entry(b"archive/version", b"3\n")]))
    add("size_smaller", build([Entry(b"archive/data.pkl", BENIGN[:-1] + b"0" + PAYLOAD, method=8, size=6),
                               Entry(b"archive/version", b"3\n")]))
    add("stored_two_sizes", mal(packed_size=4, local_packed_size=4))
    add("zip64_missing", mal(size=0xFFFFFFFF))
    add("deflated", mal(method=8))
    add("impossible_ratio", mal(method=8, size=1 << 30))
    add("bomb", build([Entry(b"a.pkl", b"\x80\x02" + b"N0" * (6 << 20) + b"N.", method=8)]))
    add("descriptor_torch", build(miniz_torch(PAYLOAD4)))
    add("storage_pickle", build([Entry(b"archive/data.pkl", BENIGN), Entry(b"archive/data/0", PAYLOAD4), Entry(b"archive/version", b"3\n")]))
    add("not_a_pickle", build(torch(b"hello, this is no pickle")))
    add("constants", build(torch(PAYLOAD4, more=[Entry(b"archive/constants.pkl", BENIGN)])))
    add("script_saves", build(torch(more=[Entry(b"archive/constants.pkl", BENIGN),
        Entry(b"archive/code/__torch__.py", b"def forward(self, x):\n  torch.save(x, \"/tmp/marker\")\n")])))
    add("script_extra_python", build(torch(more=[Entry(b"archive/constants.pkl", BENIGN), Entry(b"archive/code/a.py", b"x = 1\n"),
        Entry(b"archive/extra/setup.py", b"import os\nos.system('echo marker')\n")])))
    add("package_runs", build([Entry(b"m/.data/extern_modules", b""), Entry(b"m/version", b"6\n"),
        Entry(b"m/net.py", b"import subprocess\nsubprocess.run(['echo', 'marker'])\n")]))
    add("word_across_blocks", build([Entry(b"m/.data/extern_modules", b""), Entry(b"m/version", b"6\n"),
        Entry(b"m/net.py", b"#" * (16 * 1024 - 5) + b"os.system('echo marker')\n")]))


def views():
    mal = lambda **f: torch(PAYLOAD4, **f)
    good = build(mal())
    add("end_appended", good + end(0, 0, 0))
    add("end_in_comment", build(mal(), comment=end(0, 0, 0)))
    decoy = build([Entry(b"a.txt", b"hello")])
    add("zip_behind_torch", good + decoy)
    add("torch_behind_zip", decoy + good)
    add("torch_behind_torch", build(torch()) + build(torch()))
    add("count", build(mal(), count=1))
    add("count_larger", build(mal(), count=9))
    add("size_short", build(mal(), size=60))
    add("prefix", build(mal(), prefix=b"hello world, I am a prefix"))
    add("prefix_pickle", build(mal(), prefix=b"\x80\x04B\0\1\0\0" + b"x" * 300))
    add("prefix_adjusted", build(mal(), prefix=b"hello world, I am a prefix", base=26))
    add("trailing", good + b"something behind")
    add("trailing_zeros", good + b"\0" * 512)
    add("no_end", good[: good.rindex(b"PK\5\6")])
    add("no_directory", good[: good.index(b"PK\1\2")])
    add("cut_in_member", good[:60])
    hidden = Entry(b"archive/hidden.pkl", PAYLOAD, listed=False)
    add("hidden_between", build(torch(more=[hidden, Entry(b"archive/x", b"x")])))
    add("hidden_first", build([Entry(b"archive/hidden.pkl", PAYLOAD, listed=False)] + torch()))
    add("hidden_last", build(torch(more=[Entry(b"archive/hidden.pkl", PAYLOAD, listed=False)])))
    streamed = Entry(b"archive/hidden.pkl", PAYLOAD4, listed=False, method=8, flags=8, local_crc=0, local_size=0, local_packed_size=0)
    add("hidden_streamed", build(torch(more=[streamed, Entry(b"archive/x", b"x")])))
    add("hidden_behind_junk", build(torch(more=[Entry(b"archive/hidden.pkl", PAYLOAD, listed=False, before=b"junk" * 2000)])))
    first = torch(PAYLOAD4)
    add("two_names_one_header", build(first + [Entry(b"archive/other", PAYLOAD4, at=0, written=False)]))
    quoted = Entry(b"archive/b", b"bbbb")
    inside = Entry(b"archive/data.pkl", quoted.local_header() + quoted.packed)
    inside_at = 30 + len(inside.name)
    add("quoted_overlap", build([inside, Entry(b"archive/b", b"bbbb", at=inside_at, written=False), Entry(b"archive/version", b"3\n")]))
    lie = lambda at, n, size, start: end64(at, 0, 0, at)
    add("zip64_empty", build(mal(), wide=lie))
    lost = lambda at, n, size, start: end64(at, n, size, start, told=5)
    add("zip64_locator_lost", build(mal(), wide=lost))
    add("zip64_record_lost", build(mal(), wide=lambda at, n, size, start: end64(at, n, size, start)[56:]))
    add("disks", build(mal())[:-22] + end(4, 0, 0, disk=2)[:12] + build(mal())[-10:])
    add("header_lost", build(torch(more=[Entry(b"archive/data/9", NUMBERS, at=3, written=False)])))
    corrupt = Entry(b"archive/a.pkl", b"x" * 90, method=8, packed=b"\xff" * 20)
    add("corrupt_first", build([corrupt] + mal()))
    add("nested_stored", build([Entry(b"model.pt", good)]))
    add("nested_deflated", build([Entry(b"model.pt", good, method=8)]))
    add("pickle_then_zip", PAYLOAD4 + decoy)
    add("proto0_no_extension", build([Entry(b"archive/payload", PAYLOAD), Entry(b"readme.txt", b"hi")]))
    add("mark_by_chance", build(torch(more=[Entry(b"archive/x", b"x", before=b"PK\3\4" * 700)])))


def main():
    out = sys.argv[1]
    honest_python()
    honest_others()
    names()
    fields()
    views()
    os.makedirs(out, exist_ok=True)
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 30
    for name, data in SAMPLES.items():
        if len(data) > most:
            continue
        with open(os.path.join(out, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
