# SPDX-License-Identifier: Apache-2.0
"""make_joblib: every compressor, level and protocol of joblib.dump()."""

import recorder

COMPRESSORS = ("zlib", "gzip", "bz2", "xz", "lzma", "lz4")


def things():
    import numpy as np
    import make_numpy
    yield "nothing", None
    yield "words", {"a": [1, 2.5, "text", b"bytes", None], "b": ({3}, True)}
    for name, array in make_numpy.arrays():
        yield name, array
    many = dict(make_numpy.arrays())
    yield "many", many
    yield "shared", [many["strided"]] * 3
    yield "large", np.arange(300000.0)
    yield "mixed", [np.zeros(3), np.array([{"x": np.ones(2)}, None], object), "end"]


def make(out):
    import joblib
    for name, thing in things():
        for protocol in recorder.PROTOCOLS:
            out.made(f"{name}-{protocol}.joblib",
                     lambda path: joblib.dump(thing, path, protocol=protocol),
                     joblib.load)
        if name.endswith(("-empty", "-scalar", "-big", "-order-f")):
            continue
        for kind in COMPRESSORS:
            for level in (1, 9) if name in ("mixed", "words") else (3,):
                out.made(f"{name}-{kind}-{level}.joblib",
                         lambda path: joblib.dump(thing, path, compress=(kind, level)),
                         joblib.load)
    mixed = dict(things())["mixed"]
    for suffix in ("z", "gz", "bz2", "xz", "lzma"):
        for protocol in (0, 2, 5):
            out.made(f"by-name-{protocol}.joblib.{suffix}",
                     lambda path: joblib.dump(mixed, path, protocol=protocol), joblib.load)

    def to_file(path):
        with open(path, "wb") as f:
            joblib.dump(mixed, f)

    out.made("to-file.joblib", to_file, joblib.load)


if __name__ == "__main__":
    recorder.run(make, "numpy", "joblib")
