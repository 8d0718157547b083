# SPDX-License-Identifier: Apache-2.0
"""make_numpy: arrays of every dtype and what else numpy pickles."""

import recorder

LETTERS = "?bhilqpBHILQPefdgFDGSUVOMm"


def arrays():
    """(name, array)"""
    import numpy as np
    for letter in LETTERS:
        dtype = {"S": "S3", "U": "U3", "V": "V5", "M": "M8[ns]",
                 "m": "m8[us]"}.get(letter, letter)
        name = f"{ord(letter):02x}"
        yield name, np.zeros(6, dtype).reshape(2, 3)
        yield name + "-order-f", np.asfortranarray(np.zeros((2, 3), dtype))
        yield name + "-big", np.zeros(3, np.dtype(dtype).newbyteorder(">"))
        yield name + "-scalar", np.zeros((), dtype)
        yield name + "-empty", np.zeros((0, 4), dtype)
    yield "strided", np.arange(20).reshape(4, 5)[::2, ::2]
    yield "structured", np.zeros(3, [("a", "<i4"), ("b", "S5"), ("c", "f8", (2, 2))])
    yield "nested", np.zeros(3, [("a", [("x", "u1"), ("y", ">f4")]), ("b", "O")])
    yield "aligned", np.zeros(2, np.dtype([("a", "u1"), ("b", "f8")], align=True))
    yield "titled", np.zeros(2, [(("title", "a"), "i4")])
    yield "records", np.rec.fromarrays([[1, 2], ["x", "y"]], names="n,s")
    yield "masked", np.ma.array([1.0, 2.0], mask=[0, 1], fill_value=7)
    yield "masked-records", np.ma.array([(1, 2.0)], dtype=[("a", int), ("b", float)])
    yield "matrix", np.matrix([[1, 2], [3, 4]])
    yield "characters", np.char.array(["ab", "c"])
    yield "objects", np.array([1, "two", [3], {"four": 5}, None, 6.0], dtype=object)
    yield "objects-nested", np.array([np.arange(3), np.array([None, "x"], object)],
                                     dtype=object)


def things():
    import datetime
    import decimal
    import fractions
    import numpy as np
    yield "dtypes", [np.dtype(c) for c in "?bBhHiIlLqQefdgFDGOSUVMm"]
    yield "scalars", [np.float32(1), np.int8(2), np.bool_(True), np.str_("s"),
                      np.bytes_(b"b"), np.complex64(1j), np.void(b"vv"),
                      np.datetime64("2020-01-01"), np.timedelta64(3, "D"),
                      np.longdouble(1)]
    yield "types", [np.float32, np.int8, np.ndarray, np.dtype, np.generic]
    yield "functions", [np.log1p, np.exp, np.add, np.multiply, np.sqrt, np.nan_to_num,
                        np.mean, np.median, np.percentile, np.concatenate, np.sum]
    yield "polynomials", [np.poly1d([1, 2])] + [
        getattr(np.polynomial, kind)([1, 2, 3]) for kind in (
            "Polynomial", "Chebyshev", "Legendre", "Hermite", "HermiteE", "Laguerre")]
    yield "random", [np.random.RandomState(1)] + [
        np.random.Generator(getattr(np.random, kind)(1))
        for kind in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")]
    yield "seeds", np.random.SeedSequence(5).spawn(2)
    yield "python", [datetime.datetime.now(datetime.timezone.utc), datetime.date(2020, 1, 2),
                     datetime.timedelta(3), datetime.time(4), decimal.Decimal("1.5"),
                     fractions.Fraction(1, 3), complex(1, 2), range(4), slice(1, 2),
                     bytearray(b"x"), {1, 2}, frozenset((3,)), Ellipsis, NotImplemented]


def write_npy(out):
    import numpy as np
    from numpy.lib import format as npy

    def read(path):
        return np.load(path, allow_pickle=True)

    several = {}
    for name, array in arrays():
        for version in ((1, 0), (2, 0), (3, 0)):
            def write(path, array=array, version=version):
                with open(path, "wb") as f:
                    npy.write_array(f, np.asanyarray(array), version)

            out.made(f"{name}-{version[0]}.npy", write, read)
        several[name] = array
    for save in (np.savez, np.savez_compressed):
        out.made(f"all-{save.__name__}.npz", lambda path: save(path, **several),
                 lambda path: dict(read(path)))


def make(out):
    write_npy(out)
    for name, array in arrays():
        out.pickled("array-" + name, array)
    for name, thing in things():
        out.pickled("thing-" + name, thing)


if __name__ == "__main__":
    recorder.run(make, "numpy")
