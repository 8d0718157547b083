#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pickle_corpus: seeds for tests/fuzz/fuzz_pickle_blocks.

    pickle_corpus.py DIR

One for each rule of the machine, and some that the oracle's maker draws.
Nothing is loaded here.
"""

import os
import pathlib
import pickle
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "oracle"))
import streams  # noqa: E402

FRAME = b"\x95"


def frame(size):
    return FRAME + struct.pack("<Q", size)


def long_text(text):
    return b"X" + struct.pack("<I", len(text)) + text


DTYPE = (b"cnumpy\ndtype\nX\2\0\0\0f4K\0K\1\x87R(K\3X\1\0\0\0<NNNJ\xff\xff\xff"
         b"\xffJ\xff\xff\xff\xffK\0tb")
WRAPPER = (b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\5\0\0\0shape"
           b"K\2\x85X\5\0\0\0dtype" + DTYPE +
           b"X\x1b\0\0\0numpy_array_alignment_bytesK\x10ub")
STORAGE = (b"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpu"
           b"K\2NtQ.")
LEGACY = (b"\x80\2\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\2M\xe9\3.\x80\2}."
          b"\x80\2" + STORAGE + b"\x80\2]X\1\0\0\0000a." +
          struct.pack("<q", 2) + bytes(8))
CODE = (b"ccloudpickle.cloudpickle\n_builtin_type\nVCodeType\n\x85R(K\1K\0K\0"
        b"K\1K\2K\3C\1a(NK\1t(Vprint\nt(Vx\ntVf\nVf\nK\1C\0))tR")

SEEDS = {
    "reduce": b"cos\nsystem\n(S'x'\ntR.",
    "inst": b"(S'x'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nS'x'\no.",
    "stack-global": b"\x80\4\x8c\2os\x94\x8c\6system\x94\x93\x94)R.",
    "text": b"I0x10\n0L5L\n0F1.5\n0S'\\x6fs'\n0V\\u006fs\n0P1\n0g0\n.",
    "cut": b"cos\nsystem",
    "frames": b"\x80\4" + frame(2) + b"N0" + frame(6) + b"csafe_mod\nname\n.",
    "frame-bytes": b"\x80\4" + frame(8) + b"C\x0aAAAAAABBBBca\nb\n.cc\nd\n.",
    "frame-nested": b"\x80\4" + frame(12) + frame(2) + b"N0N.",
    "stacked": b"N.N.\x80\2N.cos\nsystem\n.",
    "hidden": b"\x80\2N.\0\0\0\0cos\nsystem\n.",
    "bomb": b"\x80\4N" + b"2\x86" * 40 + b".",
    "marks": b"(" * 300 + b"N.",
    "memo": b"\x80\4N\x94q\7r\0\0\1\0p9\nh\7j\0\0\1\0g9\n0.",
    "build": b"\x80\2cm\nC\n)\x81N}Va\nNs\x86b.",
    "extension": b"ccopyreg\nadd_extension\n(VosVsystem\nK\1tR0\x82\1)R.",
    "partial": b"cfunctools\npartial\ncm\nf\n\x85R(cm\ng\n)}}tb)R.",
    "getattr": b"cbuiltins\ngetattr\n(cm\nC\nVf\ntR)R.",
    "encode": b"c_codecs\nencode\n" + long_text(b"\xc2\x80\2cm\nf\n.") +
              b"Vlatin1\n\x86R.",
    "nested": b"\x80\4C\x0ccos\nsystem\n..",
    "loads": b"cpickle\nloads\nC\5\x80\4N0.\x85R.",
    "marshal": b"cmarshal\nloads\nC\1N\x85R.",
    "code": b"\x80\4" + CODE + b".",
    "dill": b"cdill._dill\n_get_attr\n(cdill._dill\n_import_module\nVre\n\x85R"
            b"Vf\ntR.",
    "type": b"cbuiltins\ntype\n(VC\n)}V__del__\ncm\nf\nstR.",
    "joblib": b"\x80\3" + WRAPPER + b"\3\xff\xff\xff12345678.",
    "joblib-objects": b"\x80\3" + WRAPPER.replace(b"f4", b"O8").replace(
        b"K\0tb", b"K\x3ftb") + b"\x80\2N.N.",
    "joblib-file": b"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}"
                   b"X\x08\0\0\0filenameX\5\0\0\0a.npysb.",
    "torch-legacy": LEGACY,
    "buffers": b"\x80\5\x97\x98.",
    "honest0": pickle.dumps({"a": [1, 2.5, "b", (1,)]}, 0),
    "honest2": pickle.dumps({"a": [1, 2.5, "b", b"c", (1,)]}, 2),
    "honest4": pickle.dumps({"a": [1, 2.5, "b", b"c", {1}, (1,)]}, 4),
    "honest5": pickle.dumps({"a": [bytearray(b"x"), 1 << 80]}, 5),
}


def main():
    where = pathlib.Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (where / name).write_bytes(data)
    make = streams.Maker(7)
    for i in range(30):
        (where / ("made%02d" % i)).write_bytes(make.stream()[:2000])


if __name__ == "__main__":
    main()
